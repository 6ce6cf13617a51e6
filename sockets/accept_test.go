package sockets

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestBacklog(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("how many connections a backlog of n holds differs between systems")
	}
	n, _ := newTestNamespace(t, Config{})
	for _, backlog := range []int32{1, 5} {
		id := newServer(t, n)
		if err := n.SetServerPaused(id, true); err != nil {
			t.Fatal(err)
		}
		address := mustListen(t, n, id, &backlog)
		// Linux completes backlog+1 handshakes and drops the rest, which then hang. That a dial hangs can
		// only be seen by waiting a while; one that succeeds does at once. They come one by one until the queue
		// is full: two at a time, on two processors, the kernel may let one too many in.
		for i := range backlog + 1 {
			conn, err := net.DialTimeout("tcp", address, time.Minute)
			if err != nil {
				t.Fatalf("backlog %d: connection %d: %v", backlog, i+1, err)
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
		var dials sync.WaitGroup
		for range 3 {
			dials.Go(func() {
				if conn, err := net.DialTimeout("tcp", address, 2*time.Second); err == nil {
					t.Errorf("backlog %d: more than %d connections", backlog, backlog+1)
					_ = conn.Close()
				}
			})
		}
		dials.Wait()
	}
	id := newServer(t, n)
	zero := int32(0)
	if _, err := n.Listen(id, "127.0.0.1", 0, &zero); !errors.Is(err, InvalidArgument) {
		t.Errorf("backlog 0: %v, want %v", err, InvalidArgument)
	}
	for _, backlog := range []int32{-1, 1 << 30, 2147483647} {
		id := newServer(t, n)
		if start, err := n.Listen(id, "127.0.0.1", 0, &backlog); err != nil {
			t.Errorf("backlog %d: %v", backlog, err)
		} else {
			start()
		}
	}
}

func TestAcceptOrder(t *testing.T) {
	n, r := newTestNamespace(t, Config{})
	id := newServer(t, n)
	address := mustListen(t, n, id, nil)
	ports := make([]uint16, 50)
	for i := range ports {
		ports[i] = netip.MustParseAddrPort(dialPeer(t, address).LocalAddr().String()).Port()
	}
	for i, port := range ports {
		e, ok := r.next(t, "each peer is announced").(accepted)
		if !ok || e != (accepted{uint32(id), uint32(i + 1)}) {
			t.Fatalf("event %d is %#v", i, e)
		}
		info, err := n.StreamInfo(int32(e.stream))
		if err != nil || info.PeerPort != port || !info.Paused || !info.Connected {
			t.Fatalf("stream %d: %+v, %v; want peer port %d", e.stream, info, err, port)
		}
	}
}

// TestPausedServer: connections wait in the kernel's queue until the pause ends (D1), also when it began
// before listen.
func TestPausedServer(t *testing.T) {
	for _, when := range []string{"before listen", "while listening"} {
		t.Run(when, func(t *testing.T) {
			n, r := newTestNamespace(t, Config{})
			id := newServer(t, n)
			var address string
			if when == "before listen" {
				_ = n.SetServerPaused(id, true)
				address = mustListen(t, n, id, nil)
			} else {
				address = mustListen(t, n, id, nil)
				_ = n.SetServerPaused(id, true)
			}
			for range 3 {
				dialPeer(t, address) // completes in the kernel
			}
			if streams := n.Streams(); len(streams) > 0 {
				t.Fatalf("%d connections were accepted during the pause", len(streams))
			}
			r.wantNone(t, "an event during the pause")
			_ = n.SetServerPaused(id, false)
			for i := range 3 {
				if e := r.next(t, "after the pause"); e != (accepted{uint32(id), uint32(i + 1)}) {
					t.Fatalf("event %#v", e)
				}
			}
			for range 20 {
				_ = n.SetServerPaused(id, true)
				_ = n.SetServerPaused(id, false)
			}
			dialPeer(t, address)
			r.next(t, "after many pauses")
		})
	}
}

// TestNothingIsAnnouncedAfterClose, under a hail of connections.
func TestNothingIsAnnouncedAfterClose(t *testing.T) {
	for range 20 {
		n, r := newTestNamespace(t, Config{})
		id := newServer(t, n)
		address := mustListen(t, n, id, nil)
		stop := make(chan struct{})
		var hail sync.WaitGroup
		for range 4 {
			hail.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if conn, err := net.Dial("tcp", address); err == nil {
						_ = conn.Close()
					} else {
						return
					}
				}
			})
		}
		r.next(t, "it accepts")
		if err := n.CloseServer(id); err != nil {
			t.Fatal(err)
		}
		count := len(r.events)
		close(stop)
		hail.Wait()
		if later := len(r.events); later != count {
			t.Fatalf("%d events after close", later-count)
		}
	}
}

// TestQueuedPeersAreReset when the server stops listening.
func TestQueuedPeersAreReset(t *testing.T) {
	n, _ := newTestNamespace(t, Config{})
	id := newServer(t, n)
	_ = n.SetServerPaused(id, true)
	address := mustListen(t, n, id, nil)
	peer := dialPeer(t, address)
	if err := n.DisconnectServer(id); err != nil {
		t.Fatal(err)
	}
	if _, err := peer.Read(make([]byte, 1)); resultOf(err) != ConnectionReset {
		t.Errorf("the waiting peer read %v, want a reset", err)
	}
}

func TestDualStack(t *testing.T) {
	n, r := newTestNamespace(t, Config{})
	id := newServer(t, n)
	start, err := n.Listen(id, "::", 0, nil)
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	start()
	info, _ := n.ServerInfo(id)
	for host, shown := range map[string]string{"127.0.0.1": "::ffff:7f00:1", "::1": "::1"} {
		dialPeer(t, net.JoinHostPort(host, fmt.Sprint(info.LocalPort)))
		e := r.next(t, host).(accepted)
		stream, err := n.StreamInfo(int32(e.stream))
		if err != nil || stream.PeerAddress != shown || stream.LocalAddress != shown {
			t.Errorf("peer of %s: %+v, %v; want address %s", host, stream, err, shown)
		}
	}
}

// brokenListener fails to accept with an error of the operating system.
type brokenListener struct {
	net.Listener
	failures chan error
}

func (l brokenListener) Accept() (net.Conn, error) {
	if err, ok := <-l.failures; ok {
		return nil, err
	}
	return nil, net.ErrClosed
}

func (l brokenListener) Close() error { close(l.failures); return nil }

func TestAcceptError(t *testing.T) {
	failures := make(chan error, 2)
	n, r := newTestNamespace(t, Config{Listen: func(string, string, *int32) (net.Listener, error) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			_ = ln.Close() // only its address is used
		}
		return brokenListener{ln, failures}, err
	}})
	id := newServer(t, n)
	mustListen(t, n, id, nil)
	failures <- ConnectionAborted // the peer was gone: no event
	failures <- InsufficientResources
	if e := r.next(t, "accept failed"); e != (acceptFailed{uint32(id), InsufficientResources}) {
		t.Fatalf("event %#v", e)
	}
	if info, _ := n.ServerInfo(id); !info.Paused {
		t.Error("the server is not paused after the error")
	}
}
