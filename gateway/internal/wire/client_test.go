package wire

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestCall(t *testing.T) {
	c, f := dialFake(t, Options{})
	if s := c.Session(); s.Session != "s" || s.Window != fakeWindow || s.MaxFrame != fakeMaxFrame {
		t.Errorf("session %+v, want s with window %d and maxFrame %d", s, fakeWindow, fakeMaxFrame)
	}
	// Two calls are on their way before either is answered; the answers come in the other order.
	first := make(chan error, 1)
	second := make(chan string, 1)
	must(t, c.Go("tcp.getSockets", nil, func(_ json.RawMessage, err error) { first <- err }))
	must(t, c.Go("session.ping", map[string]int{"a": 1}, func(r json.RawMessage, _ error) { second <- string(r) }))
	f.wantText("a call without params", `{"jsonrpc":"2.0","id":2,"method":"tcp.getSockets"}`)
	f.wantText("a call with params", `{"jsonrpc":"2.0","id":3,"method":"session.ping","params":{"a":1}}`)
	f.text(`{"jsonrpc":"2.0","id":3,"result":[7]}`)
	f.text(`{"jsonrpc":"2.0","id":2,"error":{"code":-32001,"message":"Socket not found"}}`)
	if got := <-second; got != "[7]" {
		t.Errorf("second answer %s, want [7]", got)
	}
	e, ok := errors.AsType[*Error](<-first)
	if !ok || e.Code != -32001 || e.Message != "Socket not found" {
		t.Errorf("first answer %v, want -32001 Socket not found", e)
	}
	must(t, c.Notify("session.ping", nil))
	f.wantText("a notification has no id", `{"jsonrpc":"2.0","method":"session.ping"}`)
}

