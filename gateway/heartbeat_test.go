package gateway_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// pipeListener is a gateway's port without a network, so that a test can move time.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

var pipeAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7717}

// pipeConn says that it has the gateway's address.
type pipeConn struct{ net.Conn }

func (pipeConn) LocalAddr() net.Addr { return pipeAddr }

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return pipeConn{conn}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr }

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	page, gateway := net.Pipe()
	l.conns <- gateway
	return page, nil
}

// inBubble runs test with a gateway that listens on a pipe, in virtual time.
func inBubble(t *testing.T, config gateway.Config, test func(t *testing.T, ln *pipeListener)) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		server := gateway.New(withEveryone(t, config))
		served := make(chan error, 1)
		go func() { served <- server.Serve(ln) }()
		test(t, ln)
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// TestPageThatVanishedIsDropped: a page that answers no ping is dropped when nothing has been heard of
// it for 50 s.
func TestPageThatVanishedIsDropped(t *testing.T) {
	inBubble(t, gateway.Config{OpenTimeout: time.Hour}, func(t *testing.T, ln *pipeListener) {
		conn, _ := ln.dial(t.Context(), "", "")
		defer conn.Close()
		handshake := strings.NewReplacer("HOST", "127.0.0.1:7717", "\n", "\r\n").
			Replace(upgrade("Host: HOST\n", "Origin: http://localhost\n"))
		if _, err := conn.Write([]byte(handshake)); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(conn)
		response, err := http.ReadResponse(r, nil)
		if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("handshake: %v, %v", response, err)
		}
		opened := time.Now()
		pings, err := io.Copy(io.Discard, r)
		if err != nil {
			t.Fatal(err)
		}
		if silence := time.Since(opened); silence != gateway.DefaultPeerTimeout {
			t.Errorf("dropped after %v, want %v", silence, gateway.DefaultPeerTimeout)
		}
		if pings == 0 {
			t.Error("no ping came in the meantime")
		}
	})
}

// TestPageThatAnswersPingsStays: a page that says nothing else for an hour is alive.
func TestPageThatAnswersPingsStays(t *testing.T) {
	inBubble(t, gateway.Config{}, func(t *testing.T, ln *pipeListener) {
		page, err := wire.Dial(t.Context(), "ws://127.0.0.1:7717/v1/ws", wire.Options{NetDial: ln.dial})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := page.Call(t.Context(), "session.ping", nil, nil); err != nil {
			t.Errorf("after an hour: %v", err)
		}
		_ = page.Close()
	})
}

// TestPageWithoutSessionIsClosed in virtual time: exactly at the limit.
func TestPageWithoutSessionIsClosed(t *testing.T) {
	inBubble(t, gateway.Config{}, func(t *testing.T, ln *pipeListener) {
		raw, err := wire.DialRaw(t.Context(), "ws://127.0.0.1:7717/v1/ws", wire.Options{NetDial: ln.dial})
		if err != nil {
			t.Fatal(err)
		}
		opened := time.Now()
		_, err = raw.Next(t.Context())
		if code, reason, _ := wire.CloseCode(err); code != 4408 || reason != "no-session" {
			t.Errorf("closed with %v, want 4408 no-session", err)
		}
		if after := time.Since(opened); after != gateway.DefaultOpenTimeout {
			t.Errorf("closed after %v, want %v", after, gateway.DefaultOpenTimeout)
		}
		_ = raw.SendClose(4408, "")
		_ = raw.Close()
	})
}
