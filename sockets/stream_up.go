package sockets

import (
	"io"
	"time"
)

// Up: bytes from the page to the TCP peer.

// writeSize is how much is offered to the kernel at once, so that credit returns steadily to the page
// while a large record is being written.
const writeSize = 64 << 10

// receive counts n bytes of the page. take says whether they go to the peer; otherwise they are read
// and dropped, since the stream is no longer connected.
func (s *Stream) receive(n int) (take bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.link
	// Bytes that the page sent before it heard of an end still count, but break no limit.
	if l == nil || l.finished || l.stopped != OK {
		s.in.received += uint64(n)
		return false, nil
	}
	if !s.in.receive(n) {
		return false, &ProtocolError{Reason: ReasonOverLimit}
	}
	if l.upEnded && s.in.received > l.upFinal {
		s.in.take(n)
		return false, nil
	}
	if !s.namespace.config.Shared.takeBytes(n) {
		s.stopLocked(l, InsufficientResources)
		s.settleLocked(l)
		return false, nil
	}
	return true, nil
}

// enqueue puts bytes that receive has counted into the up queue: a copy of p, or b itself.
func (s *Stream) enqueue(p []byte, b *buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b != nil {
		s.up.push(b)
		return
	}
	s.up.append(p)
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
	flushed := s.wroteAllLocked(l)
	s.mu.Unlock()
	s.forgetIf(flushed)
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
		n, err := l.conn.Write(b.bytes()[:min(b.len(), writeSize)])
		s.mu.Lock()
		s.wroteLocked(l, b, n, err)
		s.mu.Unlock()
		// It must not wait for the page: the peer may take more.
		s.namespace.config.Events.Flush(false)
		s.mu.Lock()
	}
	flushed := s.wroteAllLocked(l)
	s.mu.Unlock()
	s.forgetIf(flushed)
}