func TestCallEndsWithContext(t *testing.T) {
	c, f := dialFake(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Call(ctx, "session.ping", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
	f.wantText("the call is sent all the same", `{"jsonrpc":"2.0","id":2,"method":"session.ping"}`)
	f.text(`{"jsonrpc":"2.0","id":2,"result":null}`) // its late answer is no violation
	f.accepted(c, 1)
}

func TestCloseCodeEndsEverything(t *testing.T) {
	c, f := dialFake(t, Options{})
	s := f.accepted(c, 1)
	answers := make(chan error, 1)
	must(t, c.Go("session.ping", nil, func(_ json.RawMessage, err error) { answers <- err }))
	reads := make(chan error, 1)
	go func() {
		_, err := s.Read(make([]byte, 1))
		reads <- err
	}()
	f.close(4408, "slow")
	for what, err := range map[string]error{"call": <-answers, "read": <-reads} {
		if code, reason, ok := CloseCode(err); !ok || code != 4408 || reason != "slow" {
			t.Errorf("%s ended with %v, want 4408 slow", what, err)
		}
	}
	<-c.Done()
	if err := c.Go("session.ping", nil, nil); err == nil {
		t.Error("a call after the end was taken")
	}
	if _, err := c.Accept(t.Context()); err == nil {
		t.Error("Accept after the end gave no error")
	}
}

func TestCloseShakesHands(t *testing.T) {
	c, f := dialFake(t, Options{})
	must(t, c.Notify("session.ping", nil))
	closed := make(chan error, 1)
	go func() { closed <- c.Close() }()
	f.wantText("what was sent goes first", `{"jsonrpc":"2.0","method":"session.ping"}`)
	_, _, err := f.ws.ReadMessage() // gorilla answers the close frame
	if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("gateway saw %v, want close 1000", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestViolations(t *testing.T) {
	for _, tt := range []struct {
		name   string
		breach func(f *fake)
		want   string
	}{
		{"reply to no call", func(f *fake) { f.text(`{"jsonrpc":"2.0","id":99,"result":1}`) }, "reply to no call"},
		{"no JSON", func(f *fake) { f.text(`{`) }, "text message"},
		{"unknown stream", func(f *fake) { f.binary(AppendRecord(nil, TypeData, 2, []byte("a"))) }, "not connected"},
		{"limit of unknown stream", func(f *fake) { f.binary(AppendLimit(nil, 2, 1)) }, "not connected"},
		{"id given twice", func(f *fake) {
			f.text(`{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":{"socketId":1,"clientSocketId":1}}`)
		}, "in use"},
		{"over the limit", func(f *fake) { f.binary(AppendRecord(nil, TypeData, 1, make([]byte, fakeWindow+1))) }, "pass the limit"},
		{"acknowledging the unsent", func(f *fake) { f.binary(AppendLimit(nil, 1, fakeWindow+1)) }, "acknowledges"},
		{"data after end", func(f *fake) { f.binary(AppendRecord(AppendEnd(nil, 1, -100), TypeData, 1, []byte("a"))) }, "DATA after END"},
		{"two ends", func(f *fake) { f.binary(AppendEnd(AppendEnd(nil, 1, -100), 1, -100)) }, "second END"},
		{"empty message", func(f *fake) { f.binary(nil) }, "empty binary"},
		{"cut record", func(f *fake) { f.binary([]byte{0, 0, 0, 1}) }, "cut off"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, f := dialFake(t, Options{})
			f.accepted(c, 1)
			tt.breach(f)
			<-c.Done()
			v, ok := errors.AsType[*ViolationError](c.Err())
			if !ok || !strings.Contains(v.Detail, tt.want) {
				t.Errorf("client ended with %v, want a violation with %q", c.Err(), tt.want)
			}
		})
	}
}

func TestRefusedHandshake(t *testing.T) {
	var got http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		http.Error(w, "origin not allowed", http.StatusForbidden)
	}))
	defer srv.Close()
	_, err := DialRaw(t.Context(), "ws"+strings.TrimPrefix(srv.URL, "http"), Options{Origin: "http://evil.example"})
	e, ok := errors.AsType[*HandshakeError](err)
	if !ok || e.Status != 403 || e.Body != "origin not allowed" {
		t.Errorf("error %v, want 403 origin not allowed", err)
	}
	if got.Get("Origin") != "http://evil.example" || got.Get("Sec-WebSocket-Protocol") != Subprotocol {
		t.Errorf("handshake had Origin %q and subprotocol %q", got.Get("Origin"), got.Get("Sec-WebSocket-Protocol"))
	}
}

func TestRaw(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{Subprotocols: []string{Subprotocol}}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			typ, b, err := ws.ReadMessage()
			if err != nil {
				return
			}
			_ = ws.WriteMessage(typ, b)
		}
	}))
	defer srv.Close()
	r, err := DialRaw(t.Context(), "ws"+strings.TrimPrefix(srv.URL, "http"), Options{Origin: srv.URL})
	must(t, err)
	defer r.Close()
	must(t, r.SendText("{"))
	must(t, r.SendBinary([]byte{9}))
	must(t, r.SendClose(4000, "bye"))
	if m, err := r.Next(t.Context()); err != nil || m.Binary || string(m.Data) != "{" {
		t.Errorf("got %+v, %v, want the text back", m, err)
	}
	if m, err := r.Next(t.Context()); err != nil || !m.Binary || string(m.Data) != "\x09" {
		t.Errorf("got %+v, %v, want the binary back", m, err)
	}
	for range 2 { // the end is told again, not read again
		_, err := r.Next(t.Context())
		if code, _, _ := CloseCode(err); code != 4000 {
			t.Errorf("ended with %v, want the code back", err)
		}
	}
}

func TestRawNextEndsWithContext(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{Subprotocols: []string{Subprotocol}}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		_, _, _ = ws.ReadMessage()
	}))
	defer srv.Close()
	r, err := DialRaw(t.Context(), "ws"+strings.TrimPrefix(srv.URL, "http"), Options{Origin: srv.URL})
	must(t, err)
	defer r.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
