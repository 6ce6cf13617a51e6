package sockets

import (
	"io"
	"net"
	"syscall"
)

// rawConn gives access to the descriptor of a kernel socket, on systems where one system call can
// read or write without waiting; nil otherwise.
func rawConn(conn net.Conn) syscall.RawConn {
	if tcp, ok := conn.(*net.TCPConn); ok && directIO {
		if raw, err := tcp.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// read waits until the peer has sent something and takes it, if wanted, asked at that moment, says so.
// While it waits it holds no buffer. more is false if the bytes were not wanted and stay where they
// are. An error, io.EOF included, is the end of the peer's direction.
func (l *link) read(wanted func() bool) (b *buffer, more bool, err error) {
	if l.raw == nil {
		return l.readSimply(wanted)
	}
	more = true
	waitErr := l.raw.Read(func(fd uintptr) (done bool) {
		if !wanted() {
			more = false
			return true
		}
		b = newBuffer(readSize)
		var n int
		n, err = readDirect(fd, b.data[:readSize])
		if isWouldBlock(err) {
			b.free()
			b, err = nil, nil
			return false
		}
		b.end = max(n, 0)
		if err == nil && n == 0 {
			err = io.EOF
		}
		return true
	})
	if waitErr != nil {
		err = waitErr
	}
	if err != nil && b != nil {
		b.free()
		b = nil
	}
	return b, more, err
}

// simpleReadSize is the buffer that a connection holds while it waits, where there is no way to wait
// without one.
const simpleReadSize = 4 << 10

func (l *link) readSimply(wanted func() bool) (b *buffer, more bool, err error) {
	if !wanted() {
		return nil, false, nil
	}
	b = newBuffer(simpleReadSize)
	b.end, err = l.conn.Read(b.data[:simpleReadSize])
	if b.end > 0 {
		return b, true, nil // an error comes again at the next read
	}
	b.free()
	return nil, true, err
}

// writeNow is one attempt to write, kept between attempts because a function value that is made anew
// each time would be an allocation for each message.
type writeNow struct {
	attempt func(fd uintptr) bool
	p       []byte
	n       int
	err     error
}

// tryWrite offers p to the kernel and returns how much it took at once; wait says that it took less
// than everything, so that the rest must wait for the peer.
func (l *link) tryWrite(p []byte) (n int, wait bool, err error) {
	if l.raw == nil {
		return 0, true, nil
	}
	w := &l.now
	if w.attempt == nil {
		w.attempt = func(fd uintptr) bool {
			w.n, w.err = writeDirect(fd, w.p)
			return true
		}
	}
	w.p = p
	if err := l.raw.Write(w.attempt); err != nil {
		return 0, false, err
	}
	w.p = nil
	if isWouldBlock(w.err) {
		return 0, true, nil
	}
	n = max(w.n, 0)
	return n, w.err == nil && n < len(p), w.err
}
