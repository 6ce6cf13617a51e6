package sockets

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

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
