package sockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// anywhere is a policy that permits everything, like a manifest with "*".
type anywhere struct{}

func (anywhere) Listen(string, netip.AddrPort) error { return nil }
func (anywhere) Connect(string, uint16) error        { return nil }
func (anywhere) Dial(netip.AddrPort) error           { return nil }

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

func (r *recorder) Accepted(server, stream uint32)       { r.events <- accepted{server, stream} }
func (r *recorder) AcceptFailed(server uint32, x Result) { r.events <- acceptFailed{server, x} }
func (r *recorder) Ready(*Stream)                        {}
func (r *recorder) Flush(bool)                           {}
func (r *recorder) WaitForRoom(<-chan struct{}) bool     { return true }

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

// TestListenOutcomes is the table of the reference, section 1.1.
func TestListenOutcomes(t *testing.T) {
	n, _ := newTestNamespace(t, Config{})
	tests := []struct {
		address string
		want    error
		shown   string // localAddress; empty means as asked
	}{
		{address: "127.0.0.1"},
		{address: "0.0.0.0"},
		{address: "::"},
		{address: "::1"},
		{address: "127.1", shown: "127.0.0.1"},
		{address: "2130706433", shown: "127.0.0.1"},
		{address: "0177.0.0.1", shown: "127.0.0.1"},
		{address: "0x7f.0.0.1", shown: "127.0.0.1"},
		{address: "127.0.0.1.", shown: "127.0.0.1"},
		{address: "0", shown: "0.0.0.0"},
		{address: "::ffff:127.0.0.1", shown: "::ffff:7f00:1"},
		{address: "localhost", want: InvalidArgument},
		{address: "", want: InvalidArgument},
		{address: "*", want: InvalidArgument},
		{address: "[::1]", want: InvalidArgument},
		{address: " 127.0.0.1", want: InvalidArgument},
		{address: "127.0.0.1 ", want: InvalidArgument},
		{address: "127.0.0.256", want: InvalidArgument},
		{address: "::1%lo", want: InvalidArgument},
		{address: "192.0.2.1", want: AddressInvalid},
		{address: "2001:db8::1", want: AddressInvalid},
		{address: "fe80::1", want: InvalidArgument},
	}
	for _, test := range tests {
		id := newServer(t, n)
		start, err := n.Listen(id, test.address, 0, nil)
		if !errors.Is(err, test.want) {
			t.Errorf("listen(%q): %v, want %v", test.address, err, test.want)
		}
		if err != nil {
			continue
		}
		start()
		shown := test.shown
		if shown == "" {
			shown = test.address
		}
		if info, _ := n.ServerInfo(id); info.LocalAddress != shown || info.LocalPort == 0 {
			t.Errorf("listen(%q): localAddress %q, localPort %d, want %q", test.address, info.LocalAddress, info.LocalPort, shown)
		}
		if err := n.CloseServer(id); err != nil {
			t.Error(err)
		}
	}
}

func TestListenPorts(t *testing.T) {
	n, _ := newTestNamespace(t, Config{})
	id := newServer(t, n)
	for _, port := range []int32{-1, 65536, 70000, -2147483648} {
		if _, err := n.Listen(id, "127.0.0.1", port, nil); !errors.Is(err, InvalidArgument) {
			t.Errorf("port %d: %v, want %v", port, err, InvalidArgument)
		}
	}
	address := mustListen(t, n, id, nil)
	port := netip.MustParseAddrPort(address).Port()

	other := newServer(t, n)
	for _, host := range []string{"127.0.0.1", "0.0.0.0"} {
		if _, err := n.Listen(other, host, int32(port), nil); !errors.Is(err, AddressInUse) {
			t.Errorf("taken port on %s: %v, want %v", host, err, AddressInUse)
		}
	}
	if info, _ := n.ServerInfo(other); info.Listening {
		t.Error("a failed listen left an address")
	}
	if start, err := n.Listen(other, "::1", int32(port), nil); err != nil {
		t.Errorf("the same port of the other family: %v", err)
	} else {
		start()
	}

	// Listening twice changes nothing (D2), whatever is asked.
	for host, want := range map[string]error{"127.0.0.1": AddressInUse, "::1": Failed, "localhost": InvalidArgument} {
		if _, err := n.Listen(id, host, int32(port), nil); !errors.Is(err, want) {
			t.Errorf("listening again on %s: %v, want %v", host, err, want)
		}
	}
	dialPeer(t, address)
}

