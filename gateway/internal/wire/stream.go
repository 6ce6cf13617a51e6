package wire

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// A Stream is a TCP connection that the gateway holds for this page, accepted or connected. Bytes are
// counted, credit is kept and given back by the Stream itself.
//
// What arrives goes to the [Handler], or waits for Read if there is none. Read, Write and End may be used
// from any goroutine, each by one at a time.
type Stream struct {
	c  *Client // immutable
	id uint32  // immutable

	// Guarded by c.mu.
	handler   Handler
	changed   sync.Cond // any of the following
	connected bool
	leaving   bool // disconnect or close was called: what still arrives is dropped
	closed    bool
	send      sendFlow
	receive   receiveFlow
	in        bytes.Buffer // received, not read; at most one window
	sentEnd   bool
	ended     bool
	endCode   int32
	stopped   bool
	stopCode  int32
}

// A Handler takes what arrives for a stream. Its functions are run by the reader and may be nil.
type Handler struct {
	// Data is given the bytes of one record, valid until it returns. Then they count as done.
	Data func(p []byte)
	// End is told that the peer has ended.
	End func(code int32)
	// Stop is told that the peer takes no more bytes.
	Stop func(code int32)
}

// ID is the socket's id.
func (s *Stream) ID() uint32 { return s.id }

// Handle makes h take what arrives from now on. It must come before the stream is first unpaused.
func (s *Stream) Handle(h Handler) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.handler = h
}

// Read reads what has arrived, waiting for some. After the peer's END it gives io.EOF.
func (s *Stream) Read(p []byte) (int, error) {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	for s.in.Len() == 0 {
		switch {
		case s.closed:
			return 0, ErrClosed
		case s.ended:
			return 0, io.EOF
		case !s.connected || s.leaving:
			return 0, ErrNotConnected
		case c.err != nil:
			return 0, c.err
		}
		s.changed.Wait()
	}
	n, _ := s.in.Read(p)
	s.consumeLocked(n)
	c.kickLocked()
	return n, nil
}

func (s *Stream) consumeLocked(n int) {
	if limit, due := s.receive.consume(n); due && s.connected && !s.ended {
		s.c.out.limit(s.id, limit)
		if s.c.unackedBytes >= tellBytes {
			s.c.ackLocked()
		}
	}
}

// End tells the gateway that nothing follows from this page; the peer gets FIN behind what was written.
// After the peer's END it is also what leaves the stream unconnected.
func (s *Stream) End() error {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := s.writableLocked(); err != nil && !s.stopped {
		return err
	}
	s.sentEnd = true
	c.out.end(s.id, 0)
	c.kickLocked()
	return nil
}

// Ended says whether the peer's END has arrived, and its code.
func (s *Stream) Ended() (code int32, ok bool) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.endCode, s.ended
}

// Stopped says whether STOP has arrived, and its code.
func (s *Stream) Stopped() (code int32, ok bool) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.stopCode, s.stopped
}

// Offsets are the bytes sent, and how many of them the gateway has acknowledged as taken by the kernel.
func (s *Stream) Offsets() (sent, acknowledged uint64) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.send.offset, s.send.acked()
}

// Received is the number of bytes that have arrived.
func (s *Stream) Received() uint64 {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.receive.offset
}

// Flush waits until everything written so far is acknowledged. Not for callbacks.
func (s *Stream) Flush(ctx context.Context) error {
	c := s.c
	defer c.abortWait(ctx, &s.changed)()
	c.mu.Lock()
	defer c.mu.Unlock()
	for target := s.send.offset; s.send.acked() < target; s.changed.Wait() {
		switch {
		case s.stopped:
			return &StopError{s.stopCode}
		case s.closed:
			return ErrClosed
		case c.err != nil:
			return c.err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
	return nil
}
