package rpc

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// openSession is a Session with real sockets, whose events go to a connection.
type openSession struct {
	conn      *testConn // set before the first call
	namespace *sockets.Namespace
	opened    bool
	params    OpenParams
}

func newSocketsConn(t *testing.T) (*testConn, *openSession) {
	s := &openSession{}
	s.namespace = sockets.NewNamespace(sockets.Config{Events: s, MaxSockets: 4})
	c := &testConn{t: t, texts: make(chan testText), idle: make(chan struct{})}
	s.conn = c
	c.conn = NewConn(c, c, s, slog.New(slog.DiscardHandler), Limits{})
	c.conn.Start()
	<-c.idle
	t.Cleanup(func() {
		c.texts <- testText{err: io.EOF}
		<-c.conn.Done()
		s.namespace.Close(context.Background())
	})
	return c, s
}

func (s *openSession) Open(p OpenParams, done func(OpenResult, func(), error)) {
	if s.opened {
		done(OpenResult{}, nil, ErrSessionAlreadyOpen)
		return
	}
	s.opened, s.params = true, p
	done(OpenResult{Session: "s", Window: 1, MaxFrame: 2, MaxText: 3, MaxBatch: 4, MaxCalls: 5, MaxSockets: 6}, nil, nil)
}

func (s *openSession) Ask(p AskParams, done func(AskResult, func(), error)) {
	switch {
	case s.opened:
		done(AskResult{}, nil, ErrSessionAlreadyOpen)
	case p.Name == "muted":
		done(AskResult{}, nil, ErrMuted)
	default:
		s.conn.conn.PermissionPending("CODE", string(p.Sockets), 2*time.Minute)
		done(AskResult{Credential: "c", Expires: 7}, nil, nil)
	}
}

func (s *openSession) Close() (after func(), err error) {
	return func() { s.conn.Text([]byte("closed")) }, nil
}

func (s *openSession) Namespace() (*sockets.Namespace, error) {
	if !s.opened {
		return nil, ErrSessionNotOpen
	}
	return s.namespace, nil
}

func (s *openSession) Accepted(server, stream uint32) { s.conn.conn.OnAccept(server, stream) }
func (s *openSession) AcceptFailed(server uint32, result sockets.Result) {
	s.conn.conn.OnAcceptError(server, int32(result))
}
func (s *openSession) Ready(*sockets.Stream)            {}
func (s *openSession) Flush(bool)                       {}
func (s *openSession) Acknowledged(uint64) bool         { return true }
func (s *openSession) WaitForRoom(<-chan struct{}) bool { return true }

// call sends a request and checks the answer that comes at once. Ports in it are written as PORT.
func (c *testConn) call(method, params, want string) {
	c.t.Helper()
	c.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, method, params))
	got := hidePorts(c.next(method + params))
	if want = `{"jsonrpc":"2.0","id":1,` + want + `}`; got != want {
		c.t.Errorf("%s%s:\n got %s\nwant %s", method, params, got, want)
	}
}

var portMember = regexp.MustCompile(`Port":(\d+)`)

func hidePorts(text string) string { return portMember.ReplaceAllString(text, `Port":PORT`) }

const (
	notFound    = `"error":{"code":-32001,"message":"Socket not found"}`
	answersNull = `"result":null`
	answersZero = `"result":0`
)

