package sockets

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"
)

// anywhere is a policy that permits everything, like a manifest with "*".
type anywhere struct{}

func (anywhere) Listen(string, netip.AddrPort) error { return nil }

func (anywhere) Connect(string, uint16) error { return nil }

func (anywhere) Accept(string, netip.AddrPort, netip.AddrPort) error { return nil }

func (anywhere) Dial(string, netip.AddrPort) error { return nil }

func (anywhere) Dialled(string, uint16, error) {}

// recorder keeps the events of a namespace in order.
type recorder struct {
	events chan any
}

type accepted struct{ server, stream uint32 }

type acceptFailed struct {
	server uint32
	result Result
}

func newRecorder() *recorder { return &recorder{events: make(chan any, 1000)} }

func (r *recorder) Accepted(server, stream uint32) { r.events <- accepted{server, stream} }

func (r *recorder) AcceptFailed(server uint32, x Result) { r.events <- acceptFailed{server, x} }

func (r *recorder) Ready(*Stream) {}

func (r *recorder) Flush(bool) {}

func (r *recorder) Acknowledged(uint64) bool { return true }

func (r *recorder) WaitForRoom(<-chan struct{}) bool { return true }

// next waits for an event, and fails the test if none comes.
func (r *recorder) next(t *testing.T, why string) any {
	t.Helper()
	select {
	case e := <-r.events:
		return e
	case <-time.After(time.Minute):
		t.Fatalf("%s: no event", why)
		return nil
	}
}

func (r *recorder) wantNone(t *testing.T, why string) {
	t.Helper()
	select {
	case e := <-r.events:
		t.Fatalf("%s: %#v", why, e)
	default:
	}
}

// newTestNamespace returns a namespace that is closed when the test ends.
func newTestNamespace(t *testing.T, config Config) (*Namespace, *recorder) {
	t.Helper()
	r := newRecorder()
	config.Events = r
	if config.Policy == nil {
		config.Policy = anywhere{}
	}
	n := NewNamespace(config)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		n.Close(ctx)
	})
	return n, r
}

func newServer(t *testing.T, n *Namespace) int32 {
	t.Helper()
	id, err := n.CreateServer(ServerProperties{})
	if err != nil {
		t.Fatal(err)
	}
	return int32(id)
}

// mustListen listens on a free port of 127.0.0.1 and returns its address.
func mustListen(t *testing.T, n *Namespace, id int32, backlog *int32) string {
	t.Helper()
	start, err := n.Listen(id, "127.0.0.1", 0, backlog)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	start()
	info, err := n.ServerInfo(id)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s:%d", info.LocalAddress, info.LocalPort)
}

func dialPeer(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