// wroteLocked counts n bytes of b as taken by the kernel and puts the rest of b back.
func (s *Stream) wroteLocked(l *link, b *buffer, n int, err error) {
	if l.stopped != OK { // while we wrote; the stream may have its next connection already
		s.namespace.config.Shared.releaseBytes(b.len())
		b.free()
		return
	}
	s.in.take(n)
	s.namespace.config.Shared.releaseBytes(n)
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

// wroteAllLocked is the end of a writing turn.
func (s *Stream) wroteAllLocked(l *link) (flushed bool) {
	l.writing = false
	return s.settleLocked(l)
}

// stopLocked notes that the peer takes nothing more. A paused stream is unconnected then, as in
// Chrome; one that is read learns its end from reading.
func (s *Stream) stopLocked(l *link, result Result) {
	if l.stopped != OK {
		return
	}
	l.stopped = result
	s.namespace.config.Shared.releaseBytes(s.up.clear())
	s.readyLocked() // STOP
	if s.paused && s.state == connected {
		s.disconnectedLocked(l)
	}
}

// pageEnded takes END of the page: FIN follows its bytes. If the page knows that the peer has ended
// too, the stream is unconnected.
func (s *Stream) pageEnded() {
	s.mu.Lock()
	l := s.link
	if l == nil || l.upEnded {
		s.mu.Unlock()
		return
	}
	l.upEnded = true
	l.upFinal = s.in.received
	if l.endSent {
		s.disconnectedLocked(l)
	}
	flushed := s.settleLocked(l)
	s.mu.Unlock()
	s.forgetIf(flushed)
}

// DisconnectStream ends the connection of a stream, if it has one; the id stays usable. What the page
// sent before is still written; with finalOffset, up to that offset of its bytes.
func (n *Namespace) DisconnectStream(id int32, finalOffset *uint64) error {
	s, err := n.stream(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	flushed := s.releaseLocked(finalOffset)
	s.mu.Unlock()
	s.forgetIf(flushed)
	return nil
}

// close ends the stream for good. It returns true if nothing is left to write.
func (s *Stream) close(finalOffset *uint64) (flushed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releaseLocked(finalOffset)
	s.state = gone
	return s.link == nil || s.link.finished
}

// releaseLocked is the page's own end of a connection, or of an attempt to connect.
func (s *Stream) releaseLocked(finalOffset *uint64) (flushed bool) {
	if s.cancelConnect != nil {
		s.cancelConnect()
	}
	if s.state != connected {
		return false
	}
	l := s.link
	if !l.upEnded {
		l.upEnded = true
		l.upFinal = s.in.received
		if finalOffset != nil {
			l.upFinal = max(l.upFinal, *finalOffset)
		}
	}
	s.disconnectedLocked(l)
	return s.settleLocked(l)
}

// disconnectedLocked makes the stream unconnected and paused, and leaves l to flush what is left.
func (s *Stream) disconnectedLocked(l *link) {
	s.state = unconnected
	s.paused = true
	l.released = true
	s.namespace.config.Shared.releaseBytes(s.down.clear())
}

// settleLocked does what the end of a connection needs next. A link that the page is done with and
// that is not finished yet gets a timer.
func (s *Stream) settleLocked(l *link) (flushed bool) {
	s.advanceLocked(l)
	switch {
	case l.finished || !l.released:
	case l.flushTimer == nil:
		l.progress = s.in.taken
		l.flushTimer = time.AfterFunc(s.patienceLocked(l), func() { s.checkProgress(l) })
	case l.hurry && l.finSent:
		l.flushTimer.Reset(s.patienceLocked(l))
	}
	return l.finished
}

// hurriedDrain is how long a connection is still read after FIN when its session has ended: enough for
// bytes that are there already.
const hurriedDrain = 100 * time.Millisecond

// patienceLocked is how long a released link may stay without progress.
func (s *Stream) patienceLocked(l *link) time.Duration {
	if l.hurry && l.finSent {
		return hurriedDrain
	}
	return s.namespace.config.FlushTimeout
}

// checkProgress gives up on a link whose peer has taken nothing since the last look, and on one that
// has been sent FIN and does not end either.
func (s *Stream) checkProgress(l *link) {
	s.mu.Lock()
	if l.finished {
		s.mu.Unlock()
		return
	}
	if s.in.taken > l.progress {
		l.progress = s.in.taken
		l.flushTimer.Reset(s.patienceLocked(l))
		s.mu.Unlock()
		return
	}
	if !l.finSent {
		s.stopLocked(l, Failed)
	}
	s.finishLocked(l)
	s.mu.Unlock()
	s.forgetIf(true)
	s.namespace.config.Events.Flush(false)
}

// sendNoMore says that the page will not send what finalOffset promised: the session has ended.
func (s *Stream) sendNoMore() {
	s.mu.Lock()
	l := s.link
	if l == nil {
		s.mu.Unlock()
		return
	}
	l.hurry = true
	l.upFinal = min(l.upFinal, s.in.received)
	flushed := s.settleLocked(l)
	s.mu.Unlock()
	s.forgetIf(flushed)
}

// abort closes the connection without waiting for anything.
func (s *Stream) abort() {
	s.mu.Lock()
	if s.link != nil {
		s.stopLocked(s.link, Failed)
		s.finishLocked(s.link)
	}
	s.mu.Unlock()
	s.forgetIf(true)
}

// advanceLocked does what the end of a connection needs next, once nobody writes and everything that
// the page sent has been written: FIN, and when the peer has ended too, the close.
func (s *Stream) advanceLocked(l *link) {
	if l.stopped != OK {
		if l.released || l.readEnded {
			s.finishLocked(l)
		}
		return
	}
	if l.finished || l.writing || !l.upEnded || s.up.size > 0 || s.in.received < l.upFinal {
		return
	}
	if !l.finSent {
		l.finSent = true
		closeWrite(l.conn)
	}
	if l.readEnded {
		s.finishLocked(l)
	} else if l.released {
		s.startReadingLocked() // to the peer's end, see wantsBytesLocked
	}
}

// finishLocked closes the connection. Pumps that wait on it return.
func (s *Stream) finishLocked(l *link) {
	if l.finished {
		return
	}
	l.finished = true
	if l.flushTimer != nil {
		l.flushTimer.Stop()
	}
	if l.stopped != OK {
		reset(l.conn)
	} else {
		_ = l.conn.Close() // everything was written; there is nobody to tell
	}
	close(l.gone)
}

// forgetIf tells the namespace that a closed stream is done with.
func (s *Stream) forgetIf(flushed bool) {
	if flushed {
		s.namespace.flushed(s)
	}
}

// closeWrite sends FIN where the connection can; others end with Close.
func closeWrite(conn io.Writer) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // an error here is the peer's reset, which reading or closing meets too
	}
}
