package sockets

import "io"

// read waits until the peer has sent something and takes as much of it as wanted, asked at that moment,
// says. While it waits it holds no buffer. more is false if nothing was wanted and the bytes stay where
// they are. An error, io.EOF included, is the end of the peer's direction.
func (l *link) read(wanted func() int) (b *buffer, more bool, err error) {
	if l.direct == nil {
		return l.readSimply(wanted)
	}
	more = true
	waitErr := l.direct.raw.Read(func(fd uintptr) (done bool) {
		size := wanted()
		if size == 0 {
			more = false
			return true
		}
		b = newRecordBuffer(size)
		var n int
		n, err = readDirect(fd, b.data[b.start:b.start+size])
		if isWouldBlock(err) {
			b.free()
			b, err = nil, nil
			return false
		}
		b.end = b.start + max(n, 0)
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

// readNow takes what the peer has sent, at most size bytes, without waiting; nil if that is nothing. The
// end of the peer's direction is left to read.
func (l *link) readNow(size int) *buffer {
	if l.direct == nil {
		return nil
	}
	var b *buffer
	err := l.direct.raw.Read(func(fd uintptr) bool {
		b = newRecordBuffer(size)
		n, err := readDirect(fd, b.data[b.start:b.start+size])
		b.end = b.start + n
		if err != nil || n <= 0 {
			b.free()
			b = nil
		}
		return true
	})
	if err != nil {
		return nil
	}
	return b
}

// simpleReadSize is the buffer that a connection holds while it waits, where there is no way to wait
// without one.
const simpleReadSize = 16 << 10

func (l *link) readSimply(wanted func() int) (b *buffer, more bool, err error) {
	size := min(wanted(), simpleReadSize)
	if size == 0 {
		return nil, false, nil
	}
	b = newBuffer(size)
	b.end, err = l.conn.Read(b.data[:size])
	if b.end > 0 {
		return b, true, nil // an error comes again at the next read
	}
	b.free()
	return nil, true, err
}

// tryWrite offers p to the kernel and returns how much it took at once; wait says that it took less
// than everything, so that the rest must wait for the peer.
func (l *link) tryWrite(p []byte) (n int, wait bool, err error) {
	if l.direct == nil {
		return 0, true, nil
	}
	return l.direct.TryWrite(p)
}

// writeSize is how much is offered at once to a connection that does not tell of a part.
const writeSize = 16 << 10

// write waits until some of p has been taken.
func (l *link) write(p []byte) (n int, err error) {
	if l.direct == nil {
		return l.conn.Write(p[:min(len(p), writeSize)])
	}
	return l.direct.WriteSome(p)
}