func TestListenAgain(t *testing.T) {
	n, r := newTestNamespace(t, Config{})
	id := newServer(t, n)
	address := mustListen(t, n, id, nil)
	port := int32(netip.MustParseAddrPort(address).Port())
	for range 20 {
		if err := n.DisconnectServer(id); err != nil {
			t.Fatal(err)
		}
		start, err := n.Listen(id, "127.0.0.1", port, nil)
		if err != nil {
			t.Fatalf("listen right after disconnect: %v", err)
		}
		start()
		dialPeer(t, address)
		r.next(t, "the new listener accepts")

		if err := n.CloseServer(id); err != nil {
			t.Fatal(err)
		}
		id = newServer(t, n)
		start, err = n.Listen(id, "127.0.0.1", port, nil)
		if err != nil {
			t.Fatalf("listen right after close: %v", err)
		}
		start()
	}
	if err := n.DisconnectServer(id); err != nil {
		t.Fatal(err)
	}
	if err := n.DisconnectServer(id); err != nil {
		t.Errorf("disconnect of a server that does not listen: %v", err)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the port still answers after disconnect")
	}
}

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
		// only be seen by waiting a while; one that succeeds does at once.
		var (
			dials       sync.WaitGroup
			established atomic.Int32
		)
		for range backlog + 4 {
			dials.Go(func() {
				if conn, err := net.DialTimeout("tcp", address, 2*time.Second); err == nil {
					established.Add(1)
					t.Cleanup(func() { _ = conn.Close() })
				}
			})
		}
		dials.Wait()
		if got, want := established.Load(), backlog+1; got != want {
			t.Errorf("backlog %d: %d connections, want %d", backlog, got, want)
		}
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

func TestLoopbackPolicy(t *testing.T) {
	n, _ := newTestNamespace(t, Config{Policy: Loopback{}})
	id := newServer(t, n)
	for address, want := range map[string]error{
		"0.0.0.0": ErrNotPermitted, "::": ErrNotPermitted, "192.0.2.1": ErrNotPermitted, "0": ErrNotPermitted,
		"255.255.255.255": ErrNotPermitted, "::ffff:192.0.2.1": ErrNotPermitted, "localhost": InvalidArgument,
	} {
		if _, err := n.Listen(id, address, 0, nil); !errors.Is(err, want) {
			t.Errorf("listen(%q): %v, want %v", address, err, want)
		}
	}
	stream, err := n.CreateStream(StreamProperties{})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"192.0.2.1", "example.com", "no-such-host.invalid", "0.0.0.0", "localhost.example", "::ffff:192.0.2.1"} {
		if err := connect(n, int32(stream), host, 1); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("connect(%q): %v, want %v", host, err, ErrNotPermitted)
		}
	}
	if _, err := n.Listen(99, "0.0.0.0", 0, nil); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown id and no permission: %v, want %v", err, ErrNotFound)
	}
}

// connect waits for the outcome and starts reading.
func connect(n *Namespace, id int32, host string, port int32) error {
	outcome := make(chan error, 1)
	n.Connect(id, host, port, DNSAny, func(start func(), err error) {
		if start != nil {
			start()
		}
		outcome <- err
	})
	return <-outcome
}

