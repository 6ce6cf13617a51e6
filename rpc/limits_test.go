package rpc

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
)

func newMethodsConn(t testing.TB, limits Limits) (*testConn, *testMethods) {
	x := &testMethods{waiting: map[string]func(success, func(), error){}}
	x.conn = newTestConn(t, closedSession{}, x.table(), limits)
	return x.conn, x
}

const (
	parseError = `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`
	pong       = `{"jsonrpc":"2.0","id":"alive","result":null}`
	ping       = `{"jsonrpc":"2.0","id":"alive","method":"echo"}`
)

func TestTextTooLong(t *testing.T) {
	c, _ := newMethodsConn(t, Limits{})
	c.sendText(testText{err: fmt.Errorf("read: %w", ErrTextTooLong)})
	c.want("a skipped message is answered",
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request: message too long"}}`)
	c.send(ping)
	c.want("the connection goes on", pong)
}

func TestDeepNesting(t *testing.T) {
	c, _ := newMethodsConn(t, Limits{})
	const most = 64 << 10
	for _, bomb := range []string{
		strings.Repeat("[", most),
		strings.Repeat("[", most/2) + strings.Repeat("]", most/2),
		strings.Repeat(`{"a":`, most/5),
	} {
		c.send(bomb)
		c.want("nested too deeply", parseError)
	}
	// encoding/json takes 10,000 levels; what it takes is answered.
	deep := strings.Repeat("[", 9_998) + strings.Repeat("]", 9_998)
	for _, field := range []string{"params", "id", "method", "other"} {
		c.send(`{"jsonrpc":"2.0","id":"deep","` + field + `":` + deep + `}`)
		got := c.take()
		if len(got) != 1 || !strings.HasPrefix(got[0], `{"jsonrpc":"2.0","id":`) {
			t.Errorf("deep %s: got %.200q, want one reply", field, got)
		}
	}
	c.send(ping)
	c.want("the connection goes on", pong)
}

func TestMaxCalls(t *testing.T) {
	c, x := newMethodsConn(t, Limits{MaxCalls: 2})
	wait := func(name string) {
		c.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"method":"wait","params":[%q]}`, name, name))
	}
	refused := func(name string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"error":{"code":-32005,"message":"Limit reached: 2 calls waiting for an answer"}}`, name)
	}
	finished := func(name string) []string {
		return []string{
			fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"result":0}`, name),
			fmt.Sprintf(`{"jsonrpc":"2.0","method":"finished","params":%q}`, name),
		}
	}
	wait("a")
	wait("b")
	c.want("two calls may wait")
	wait("c")
	c.want("a third may not", refused("c"))
	c.send(`{"jsonrpc":"2.0","method":"wait","params":["d"]}`)
	c.want("nor a notification, which nobody hears of")
	c.send(ping)
	c.want("other calls do not count", pong)
	x.finish("a", nil)
	c.want("one is answered", finished("a")...)
	c.send(`{"jsonrpc":"2.0","method":"wait","params":["e"]}`)
	c.want("a notification counts")
	wait("f")
	c.want("so there is no room again", refused("f"))
	x.finish("e", nil)
	c.want("the notification ends", finished("e")[1])
	wait("g")
	c.want("there is room")
	// A call whose parameters are wrong must give its place back.
	x.finish("g", nil)
	c.want("answered", finished("g")...)
	for range 3 {
		c.send(`{"jsonrpc":"2.0","id":1,"method":"wait"}`)
		c.want("wrong parameters do not count",
			`{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params: name is required"}}`)
	}
}

func TestMaxHeld(t *testing.T) {
	c, x := newMethodsConn(t, Limits{MaxHeld: 200})
	long := `["` + strings.Repeat("x", 100) + `"]`
	result := `{"jsonrpc":"2.0","id":1,"result":` + long + `}`
	c.send(`[{"jsonrpc":"2.0","id":1,"method":"echo","params":` + long + `},{"jsonrpc":"2.0","id":0,"method":"wait","params":["a"]}]`)
	c.want("a reply is kept until the array is complete")
	c.send(`[{"jsonrpc":"2.0","id":2,"method":"echo","params":` + long + `},{"jsonrpc":"2.0","id":3,"method":"start","params":["s"]}]`)
	c.want("another would be too much; its hook runs all the same",
		`[{"jsonrpc":"2.0","id":2,"error":{"code":-32005,"message":"Limit reached: 200 bytes of answers in batches"}},`+
			`{"jsonrpc":"2.0","id":3,"result":null}]`,
		`{"jsonrpc":"2.0","method":"started","params":"s"}`)
	c.send(`{"jsonrpc":"2.0","id":1,"method":"echo","params":` + long + `}`)
	c.want("outside a batch nothing is kept", result)
	x.finish("a", nil)
	c.want("the array", `[`+result+`,{"jsonrpc":"2.0","id":0,"result":0}]`,
		`{"jsonrpc":"2.0","method":"finished","params":"a"}`)
	c.send(`[{"jsonrpc":"2.0","id":1,"method":"echo","params":` + long + `}]`)
	c.want("there is room again", `[`+result+`]`)
}

// A call may be finished, and an event may come, after the connection has ended.
func TestAfterTheEnd(t *testing.T) {
	var log bytes.Buffer
	x := &testMethods{waiting: map[string]func(success, func(), error){}}
	x.conn = newLoggedConn(t, closedSession{}, x.table(), Limits{}, slog.NewTextHandler(&log, nil))
	c := x.conn
	c.send(`{"jsonrpc":"2.0","id":1,"method":"wait","params":["a"]}`)
	c.send(`[{"jsonrpc":"2.0","id":1,"method":"wait","params":["b"]}]`)
	c.texts <- testText{err: io.ErrUnexpectedEOF}
	<-c.conn.Done()
	<-c.conn.lib.DisconnectNotify()
	x.finish("a", nil)
	x.finish("b", errTest)
	c.conn.OnAccept(1, 2)
	c.conn.OnAcceptError(1, -13)
	c.want("nobody is there")
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "secret detail") {
		t.Errorf("got log %q, want the fault of b only", text)
	}
}

func TestFaultsAreLogged(t *testing.T) {
	for method, want := range map[string][]string{
		"panic":      {"panic in a call", "method=panic", "secret detail", "methods_test.go"},
		"panicLater": {"panic in a call", "method=panicLater", "secret detail", "methods_test.go"},
		"fail":       {"call failed", "method=fail", "secret detail"},
		"channel":    {"call failed", "method=channel", "unsupported type"},
	} {
		for _, id := range []string{`"id":1,`, ``} {
			if method == "channel" && id == "" {
				continue // nobody marshals the result of a notification
			}
			var log bytes.Buffer
			x := &testMethods{}
			x.conn = newLoggedConn(t, closedSession{}, x.table(), Limits{}, slog.NewTextHandler(&log, nil))
			x.conn.send(`{"jsonrpc":"2.0",` + id + `"method":"` + method + `"}`)
			x.conn.close()
			for _, part := range want {
				if !strings.Contains(log.String(), part) {
					t.Errorf("%s %s: got log %.300q, want %q in it", method, id, log.String(), part)
				}
			}
			if lines := strings.Count(log.String(), "\n"); lines != 1 {
				t.Errorf("%s: got %d log lines, want one: %s", method, lines, log.String())
			}
			if strings.Contains(strings.Join(x.conn.take(), ""), "secret") {
				t.Errorf("%s: the page was shown detail", method)
			}
		}
	}
}
