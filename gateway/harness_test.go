package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/gateway/internal/wire"
	"github.com/socketgate/socketgate/sockets"
)

// testTimeout ends a test that hangs; no test passes or fails by its speed.
const testTimeout = 60 * time.Second

// harness is a gateway on a loopback port, a page that is connected to it, and TCP peers.
type harness struct {
	testing.TB
	ctx    context.Context
	server *gateway.Server
	addr   string // of the gateway
}

// newAccess decides who may use a test's gateway.
func newAccess(t testing.TB, config access.Config) *access.Control {
	t.Helper()
	control, err := access.NewControl(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := control.Close(context.Background()); err != nil {
			t.Errorf("close the access control: %v", err)
		}
	})
	return control
}

// withEveryone lets pages of this machine in, loopback only, unless the test decides otherwise.
func withEveryone(t testing.TB, config gateway.Config) gateway.Config {
	t.Helper()
	if config.Access == nil {
		config.Access = newAccess(t, access.Config{Everyone: sockets.Loopback{}})
	}
	return config
}

// newHarness starts a gateway that is shut down when the test ends.
func newHarness(t testing.TB, config gateway.Config) *harness {
	t.Helper()
	config = withEveryone(t, config)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{TB: t, ctx: ctx, server: gateway.New(config), addr: ln.Addr().String()}
	served := make(chan error, 1)
	go func() { served <- h.server.Serve(ln) }()
	t.Cleanup(func() {
		if err := h.server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		cancel()
	})
	return h
}

func (h *harness) url() string { return "ws://" + h.addr + "/v1/ws" }

// page connects a page and opens a session.
func (h *harness) page(options wire.Options) *wire.Client {
	h.Helper()
	c, err := wire.Dial(h.ctx, h.url(), options)
	if err != nil {
		h.Fatalf("connect a page: %v", err)
	}
	h.Cleanup(func() { _ = c.Close() }) // some tests end the connection themselves
	return c
}

// listen makes a server of page listen on a free port.
func (h *harness) listen(page *wire.Client) (server uint32, address string) {
	h.Helper()
	server, port, err := page.Listen(h.ctx, "127.0.0.1", 0)
	if err != nil {
		h.Fatalf("listen: %v", err)
	}
	return server, fmt.Sprintf("127.0.0.1:%d", port)
}

// dial connects a TCP peer.
func (h *harness) dial(address string) *net.TCPConn {
	h.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		h.Fatalf("dial %s: %v", address, err)
	}
	h.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(testTimeout)); err != nil {
		h.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// pair makes a connection from a peer to page; the stream is unpaused.
func (h *harness) pair(page *wire.Client, address string) (*wire.Stream, *net.TCPConn) {
	h.Helper()
	peer := h.dial(address)
	accepted, err := page.Accept(h.ctx)
	if err != nil {
		h.Fatalf("accept: %v", err)
	}
	h.unpause(accepted.Stream)
	return accepted.Stream, peer
}

// newPair starts a gateway with one page, and connects one peer to it.
func newPair(t testing.TB) (h *harness, page *wire.Client, stream *wire.Stream, peer *net.TCPConn) {
	t.Helper()
	h = newHarness(t, gateway.Config{})
	page = h.page(wire.Options{})
	_, address := h.listen(page)
	stream, peer = h.pair(page, address)
	return h, page, stream, peer
}

// newPausedPair is newPair with the stream as it was accepted.
func newPausedPair(t testing.TB) (h *harness, page *wire.Client, stream *wire.Stream, peer *net.TCPConn) {
	t.Helper()
	h = newHarness(t, gateway.Config{})
	page = h.page(wire.Options{})
	_, address := h.listen(page)
	peer = h.dial(address)
	accepted, err := page.Accept(h.ctx)
	if err != nil {
		t.Fatalf("accept: %v", err)
	}
	return h, page, accepted.Stream, peer
}

func (h *harness) unpause(s *wire.Stream) {
	h.Helper()
	if err := s.SetPaused(h.ctx, false); err != nil {
		h.Fatalf("unpause: %v", err)
	}
}

func (h *harness) call(page *wire.Client, method string, params any) error {
	return page.Call(h.ctx, method, params, nil)
}

// streamInfo is the result of tcp.getInfo.
type streamInfo struct {
	Connected, Paused         bool
	LocalAddress, PeerAddress string
	LocalPort, PeerPort       int
}

func (h *harness) info(page *wire.Client, s *wire.Stream) (info streamInfo) {
	h.Helper()
	if err := page.Call(h.ctx, "tcp.getInfo", []any{s.ID()}, &info); err != nil {
		h.Fatalf("tcp.getInfo: %v", err)
	}
	return info
}

// wantRead reads exactly want from r.
func (h *harness) wantRead(why string, r io.Reader, want string) {
	h.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(r, got); err != nil {
		h.Fatalf("%s: read %q, then %v; want %q", why, got[:n], err, want)
	}
	if string(got) != want {
		h.Fatalf("%s: read %q, want %q", why, got, want)
	}
}

// wantEOF reads the end of r.
func (h *harness) wantEOF(why string, r io.Reader) {
	h.Helper()
	if n, err := r.Read(make([]byte, 1)); err != io.EOF || n != 0 {
		h.Fatalf("%s: read %d bytes, error %v; want the end of the stream", why, n, err)
	}
}

func (h *harness) write(w io.Writer, p []byte) {
	h.Helper()
	if _, err := w.Write(p); err != nil {
		h.Fatalf("write %d bytes: %v", len(p), err)
	}
}

// wantError checks the JSON-RPC error of a call.
func (h *harness) wantError(why string, err error, code int64) {
	h.Helper()
	wireErr, ok := err.(*wire.Error)
	if !ok || int64(wireErr.Code) != code {
		h.Fatalf("%s: error is %v, want code %d", why, err, code)
	}
}

// noise returns n bytes that look random and are the same for the same seed.
func noise(seed uint64, n int) []byte {
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	p := make([]byte, n)
	_, _ = source.Read(p) // never fails
	return p
}

// sum is the checksum of what r gives until its end.
func (h *harness) sum(r io.Reader) ([]byte, int64) {
	hash := sha256.New()
	n, err := io.Copy(hash, r)
	if err != nil {
		h.Errorf("read to the end, after %d bytes: %v", n, err)
	}
	return hash.Sum(nil), n
}

func (h *harness) wantSum(why string, r io.Reader, want []byte) {
	h.Helper()
	expected := sha256.Sum256(want)
	got, n := h.sum(r)
	if n != int64(len(want)) || !bytes.Equal(got, expected[:]) {
		h.Errorf("%s: got %d bytes with checksum %x, want %d with %x", why, n, got, len(want), expected)
	}
}
