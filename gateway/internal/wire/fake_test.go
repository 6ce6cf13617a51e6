package wire

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A fake is the gateway's end of one connection. It answers session.open by itself; after that the test
// reads and writes every message, so each test is a script in lockstep with the client.
type fake struct {
	t  testing.TB
	ws *websocket.Conn
}

const (
	fakeWindow   = 1000
	fakeMaxFrame = 300
)

// dialFake starts a fake and a client on it.
func dialFake(t testing.TB, opt Options) (*Client, *fake) {
	t.Helper()
	f := &fake{t: t}
	opened, release := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { <-release }()
		defer close(opened) // from here on the connection is the test's
		up := websocket.Upgrader{Subprotocols: []string{Subprotocol}, CheckOrigin: func(*http.Request) bool { return true }}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		f.ws = ws
		_, b, err := ws.ReadMessage()
		if err != nil || !strings.Contains(string(b), `"method":"session.open"`) {
			t.Errorf("first message %q, error %v, want session.open", b, err)
			return
		}
		f.text(`{"jsonrpc":"2.0","id":1,"result":{"session":"s","window":1000,"maxFrame":300,"maxText":65536}}`)
	}))
	c, err := Dial(context.Background(), "ws"+strings.TrimPrefix(srv.URL, "http"), opt)
	if err != nil {
		t.Fatal(err)
	}
	<-opened
	t.Cleanup(func() {
		c.Abort()
		f.ws.Close()
		close(release)
		srv.Close()
	})
	return c, f
}

func (f *fake) text(s string) {
	f.t.Helper()
	if err := f.ws.WriteMessage(websocket.TextMessage, []byte(s)); err != nil {
		f.t.Error(err)
	}
}

func (f *fake) binary(b []byte) {
	f.t.Helper()
	if err := f.ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		f.t.Error(err)
	}
}

// wantText reads the next message and compares it.
func (f *fake) wantText(why, want string) {
	f.t.Helper()
	typ, b, err := f.ws.ReadMessage()
	if err != nil || typ != websocket.TextMessage || string(b) != want {
		f.t.Fatalf("%s: got type %d %q, error %v, want text %q", why, typ, b, err, want)
	}
}

// wantBinary reads the next message and compares it.
func (f *fake) wantBinary(why string, want []byte) {
	f.t.Helper()
	typ, b, err := f.ws.ReadMessage()
	if err != nil || typ != websocket.BinaryMessage || string(b) != string(want) {
		f.t.Fatalf("%s: got type %d %q, error %v, want binary %q", why, typ, b, err, want)
	}
}

// accepted announces stream id and gives the client's view of it.
func (f *fake) accepted(c *Client, id uint32) *Stream {
	f.t.Helper()
	b, err := json.Marshal(map[string]uint32{"socketId": 1, "clientSocketId": id})
	if err != nil {
		f.t.Fatal(err)
	}
	f.text(`{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":` + string(b) + `}`)
	a, err := c.Accept(f.t.Context())
	if err != nil || a.Server != 1 || a.Stream.ID() != id {
		f.t.Fatalf("accepted %+v, error %v, want stream %d of server 1", a, err, id)
	}
	return a.Stream
}

// close ends the connection with a close frame.
func (f *fake) close(code int, reason string) {
	f.t.Helper()
	msg := websocket.FormatCloseMessage(code, reason)
	if err := f.ws.WriteControl(websocket.CloseMessage, msg, time.Now().Add(time.Minute)); err != nil {
		f.t.Error(err)
	}
}
