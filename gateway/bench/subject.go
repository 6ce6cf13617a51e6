package main

import (
	"context"
	"net"
)

// A subject is one way to bring the bytes of TCP peers to a page and back.
type subject interface {
	name() string
	// open makes n connections over which nothing has been sent.
	open(ctx context.Context, n int) ([]*link, error)
	// blockSize is the size of message with which this way moves most bytes from page to peer.
	blockSize() int
	// process is where the subject runs; nil for raw TCP, which has none.
	process() *child
	close() error
}

// A link is one connection: the TCP peer's end and the page's.
type link struct {
	peer net.Conn
	page page
}

func (l *link) close() {
	_ = l.peer.Close()
	l.page.close()
}

func closeAll(links []*link) {
	for _, l := range links {
		l.close()
	}
}

// A page is the page's end of one connection.
type page interface {
	// receive makes f take what arrives, on a goroutine of the page. It is called once, before anything is sent.
	receive(f func(p []byte)) error
	// reply sends one message, now, from within f.
	reply(p []byte) error
	// write sends one message, waiting for room. What is small may be held back until flush.
	write(p []byte) error
	flush() error
	close()
}

// startSubjects starts all three, in the order of the table.
func startSubjects(ctx context.Context, cpuProfile string) ([]subject, error) {
	bridge, err := startBridge(ctx)
	if err != nil {
		return nil, err
	}
	ours, err := startOurs(ctx, cpuProfile)
	if err != nil {
		_ = bridge.close()
		return nil, err
	}
	return []subject{raw{}, bridge, ours}, nil
}

// listenPeer is a loopback listener on a free port.
func listenPeer() (*net.TCPListener, error) {
	return net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
}
