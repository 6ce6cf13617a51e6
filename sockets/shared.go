package sockets

import "sync"

// Defaults of [NewShared].
const (
	DefaultMaxSocketsInAll  = 4096
	DefaultMaxBytesBuffered = 256 << 20
)

// Shared bounds what all namespaces of a program use together: sockets, and bytes buffered for
// streams.
type Shared struct {
	// immutable
	maxSockets int
	maxBytes   int
	// what names the sockets that maxSockets is about, in errors.
	what string
	// within has the bounds of more than these; nil for the bounds of the program. Bytes are its business.
	within *Shared

	mu sync.Mutex // guards the fields below
	// sockets counts servers and streams, streams that are still flushing included.
	sockets int
	// bytes counts what waits in both directions of all streams.
	bytes int
	// room is closed when bytes falls below maxBytes; nil while nobody waits.
	room chan struct{}
}

// NewShared returns bounds for a program. Zero means the default.
func NewShared(maxSockets, maxBytes int) *Shared {
	if maxSockets == 0 {
		maxSockets = DefaultMaxSocketsInAll
	}
	if maxBytes == 0 {
		maxBytes = DefaultMaxBytesBuffered
	}
	return &Shared{maxSockets: maxSockets, maxBytes: maxBytes, what: "sockets in all sessions"}
}

// Within returns bounds for a part of what s bounds, which has maxSockets sockets at most. what names them in
// errors: "sockets of an origin".
func (s *Shared) Within(what string, maxSockets int) *Shared {
	return &Shared{maxSockets: maxSockets, what: what, within: s}
}

// addSocket counts one more socket, unless there are as many as there may be.
func (s *Shared) addSocket() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sockets >= s.maxSockets {
		return &LimitError{What: s.what, Max: s.maxSockets}
	}
	if s.within != nil {
		if err := s.within.addSocket(); err != nil {
			return err
		}
	}
	s.sockets++
	return nil
}

func (s *Shared) removeSocket() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets--
	if s.within != nil {
		s.within.removeSocket()
	}
}

// program returns the bounds of the program.
func (s *Shared) program() *Shared {
	if s.within != nil {
		return s.within.program()
	}
	return s
}

// takeBytes counts n more bytes, unless the bound has been reached. It may be passed by one taking,
// so that a large record is never refused by an almost empty program.
func (s *Shared) takeBytes(n int) bool {
	s = s.program()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes >= s.maxBytes {
		return false
	}
	s.bytes += n
	return true
}

// Hold counts n more bytes that are there already, and so never waits: those that were read, after
// waitForBytes, and those that the owner of a namespace keeps of what its streams have sent.
func (s *Shared) Hold(n int) {
	s = s.program()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes += n
}

// Release gives n bytes back. It may be called with any lock of this package held.
func (s *Shared) Release(n int) {
	s = s.program()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes -= n
	if s.room != nil && s.bytes < s.maxBytes {
		close(s.room)
		s.room = nil
	}
}

// waitForBytes blocks until the bound is not reached. It returns false if stop was closed first.
func (s *Shared) waitForBytes(stop <-chan struct{}) bool {
	s = s.program()
	for {
		s.mu.Lock()
		if s.bytes < s.maxBytes {
			s.mu.Unlock()
			return true
		}
		if s.room == nil {
			s.room = make(chan struct{})
		}
		room := s.room
		s.mu.Unlock()
		select {
		case <-room:
		case <-stop:
			return false
		}
	}
}
