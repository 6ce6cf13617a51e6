package sockets

// Down: bytes from the TCP peer to the page.

// readSize is how much is read from TCP at once. Four of them fill a browser's largest frame.
const readSize = 64 << 10

// resumeReading starts a read pump if there is something for it to do.
func (s *Stream) resumeReading() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.startReadingLocked()
}

func (s *Stream) startReadingLocked() {
	l := s.link
	if l == nil || l.reading || !s.wantsBytesLocked(l) {
		return
	}
	l.reading = true
	s.namespace.background.Add(1)
	go s.readPump(l)
}

// wantsBytesLocked says whether the next bytes of the peer should be taken from the kernel. A link
// that the page is done with is read to its end, so that the kernel does not answer bytes that nobody
// reads with a reset, which would destroy the last bytes that the page sent.
func (s *Stream) wantsBytesLocked(l *link) bool {
	if l.readEnded || l.finished {
		return false
	}
	if l.released {
		return l.finSent
	}
	return (!s.paused || s.readAhead > 0) && s.down.size < s.namespace.config.Window
}

// readPump reads from TCP until the stream does not want more: paused, a window full, or at its end.
// Whoever changes that starts another. It is counted by the namespace.
func (s *Stream) readPump(l *link) {
	defer s.namespace.background.Done()
	for s.namespace.config.Shared.waitForBytes(l.gone) {
		b, more, err := l.read(func() bool { return s.keepReading(l) })
		if !more {
			return
		}
		if err != nil {
			s.peerEnded(l)
			return
		}
		s.received(l, b)
		// This goroutine has the bytes in its cache, and nothing else to do until they are gone.
		s.namespace.config.Events.Flush(true)
	}
	s.peerEnded(l)
}

// keepReading is asked right before bytes are taken from the kernel. If they are not wanted any more
// the pump has ended with its answer.
func (s *Stream) keepReading(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wantsBytesLocked(l) {
		l.reading = false
	}
	return l.reading
}

// received queues what was read.
func (s *Stream) received(l *link, b *buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.released {
		b.free()
		return
	}
	s.readAhead -= min(s.readAhead, b.len())
	s.namespace.config.Shared.countBytes(b.len())
	if b.len() < readSize/2 {
		s.down.append(b.bytes()) // into a buffer of its size: this one is far too large to keep
		b.free()
	} else {
		s.down.push(b)
	}
	if s.out.credit() > 0 {
		s.readyLocked()
	}
}

// peerEnded notes that the peer has closed or reset the connection, or that we did.
func (s *Stream) peerEnded(l *link) {
	s.mu.Lock()
	l.reading = false
	l.readEnded = true
	if !l.released {
		s.readyLocked() // END
	}
	s.settle(l)
	s.namespace.config.Events.Flush(true)
}

// AppendRecords appends to frame what the stream has to send now, at most room bytes, of which at
// most one DATA record; more says that there is more, and the caller must ask again. Only the owner's
// writer calls it.
func (s *Stream) AppendRecords(frame []byte, room int) (out []byte, more bool) {
	if room < MinFrame {
		return frame, true
	}
	s.mu.Lock()
	if s.link == nil {
		s.queued = false
		s.mu.Unlock()
		return frame, false
	}
	out, more = s.appendRecordsLocked(frame, len(frame)+room)
	s.queued = more
	s.settle(s.link)
	return out, more
}

func (s *Stream) appendRecordsLocked(frame []byte, end int) (out []byte, more bool) {
	l := s.link
	if l.stopped == OK && s.in.due() {
		frame = appendLimit(frame, s.id, s.in.announce())
	}
	if l.stopped != OK && !l.stopSent {
		l.stopSent = true
		frame = appendResult(frame, recordStop, s.id, l.stopped)
	}
	if l.released {
		return frame, false
	}
	frame = s.appendDataLocked(frame, end)
	if l.readEnded && !l.endSent && s.down.size == 0 {
		if end-len(frame) < recordHeaderLen+resultLen {
			return frame, true
		}
		frame = s.appendEndLocked(frame, l)
	}
	return frame, s.down.size > 0 && s.out.credit() > 0
}

// appendDataLocked appends one DATA record, as long as credit and the frame allow.
func (s *Stream) appendDataLocked(frame []byte, end int) []byte {
	n := min(s.down.size, s.out.credit(), end-len(frame)-recordHeaderLen)
	if n <= 0 {
		return frame
	}
	frame = appendRecordHeader(frame, recordData, n, s.id)
	frame = s.down.moveTo(frame, n)
	s.out.sent += uint64(n)
	s.namespace.config.Shared.releaseBytes(n)
	s.startReadingLocked()
	return frame
}

// appendEndLocked appends END. If the page has ended its direction before, the stream is unconnected.
func (s *Stream) appendEndLocked(frame []byte, l *link) []byte {
	l.endSent = true
	if l.upEnded {
		s.disconnectedLocked(l)
	}
	return appendResult(frame, recordEnd, s.id, ConnectionClosed)
}

// limitRaised takes a LIMIT of the page.
func (s *Stream) limitRaised(limit uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.raise(limit)
	if s.down.size > 0 && s.out.credit() > 0 {
		s.readyLocked()
	}
}
