package gateway

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// corkSize is how many bytes a cork copies together. A longer write goes out with what was held before
// it in one system call and is not copied.
const corkSize = 16 << 10

// cork is a connection that can hold writes back and send them together. The WebSocket library makes
// one or two writes for each message; system calls are what small messages cost.
type cork struct {
	net.Conn                 // immutable
	direct   *sockets.Direct // nil where writing may always wait
	// beforeRead runs before the connection is asked for bytes, and may have to wait for them. It is
	// set before the first read.
	beforeRead func()

	mu    sync.Mutex // guards the fields below; the library writes from its reader too
	state corkState
	buf   []byte
	vec   net.Buffers // scratch for one gathered write
	// deadline is what was set last; see renewDeadlineLocked.
	deadline time.Time
}

// corkState says what Write does.
type corkState uint8

const (
	// open: it sends.
	open corkState = iota
	// held: it keeps small writes back, and sends them with a large one.
	held
	// heldAll: it keeps everything back, so that it never waits.
	heldAll
)

// hold keeps writes back until release or tryRelease. With all it keeps back large ones too.
func (c *cork) hold(all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = held
	if all {
		c.state = heldAll
	}
}

// release sends what was held back.
func (c *cork) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = open
	return c.flushLocked(nil)
}

// tryRelease sends what was held back as far as that needs no waiting. The rest is first in the next
// write; wait says that there is a rest.
func (c *cork) tryRelease() (wait bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = open
	if len(c.buf) == 0 {
		return false, nil
	}
	// A deadline that passed while nothing was written would fail this write too.
	if err := c.renewDeadlineLocked(); err != nil {
		return false, err
	}
	n, wait, err := c.direct.TryWrite(c.buf)
	c.buf = c.buf[:copy(c.buf, c.buf[n:])]
	return wait, err
}

// Read implements net.Conn.
func (c *cork) Read(p []byte) (int, error) {
	c.beforeRead()
	return c.Conn.Read(p)
}

// Write implements net.Conn. When writes are held back, an error shows with a later one, or in release.
func (c *cork) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == heldAll || c.state == held && len(c.buf)+len(p) <= corkSize {
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
	if err := c.renewDeadlineLocked(); err != nil {
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

// renewDeadlineLocked gives the next write at least writeTimeout, and a second more so that not every
// write has to set it.
func (c *cork) renewDeadlineLocked() error {
	now := time.Now()
	if c.deadline.Sub(now) >= writeTimeout {
		return nil
	}
	c.deadline = now.Add(writeTimeout + time.Second)
	return c.Conn.SetWriteDeadline(c.deadline)
}

// SetWriteDeadline implements net.Conn. The cork sets deadlines of its own.
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
	if a, ok := conn.(*arrival); ok {
		conn = a.Conn // it has arrived; what it does from now on is nobody's business but the cork's
	}
	h.cork = &cork{Conn: conn, direct: sockets.NewDirect(conn)}
	return h.cork, buffered, nil
}
