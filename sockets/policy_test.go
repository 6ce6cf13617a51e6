package sockets

import (
	"errors"
	"testing"
)

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
