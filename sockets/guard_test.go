package sockets

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
)

// TestGuard: what no policy can permit, by every spelling.
func TestGuard(t *testing.T) {
	g := Guard{Policy: anywhere{}, Ports: []uint16{7717, 7718}}
	for host, port := range map[string]uint16{
		"169.254.169.254": 80, "2852039166": 80, "0xa9.0xfe.0xa9.0xfe": 80, "169.254.43518": 80, "0251.0376.0251.0376": 80,
		"::ffff:169.254.169.254": 80, "::ffff:a9fe:a9fe": 80, "fd00:ec2::254": 80, "fd00:0ec2:0::0254": 80, "100.100.100.200": 80,
		"168.63.129.16": 80, "64:ff9b::a9fe:a9fe": 80, "2002:a9fe:a9fe::1": 80, "::169.254.169.254": 80, "169.254.169.254.": 80,
		"127.0.0.1": 7717, "127.1": 7717, "2130706433": 7718, "0x7f.1": 7718, "0": 7717, "0.0.0.0": 7718, "::": 7717, "::1": 7718,
		"::ffff:127.0.0.1": 7717, "127.9.9.9": 7717, "::127.0.0.1": 7717, "64:ff9b::7f00:1": 7718,
	} {
		if err := g.Connect(host, port); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("connect to %s, port %d: %v, want %v", host, port, err, ErrNotPermitted)
		}
		addr, ok := ParseLiteral(host)
		if !ok {
			t.Fatalf("%q is no literal", host)
		}
		if err := g.Dial("innocent.example", netip.AddrPortFrom(addr, port)); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("a name that is %s, port %d: %v, want %v", host, port, err, ErrNotPermitted)
		}
	}
	for _, address := range []string{"127.0.0.1:7717", "0.0.0.0:7718", "[::]:7717", "[::1]:7718", "192.168.1.1:7717"} {
		local := netip.MustParseAddrPort(address)
		if err := g.Listen(local.Addr().String(), local); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("listen on %s: %v, want %v", address, err, ErrNotPermitted)
		}
	}
	if g.Connect("127.0.0.1", 7719) != nil || g.Connect("192.0.2.1", 7717) != nil || g.Connect("innocent.example", 7717) != nil {
		t.Error("more is forbidden than the gateway's own ports on this computer")
	}
}

// TestGuardKnowsOwnAddresses: the gateway's port is no target on any address of this computer.
func TestGuardKnowsOwnAddresses(t *testing.T) {
	g := Guard{Policy: anywhere{}, Ports: []uint16{7717}}
	for _, own := range ownPrefixes() {
		if err := g.Dial("x", netip.AddrPortFrom(own.Addr(), 7717)); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("own address %s: %v, want %v", own.Addr(), err, ErrNotPermitted)
		}
	}
}

// wantRefused dials and sees that the connection does not live.
func wantRefused(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return // reset before the handshake was told of
	}
	defer conn.Close()
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("the peer read %d bytes, %v; want a reset", n, err)
	}
}
