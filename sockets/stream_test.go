package sockets

import (
	"errors"
	"testing"
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
