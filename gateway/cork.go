package gateway

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"
)

// corkSize is how many bytes a cork copies together. A longer write goes out with what was held before
// it in one system call and is not copied.
const corkSize = 16 << 10

// cork is a connection that can hold small writes back and send them together. The WebSocket library
// makes one or two writes for each message; system calls are what small messages cost.
type cork struct {
	net.Conn // immutable

	mu   sync.Mutex // guards the fields below; the library writes from its reader too
	held bool
	buf  []byte
	vec  net.Buffers // scratch for one gathered write
}

// hold keeps writes back until release.
func (c *cork) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = true
}

// release sends what was held back.
func (c *cork) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = false
	return c.flushLocked(nil)
}

// Write implements net.Conn. When writes are held back, an error shows with a later one, or in release.
func (c *cork) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held && len(c.buf)+len(p) <= corkSize {
		c.buf = append(c.buf, p...)
		return len(p), nil
	}
	if err := c.flushLocked(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flushLocked writes what was held back, and p.
func (c *cork) flushLocked(p []byte) error {
	if len(c.buf)+len(p) == 0 {
		return nil
	}
	if err := c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	var err error
	switch {
	case len(p) == 0:
		_, err = c.Conn.Write(c.buf)
	case len(c.buf) == 0:
		_, err = c.Conn.Write(p)
	default:
		c.vec = append(c.vec[:0], c.buf, p)
		gathered := c.vec
		_, err = gathered.WriteTo(c.Conn)
		clear(c.vec)
	}
	c.buf = c.buf[:0]
	return err
}

// SetWriteDeadline implements net.Conn. The cork sets a deadline of its own for each system call.
func (c *cork) SetWriteDeadline(time.Time) error { return nil }

// corkHijacker puts a cork around the connection that a WebSocket upgrade takes over.
type corkHijacker struct {
	http.ResponseWriter
	cork *cork // set by Hijack
}

// Hijack implements http.Hijacker.
func (h *corkHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.cork = &cork{Conn: conn}
	return h.cork, buffered, nil
}