// TestSockets walks through every method with sockets of the kernel.
func TestSockets(t *testing.T) {
	c, s := newSocketsConn(t)
	c.call("tcp.getSockets", `[]`, `"error":{"code":-32003,"message":"Session not open"}`)
	c.call("permission.request", `{"name":"x"}`, `"error":{"code":-32602,"message":"Invalid params: sockets is required"}`)
	c.call("permission.request", `{"name":"muted","sockets":5}`, `"error":{"code":-32011,"message":"Permission denied","data":{"reason":"muted"}}`)
	c.send(`{"jsonrpc":"2.0","id":1,"method":"permission.request","params":{"name":"x","sockets":{"tcp": {}}}}`)
	c.want("asked", `{"jsonrpc":"2.0","method":"permission.pending","params":{"code":"CODE","url":"{\"tcp\": {}}","expiresIn":120}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"credential":"c","expires":7}}`)
	c.call("session.open", `{"maxFrame":4096}`,
		`"result":{"session":"s","window":1,"maxFrame":2,"maxText":3,"maxBatch":4,"maxCalls":5,"maxSockets":6}`)
	if s.params.MaxFrame == nil || *s.params.MaxFrame != 4096 {
		t.Errorf("session.open: got %+v, want maxFrame 4096", s.params)
	}
	c.call("session.open", `{}`, `"error":{"code":-32004,"message":"Session already open"}`)
	c.call("session.ping", `{}`, answersNull)

	c.call("tcpServer.getSockets", `{}`, `"result":[]`)
	c.call("tcpServer.create", `[]`, `"result":{"socketId":1}`)
	c.call("tcpServer.create", `[{"name":"web","persistent":true}]`, `"result":{"socketId":2}`)
	c.call("tcpServer.getInfo", `[2]`, `"result":{"name":"web","paused":false,"persistent":true,"socketId":2}`)
	c.call("tcpServer.update", `[2,{"persistent":false}]`, answersNull)
	c.call("tcpServer.setPaused", `[2,true]`, answersNull)
	c.call("tcpServer.getInfo", `[2]`, `"result":{"name":"web","paused":true,"persistent":false,"socketId":2}`)
	c.call("tcpServer.getInfo", `[3]`, notFound)
	c.call("tcpServer.getInfo", `[-1]`, notFound)
	c.call("tcpServer.close", `[2]`, answersNull)
	c.call("tcpServer.close", `[2]`, notFound)
	c.call("tcpServer.listen", `[1,"127.0.0.1",-1]`, `"error":{"code":-4,"message":"net::ERR_INVALID_ARGUMENT"}`)
	c.call("tcpServer.listen", `[1,"127.0.0.1",0,5]`, answersZero)
	c.call("tcpServer.getSockets", `{}`,
		`"result":[{"localAddress":"127.0.0.1","localPort":PORT,"paused":false,"persistent":false,"socketId":1}]`)
	c.send(`{"jsonrpc":"2.0","id":1,"method":"tcpServer.getInfo","params":[1]}`)
	port := portMember.FindStringSubmatch(c.next("port"))[1]

	c.call("tcp.create", `[{"name":"c","bufferSize":100,"allowHalfOpen":true}]`, `"result":{"socketId":1}`)
	c.call("tcp.update", `[1,{"name":"","bufferSize":0}]`, answersNull)
	c.call("tcp.getInfo", `[1]`, `"result":{"allowHalfOpen":true,"connected":false,"paused":false,"persistent":false,"socketId":1}`)
	c.call("tcp.setNoDelay", `[1,true]`, `"error":{"code":-2,"message":"net::ERR_FAILED"}`)
	c.send(`{"jsonrpc":"2.0","id":"c","method":"tcp.connect","params":[1,"127.0.0.1",` + port + `]}`)
	// Either end of the connection may be first.
	got := map[string]bool{c.next("connect"): true, c.next("accept"): true}
	for _, want := range []string{
		`{"jsonrpc":"2.0","id":"c","result":0}`,
		`{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":{"clientSocketId":2,"socketId":1}}`,
	} {
		if !got[want] {
			t.Errorf("connect: got %v, want %s", got, want)
		}
	}
	c.call("tcp.getInfo", `[2]`, `"result":{"connected":true,"localAddress":"127.0.0.1","localPort":PORT,"paused":true,`+
		`"peerAddress":"127.0.0.1","peerPort":PORT,"persistent":false,"socketId":2}`)
	c.call("tcp.setPaused", `[2,false]`, answersNull)
	c.call("tcp.setKeepAlive", `[2,true,60]`, answersZero)
	c.call("tcp.setNoDelay", `[2,true]`, answersZero)
	c.call("tcp.create", `[]`, `"result":{"socketId":3}`)
	c.call("tcp.create", `[]`, `"error":{"code":-32005,"message":"Limit reached: 4 sockets in a session"}`)
	c.call("tcp.connect", `[3,"192.0.2.1",80]`, `"error":{"code":-32002,"message":"Does not have permission"}`)
	c.call("tcp.connect", `[9,"127.0.0.1",80]`, notFound)
	c.call("tcp.disconnect", `[1,0]`, answersNull)
	c.call("tcp.close", `{"socketId":2,"finalOffset":0}`, answersNull)
	c.call("tcp.close", `[2]`, notFound)
	c.call("tcpServer.disconnect", `[1]`, answersNull)
	c.call("tcpServer.getInfo", `[1]`, `"result":{"paused":false,"persistent":false,"socketId":1}`)
	c.call("session.close", `[]`, answersNull)
	c.wantNext("the connection is closed after the answer", "closed")
}

// A page may send everything it wants to begin with at once, and all but session.open in one message.
func TestBatchOfSockets(t *testing.T) {
	c, _ := newSocketsConn(t)
	c.send(`[{"jsonrpc":"2.0","id":0,"method":"session.open"}]`)
	c.wantNext("session.open in a batch",
		`[{"jsonrpc":"2.0","id":0,"error":{"code":-32600,"message":"Invalid Request: not in a batch"}}]`)
	c.send(`{"jsonrpc":"2.0","method":"session.open"}`)
	c.send(`[{"jsonrpc":"2.0","id":1,"method":"tcpServer.create"},` +
		`{"jsonrpc":"2.0","id":2,"method":"tcpServer.listen","params":[1,"127.0.0.1",0]},` +
		`{"jsonrpc":"2.0","id":3,"method":"tcp.create"},` +
		`{"jsonrpc":"2.0","id":4,"method":"tcp.connect","params":[1,"127.0.0.1",9]},` +
		`{"jsonrpc":"2.0","id":5,"method":"tcpServer.getInfo","params":[1]}]`)
	batch := hidePorts(c.next("batch"))
	want := `[{"jsonrpc":"2.0","id":1,"result":{"socketId":1}},` +
		`{"jsonrpc":"2.0","id":2,"result":0},` +
		`{"jsonrpc":"2.0","id":3,"result":{"socketId":1}},` +
		`{"jsonrpc":"2.0","id":4,"error":{"code":-102,"message":"net::ERR_CONNECTION_REFUSED"}},` +
		`{"jsonrpc":"2.0","id":5,"result":{"localAddress":"127.0.0.1","localPort":PORT,"paused":false,"persistent":false,"socketId":1}}]`
	if batch != want {
		t.Errorf("batch:\n got %s\nwant %s", batch, want)
	}
}
