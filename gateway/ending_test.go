package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

func TestShutdownSendsGoingAway(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	server := gateway.New(withEveryone(t, gateway.Config{}))
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	h := &harness{TB: t, ctx: ctx, server: server, addr: ln.Addr().String()}

	page := h.page(wire.Options{})
	_, address := h.listen(page)
	stream, peer := h.pair(page, address)
	h.write(stream, []byte("last words"))
	h.info(page, stream) // its answer shows that the bytes before it have arrived
	if err := server.Shutdown(ctx); err != nil {
		t.Fatalf("shutdown: %v", err)
	}
	if err := <-served; err != nil {
		t.Fatalf("serve: %v", err)
	}
	<-page.Done()
	if code, reason, _ := wire.CloseCode(page.Err()); code != goingAway || reason != "shutting-down" {
		t.Errorf("the page was closed with %v, want 1001 shutting-down", page.Err())
	}
	h.wantRead("what the page sent is flushed", peer, "last words")
	h.wantEOF("and the connection ends", peer)
	if _, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the page's port after shutdown: %v, want a refusal", err)
	}
}

// TestSessionOutlivesItsConnection for as long as it is to, and no longer.
func TestSessionOutlivesItsConnection(t *testing.T) {
	h := newHarness(t, gateway.Config{DetachedLife: time.Nanosecond})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	_, peer := h.pair(page, address)
	page.Abort()
	h.wantEOF("the peer sees the end", peer)
	h.wantFree(address)
}

// TestSessionEndsWhenThePageLeaves, at once: it has closed its connection.
func TestSessionEndsWhenThePageLeaves(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	_, peer := h.pair(page, address)
	if err := page.Close(); err != nil {
		t.Fatal(err)
	}
	h.wantEOF("the peer sees the end", peer)
	h.wantFree(address)
}

// wantFree waits until nobody listens on a port: until then the gateway was not done.
func (h *harness) wantFree(address string) {
	h.Helper()
	for {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
		if h.ctx.Err() != nil {
			h.Fatalf("%s is still listened on", address)
		}
	}
}

// TestSessionCloseFreesPorts before it is answered, and flushes.
func TestSessionCloseFreesPorts(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	stream, peer := h.pair(page, address)
	h.write(stream, []byte("last words"))
	if err := h.call(page, "session.close", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the page's port after session.close: %v, want a refusal", err)
	}
	h.wantRead("what the page sent is flushed", peer, "last words")
	h.wantEOF("and the connection ends", peer)
	<-page.Done()
	if code, reason, _ := wire.CloseCode(page.Err()); code != normalClose || reason != "session-closed" {
		t.Errorf("the page was closed with %v, want 1000 session-closed", page.Err())
	}
}

func TestNoSessionInTime(t *testing.T) {
	h := newHarness(t, gateway.Config{OpenTimeout: time.Millisecond})
	h.raw().wantClose("no session.open", 4408, "no-session")
}

func TestTooManySessions(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxSessions: 1})
	first := h.page(wire.Options{})
	_, err := wire.Dial(h.ctx, h.url(), wire.Options{})
	h.wantError("a second session", err, -32005)
	if err := first.Close(); err != nil {
		t.Logf("close: %v", err)
	}
	for {
		// The place is free when the first session has ended entirely.
		second, err := wire.Dial(h.ctx, h.url(), wire.Options{})
		if err == nil {
			_ = second.Close()
			return
		}
		h.wantError("not yet", err, -32005)
	}
}

func TestTooManySockets(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxSockets: 3})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	first, peer := h.pair(page, address)
	h.pair(page, address)
	h.wantError("a fourth socket", h.call(page, "tcp.create", nil), -32005)
	h.wantError("a fourth socket", h.call(page, "tcpServer.create", nil), -32005)

	// A further peer waits in the backlog until there is room.
	h.dial(address)
	if err := first.Close(h.ctx); err != nil {
		t.Fatal(err)
	}
	_ = peer.Close() // until then the gateway waits for its end, and the place is taken
	if _, err := page.Accept(h.ctx); err != nil {
		t.Fatalf("accept after room was made: %v", err)
	}
}

func TestSocketsInAllSessions(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxSocketsInAll: 2})
	one, two := h.page(wire.Options{}), h.page(wire.Options{})
	for _, page := range []*wire.Client{one, two} {
		if err := h.call(page, "tcp.create", nil); err != nil {
			t.Fatal(err)
		}
	}
	h.wantError("a third socket", h.call(one, "tcpServer.create", nil), -32005)
	if err := h.call(two, "tcp.close", []any{1}); err != nil {
		t.Fatal(err)
	}
	if err := h.call(one, "tcpServer.create", nil); err != nil {
		t.Fatalf("after one was closed: %v", err)
	}
}

// TestBytesInAllSessions: when the memory for all streams is used up, a page that sends more loses that
// stream, with a code, and nothing else.
func TestBytesInAllSessions(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxBuffered: 64 << 10})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	stuck, _ := h.pair(page, address)
	var stop *wire.StopError
	for {
		// The kernel takes some megabytes first.
		if _, err := stuck.Write(make([]byte, 64<<10)); errors.As(err, &stop) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if stop.Code != -12 {
		t.Fatalf("STOP carries %d, want -12", stop.Code)
	}
	if err := stuck.Close(h.ctx); err != nil {
		t.Fatal(err)
	}
	live, peer := h.pair(page, address)
	h.write(live, []byte("alive"))
	h.wantRead("another stream has room again", peer, "alive")
}

// TestOwnPortsAreNoTarget: a page cannot reach the gateway through the gateway.
func TestOwnPortsAreNoTarget(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	_, port, err := net.SplitHostPort(h.addr)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "::1", "127.1", "a.localhost", "::ffff:127.0.0.1"} {
		stream, err := page.CreateStream(h.ctx)
		if err != nil {
			t.Fatal(err)
		}
		n, err := net.LookupPort("tcp", port)
		if err != nil {
			t.Fatal(err)
		}
		h.wantError("connect to "+host, stream.Connect(h.ctx, host, n), -32002)
	}
}
