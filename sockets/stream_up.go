package sockets

// Up: bytes from the page to the TCP peer.

// admit says what happens to a record of n bytes of the page that is about to be read: take says that they
// go to the peer, through enqueue; otherwise they are dropped, through drop, since the stream is no
// longer connected.
func (s *Stream) admit(n int) (take bool, err error) {
	s.mu.Lock()
	l := s.link
	switch {
	case !s.takesBytesLocked(l):
		// What the page sent before it heard of an end breaks no limit.
	case !s.in.admits(n):
		err = &ProtocolError{Reason: ReasonOverLimit}
	case l.upEnded && s.in.received+uint64(n) > l.upFinal:
		// More than the page said there would be.
	case !s.namespace.config.Shared.takeBytes(n):
		s.stopLocked(l, InsufficientResources)
		s.settle(l)
		return false, nil
	default:
		take = true
	}
	s.mu.Unlock()
	return take, err
}

// takesBytesLocked says whether bytes of the page can still reach the peer.
func (s *Stream) takesBytesLocked(l *link) bool {
	return l != nil && !l.finished && l.stopped == OK
}

// enqueue puts bytes that were admitted into the up queue: a copy of p, or b itself. Only now they have been
// received: a connection may break in the middle of a record.
func (s *Stream) enqueue(p []byte, b *buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b != nil {
		p = b.bytes()
	}
	s.in.receive(len(p))
	switch {
	case !s.takesBytesLocked(s.link): // it has ended since they were admitted
		s.namespace.config.Shared.Release(len(p))
		if b != nil {
			b.free()
		}
	case b != nil:
		s.up.push(b)
	default:
		s.up.append(p)
	}
}

// drop counts bytes that were not admitted.
func (s *Stream) drop(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in.receive(n)
}

// flush hands to the kernel what it takes at once. It never blocks; what remains is the write pump's.
// The reader calls it after each binary message that brought bytes.
func (s *Stream) flush() {
	s.mu.Lock()
	l := s.link
	if l == nil || l.writing {
		s.mu.Unlock()
		return
	}
	l.writing = true
	for l.stopped == OK {
		b := s.up.pop()
		if b == nil {
			break
		}
		s.mu.Unlock()
		n, wait, err := l.tryWrite(b.bytes())
		s.mu.Lock()
		s.wroteLocked(l, b, n, err)
		if wait && l.stopped == OK {
			s.namespace.background.Add(1)
			go s.writePump(l)
			s.mu.Unlock()
			return
		}
	}
	l.writing = false
	s.settle(l)
}

// writePump writes until the up queue is empty, waiting for the peer where it must. It ends when
// nothing is left, or when the connection is closed. It is counted by the namespace.
func (s *Stream) writePump(l *link) {
	defer s.namespace.background.Done()
	s.mu.Lock()
	for l.stopped == OK {
		b := s.up.pop()
		if b == nil {
			break
		}
		s.mu.Unlock()
		n, err := l.write(b.bytes())
		s.mu.Lock()
		s.wroteLocked(l, b, n, err)
		s.mu.Unlock()
		// It must not wait for the page: the peer may take more.
		s.namespace.config.Events.Flush(false)
		s.mu.Lock()
	}
	l.writing = false
	s.settle(l)
}

// wroteLocked counts n bytes of b as taken by the kernel and puts the rest of b back.
func (s *Stream) wroteLocked(l *link, b *buffer, n int, err error) {
	if l.stopped != OK { // while we wrote; the stream may have its next connection already
		s.namespace.config.Shared.Release(b.len())
		b.free()
		return
	}
	s.in.take(n)
	if n > 0 {
		s.progressLocked(l)
	}
	s.namespace.config.Shared.Release(n)
	b.start += n
	if b.len() > 0 {
		s.up.unpop(b)
	} else {
		b.free()
	}
	if err != nil {
		s.stopLocked(l, Failed)
		return
	}
	if s.in.due() {
		s.readyLocked()
	}
}

// stopLocked notes that the peer takes nothing more. A paused stream is unconnected then, as in
// Chrome; one that is read learns its end from reading.
func (s *Stream) stopLocked(l *link, result Result) {
	if l.stopped != OK {
		return
	}
	l.stopped = result
	s.namespace.config.Shared.Release(s.up.clear())
	s.readyLocked() // STOP
	if s.paused && s.state == connected {
		s.disconnectedLocked(l)
	}
}
