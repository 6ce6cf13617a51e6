package sockets

import (
	"context"
	"errors"
	"net"
	"testing"
)

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
