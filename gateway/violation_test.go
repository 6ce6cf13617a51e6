package gateway_test

import (
	"strings"
	"testing"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// TestBrokenProtocol: what breaks the protocol closes the connection with a code that says why.
func TestBrokenProtocol(t *testing.T) {
	data := wire.AppendRecord(nil, 0, 1, []byte("x"))
	tests := []struct {
		name    string
		message []byte
		code    int
		reason  string
	}{
		{"unknown type", append([]byte{9}, data[1:]...), protocolError, "bad-record"},
		{"STOP from the page", wire.AppendStop(nil, 1, -2), protocolError, "bad-record"},
		{"empty DATA", wire.AppendRecord(nil, 0, 1, nil), protocolError, "bad-record"},
		{"LIMIT of 4 bytes", wire.AppendRecord(nil, 1, 1, make([]byte, 4)), protocolError, "bad-record"},
		{"END of 8 bytes", wire.AppendRecord(nil, 2, 1, make([]byte, 8)), protocolError, "bad-record"},
		{"half a header", data[:5], protocolError, "bad-record"},
		{"half a small payload", wire.AppendHeader(nil, 0, 1, 100), protocolError, "bad-record"},
		{"half a large payload", append(wire.AppendHeader(nil, 0, 1, 100_000), make([]byte, 50_000)...), protocolError, "bad-record"},
		{"half a LIMIT", wire.AppendLimit(nil, 1, 1)[:12], protocolError, "bad-record"},
		{"good, then half a header", append(data[:len(data):len(data)], 0, 0), protocolError, "bad-record"},
		{"id that was never given out", wire.AppendRecord(nil, 0, 2, []byte("x")), protocolError, "unknown-socket"},
		{"id 0", wire.AppendLimit(nil, 0, 1), protocolError, "unknown-socket"},
		{"message too long", wire.AppendRecord(nil, 0, 1, make([]byte, 256<<10)), tooBig, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, gateway.Config{})
			raw := h.raw()
			raw.send(`{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
			raw.acceptOne()
			raw.binary(test.message)
			raw.wantClose(test.name, test.code, test.reason)
		})
	}
}

func TestBytesBeyondTheLimit(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	raw.send(`{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
	peer := raw.acceptOne()
	_ = peer // it does not read
	for range 200 {
		raw.data(1, make([]byte, 128<<10)) // no LIMIT is waited for
	}
	raw.wantClose("25 MiB without credit", protocolError, "over-limit")
}

func TestBinaryBeforeSession(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	raw.binary(wire.AppendRecord(nil, 0, 1, []byte("x")))
	raw.wantClose("a record without a session", protocolError, "session-not-open")
}

func TestTextThatIsNotUTF8(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	raw.send("{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"session.open\"}")
	raw.wantClose("a byte that is not UTF-8", invalidUTF8, "invalid-utf8")
}

// TestTextTooLong: up to the length of a frame it is answered, and the connection stays open.
func TestTextTooLong(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	raw.send(`{"jsonrpc":"2.0","id":0,"method":"session.open"}`)
	raw.send(`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", 64<<10) + `"}`)
	raw.wantText("answered", `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request: message too long"}}`)
	raw.send(`{"jsonrpc":"2.0","id":2,"method":"session.ping"}`)
	raw.wantText("and goes on", `{"jsonrpc":"2.0","id":2,"result":null}`)
	raw.send(strings.Repeat(" ", 256<<10+1))
	raw.wantClose("beyond a frame", tooBig, "")
}

// TestLobbyTakesShortMessages: a page without a session has little to say.
func TestLobbyTakesShortMessages(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	raw.send(strings.Repeat(" ", 4<<10))
	raw.send(strings.Repeat(" ", 4<<10+1))
	raw.wantClose("beyond a message of the lobby", tooBig, "")
}

// TestFaultsOfOneSessionStayThere: a session that breaks the protocol takes nothing from another.
func TestFaultsOfOneSessionStayThere(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	stream, peer := h.pair(page, address)
	raw := h.raw()
	raw.binary([]byte{1})
	raw.wantClose("another page", protocolError, "session-not-open")
	h.write(peer, []byte("still here"))
	h.wantRead("the good page", stream, "still here")

	other := h.page(wire.Options{})
	for _, method := range []string{"tcp.getInfo", "tcp.close", "tcp.disconnect", "tcpServer.getInfo", "tcpServer.close"} {
		h.wantError("an id of another session: "+method, h.call(other, method, []any{1}), -32001)
	}
}
