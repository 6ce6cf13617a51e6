package sockets

// Down: bytes from the TCP peer to the page.

// readSize is how much is read from TCP at once. It divides the window, so that credit ends with a read.
const readSize = 128 << 10

// maxWaiting is how much may wait for the page before no more is read: what waits in the kernel's
// buffers instead is read when it can be sent, and is still in the processor's cache then.
const maxWaiting = readSize

// minBlock is from where on bytes are sent from where they were read; fewer are copied together.
const minBlock = 16 << 10

// resumeReading starts a read pump if there is something for it to do.
func (s *Stream) resumeReading() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.startReadingLocked()
}

func (s *Stream) startReadingLocked() {
	l := s.link
	if l == nil || l.reading || s.wantsBytesLocked(l) == 0 {
		return
	}
	s.startPumpLocked(l)
}

// readFirst takes what the peer of an accepted stream has sent already, so that it leaves together with
// onAccept, and starts the read pump for the rest.
func (s *Stream) readFirst() {
	s.mu.Lock()
	l := s.link
	size := s.wantsBytesLocked(l)
	if l.reading || size == 0 {
		s.mu.Unlock()
		return
	}
	l.reading = true
	s.namespace.background.Add(1)
	s.mu.Unlock()
	if b := l.readNow(size); b != nil {
		s.received(l, b)
	}
	go s.readPump(l)
}

func (s *Stream) startPumpLocked(l *link) {
	l.reading = true
	s.namespace.background.Add(1)
	go s.readPump(l)
}

// wantsBytesLocked says how many of the peer's next bytes should be taken from the kernel. A link
// that the page is done with is read to its end, so that the kernel does not answer bytes that nobody
// reads with a reset, which would destroy the last bytes that the page sent.
func (s *Stream) wantsBytesLocked(l *link) int {
	switch {
	case l.readEnded, l.finished, l.released && !l.finSent, l.cancelSecure != nil:
		return 0
	case l.released:
		return readSize
	case s.down.size >= min(maxWaiting, s.namespace.config.Window):
		return 0
	case s.paused:
		return min(s.readAhead, readSize)
	default:
		return readSize
	}
}

// readPump sends what waits, then reads from TCP and sends until the stream does not want more: paused,
// no credit, or at its end.
// Whoever changes that starts another. It is counted by the namespace.
func (s *Stream) readPump(l *link) {
	defer s.namespace.background.Done()
	s.sendQueued()
	for s.namespace.config.Shared.waitForBytes(l.gone) {
		b, more, err := l.read(func() int { return s.keepReading(l) })
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

// sendQueued sends what was read before, as far as the page has given credit for it.
func (s *Stream) sendQueued() {
	s.mu.Lock()
	ready := s.down.size > 0 && s.out.credit() > 0
	if ready {
		s.readyLocked()
	}
	s.mu.Unlock()
	if ready {
		s.namespace.config.Events.Flush(true)
	}
}

// keepReading is asked right before bytes are taken from the kernel. If they are not wanted any more
// the pump has ended with its answer.
func (s *Stream) keepReading(l *link) (size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	size = s.wantsBytesLocked(l)
	if size == 0 {
		s.pumpEndedLocked(l)
	}
	return size
}

// pumpEndedLocked notes that the read pump takes nothing more from the kernel.
func (s *Stream) pumpEndedLocked(l *link) {
	l.reading = false
	if l.relieved != nil {
		close(l.relieved)
		l.relieved = nil
	}
}

// received queues what was read.
func (s *Stream) received(l *link, b *buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.released || l.cancelSecure != nil {
		l.early = true
		b.free()
		return
	}
	s.readAhead -= min(s.readAhead, b.len())
	s.namespace.config.Shared.Hold(b.len())
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
	s.pumpEndedLocked(l)
	if l.cancelSecure != nil { // Secure has interrupted the pump; a real end is met by the handshake too
		s.mu.Unlock()
		return
	}
	l.readEnded = true
	if !l.released {
		s.readyLocked() // END
	}
	s.settle(l)
	s.namespace.config.Events.Flush(true)
}

// Block is a whole DATA record that lies where its bytes were read, so that they need not be copied.
type Block struct{ buffer *buffer }

// Bytes is the record, until Free.
func (b Block) Bytes() []byte { return b.buffer.bytes() }

// Free gives the memory back.
func (b Block) Free() { b.buffer.free() }

// TakeBlock takes a large DATA record, if that is what the stream has to send next and it is not longer
// than room. Then more means what it does with AppendRecords. Only the owner's writer calls it.
func (s *Stream) TakeBlock(room int) (block Block, ok, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.link
	if l == nil || l.released || s.keepsLocked() || l.stopped == OK && s.in.due() || l.stopped != OK && !l.stopSent {
		return Block{}, false, false
	}
	b := s.down.first()
	if b == nil || !s.isBlockLocked(b, room) {
		return Block{}, false, false
	}
	n := b.len()
	s.down.pop()
	s.keepLocked(nil)
	s.sentLocked(n)
	b.start -= recordHeaderLen
	appendRecordHeader(b.data[:b.start], recordData, n, s.id)
	s.queued = s.moreLocked(l)
	return Block{b}, true, s.queued
}

// isBlockLocked says whether b is better sent from where it is than together with what follows it.
func (s *Stream) isBlockLocked(b *buffer, room int) bool {
	n := b.len()
	return n >= minBlock && n <= s.out.credit() && b.start >= recordHeaderLen && recordHeaderLen+n <= room &&
		(n == s.down.size || n >= room/2)
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
	return frame, s.moreLocked(l)
}

// moreLocked says whether DATA or END can be sent now.
func (s *Stream) moreLocked(l *link) bool {
	if s.down.size > 0 {
		return s.out.credit() > 0
	}
	return l.readEnded && !l.endSent
}

// appendDataLocked appends one DATA record, as long as credit and the frame allow.
func (s *Stream) appendDataLocked(frame []byte, end int) []byte {
	n := min(s.down.size, s.out.credit(), end-len(frame)-recordHeaderLen)
	if n <= 0 {
		return frame
	}
	frame = appendRecordHeader(frame, recordData, n, s.id)
	frame = s.down.moveTo(frame, n)
	s.keepLocked(frame[len(frame)-n:])
	s.sentLocked(n)
	return frame
}

// sentLocked counts n bytes that have left the down queue.
func (s *Stream) sentLocked(n int) {
	s.out.sent += uint64(n)
	s.namespace.config.Shared.Release(n)
	s.startReadingLocked()
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
	s.forgetKeptLocked()
	l := s.link
	switch {
	case s.down.size == 0 || s.out.credit() == 0:
	case s.down.size >= minBlock && !l.reading && !l.readEnded:
		// Sending much may have to wait for the page, which the caller must not. The pump goes on to read
		// when it has sent, so that the writer need not be woken for each window.
		s.startPumpLocked(l)
	default:
		s.readyLocked()
	}
}
