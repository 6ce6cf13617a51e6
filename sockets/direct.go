package sockets

import (
	"net"
	"syscall"
)

// Direct writes to a kernel socket without ever waiting. It is used by one goroutine at a time.
type Direct struct {
	raw syscall.RawConn // immutable

	// attempt is kept between attempts, because a function value that is made anew each time would be
	// an allocation for each message. It takes p and leaves n and err.
	attempt func(fd uintptr) bool
	p       []byte
	n       int
	err     error
}

// NewDirect gives access to the descriptor of conn, on systems where one system call can read or write
// without waiting; nil otherwise, and for what is no kernel socket.
func NewDirect(conn net.Conn) *Direct {
	tcp, ok := conn.(*net.TCPConn)
	if !ok || !directIO {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	d := &Direct{raw: raw}
	d.attempt = func(fd uintptr) bool {
		d.n, d.err = writeDirect(fd, d.p)
		return true
	}
	return d
}

// TryWrite offers p to the kernel and returns how much it took; wait says that it took less than
// everything and will take more only later.
func (d *Direct) TryWrite(p []byte) (n int, wait bool, err error) {
	d.p = p
	err = d.raw.Write(d.attempt)
	d.p = nil
	switch {
	case err != nil:
		return 0, false, err
	case isWouldBlock(d.err):
		return 0, true, nil
	}
	n = max(d.n, 0)
	return n, d.err == nil && n < len(p), d.err
}

// WriteSome waits until the kernel takes something of p and returns how much it took. Unlike a Write of
// net.Conn it does not wait for all of p, so that its caller sees how the peer gets on.
func (d *Direct) WriteSome(p []byte) (n int, err error) {
	waitErr := d.raw.Write(func(fd uintptr) bool {
		n, err = writeDirect(fd, p)
		return !isWouldBlock(err)
	})
	if waitErr != nil {
		err = waitErr
	}
	return max(n, 0), err
}