func TestConnectOutcomes(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	open := int32(ln.Addr().(*net.TCPAddr).Port)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := int32(free.Addr().(*net.TCPAddr).Port)
	_ = free.Close()

	n, _ := newTestNamespace(t, Config{})
	tests := []struct {
		host string
		port int32
		want error
	}{
		{"127.0.0.1", open, nil},
		{"127.1", open, nil},
		{"127.0.0.1.", open, nil},
		{"localhost", open, nil},
		{"LOCALHOST", open, nil},
		{"any.localhost", open, nil},
		{"127.0.0.1", closed, ConnectionRefused},
		{"127.0.0.1", 65536, InvalidArgument},
		{"127.0.0.1", -1, InvalidArgument},
		{"", open, NameNotResolved},
		{"[::1]", open, NameNotResolved},
		{"bad host", open, NameNotResolved},
		{"a..b", open, NameNotResolved},
	}
	for _, test := range tests {
		id, err := n.CreateStream(StreamProperties{})
		if err != nil {
			t.Fatal(err)
		}
		err = connect(n, int32(id), test.host, test.port)
		if !errors.Is(err, test.want) {
			t.Errorf("connect(%q, %d): %v, want %v", test.host, test.port, err, test.want)
		}
		if err == nil {
			conn, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := connect(n, int32(id), test.host, test.port); !errors.Is(err, SocketIsConnected) {
				t.Errorf("a second connect: %v, want %v", err, SocketIsConnected)
			}
		} else if err := connect(n, int32(id), "127.0.0.1", closed); !errors.Is(err, ConnectionRefused) {
			t.Errorf("connect after %v: %v, want %v", test.want, err, ConnectionRefused)
		}
	}
}

// TestEndWhileConnecting: disconnect and close answer the connect.
func TestEndWhileConnecting(t *testing.T) {
	dialling := make(chan struct{})
	n, _ := newTestNamespace(t, Config{Dial: func(ctx context.Context, _, _ string, _ func(string) error) (net.Conn, error) {
		dialling <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	for end, want := range map[*func(*Namespace, int32) error]error{
		&disconnectStream: Aborted, &closeStream: ErrNotFound,
	} {
		id, err := n.CreateStream(StreamProperties{})
		if err != nil {
			t.Fatal(err)
		}
		outcome := make(chan error, 1)
		n.Connect(int32(id), "127.0.0.1", 1, DNSAny, func(_ func(), err error) { outcome <- err })
		<-dialling
		if err := connect(n, int32(id), "127.0.0.1", 1); !errors.Is(err, ConnectionFailed) {
			t.Errorf("a second connect: %v, want %v", err, ConnectionFailed)
		}
		if err := (*end)(n, int32(id)); err != nil {
			t.Error(err)
		}
		if err := <-outcome; !errors.Is(err, want) {
			t.Errorf("connect ended with %v, want %v", err, want)
		}
	}
}

var (
	disconnectStream = func(n *Namespace, id int32) error { return n.DisconnectStream(id, nil) }
	closeStream      = func(n *Namespace, id int32) error { return n.CloseStream(id, nil) }
)

func TestOptionsOfStreams(t *testing.T) {
	n, r := newTestNamespace(t, Config{})
	server := newServer(t, n)
	dialPeer(t, mustListen(t, n, server, nil))
	live := int32(r.next(t, "accept").(accepted).stream)
	idle, err := n.CreateStream(StreamProperties{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"keep-alive", n.SetKeepAlive(live, true, 10), nil},
		{"keep-alive, delay 0", n.SetKeepAlive(live, true, 0), nil},
		{"keep-alive off", n.SetKeepAlive(live, false, 0), nil},
		{"keep-alive, delay -5", n.SetKeepAlive(live, true, -5), Failed},
		{"no-delay", n.SetNoDelay(live, false), nil},
		{"keep-alive, unconnected", n.SetKeepAlive(int32(idle), true, 10), Failed},
		{"no-delay, unconnected", n.SetNoDelay(int32(idle), true), Failed},
		{"keep-alive, no such id", n.SetKeepAlive(99, true, 10), ErrNotFound},
		{"no-delay, no such id", n.SetNoDelay(99, true), ErrNotFound},
	}
	for _, test := range tests {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.err, test.want)
		}
	}
}

func TestErrnoTable(t *testing.T) {
	if got := resultOf(io.EOF); got != ConnectionClosed {
		t.Errorf("EOF is %v", got)
	}
	if got := resultOf(errors.New("something else")); got != Failed {
		t.Errorf("an unknown error is %v", got)
	}
	for errno, want := range errnoResults {
		err := fmt.Errorf("wrapped: %w", &net.OpError{Op: "read", Err: errno})
		if got := resultOf(err); got != want {
			t.Errorf("errno %d is %v, want %v", errno, got, want)
		}
		if want.Error() == fmt.Sprintf("net::<unknown %d>", int32(want)) {
			t.Errorf("result %d has no name", int32(want))
		}
	}
}
