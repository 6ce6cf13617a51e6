package sockets

import (
	"io"
	"time"
)

// The end of a connection. Each direction ends on its own; the connection is closed when both have ended
// and what the page sent has been written, or when there is no hope of that.

// hurriedDrain is how long a connection is still read after FIN when its session has ended: enough for
// bytes that are there already.
const hurriedDrain = 100 * time.Millisecond

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
	s.settle(l)
}

// DisconnectStream ends the connection of a stream, if it has one; the id stays usable. What the page
// sent before is still written; with finalOffset, up to that offset of its bytes.
func (n *Namespace) DisconnectStream(id int32, finalOffset *uint64) error {
	s, err := n.stream(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.release(finalOffset)
	return nil
}

// close ends the stream for good. Its namespace forgets it when nothing is left to write.
func (s *Stream) close(finalOffset *uint64) {
	s.mu.Lock()
	s.release(finalOffset)
	s.mu.Lock()
	s.state = gone
	done := s.link == nil || s.link.closed
	s.mu.Unlock()
	if done {
		s.namespace.flushed(s)
	}
}

// release is the page's own end of a connection, or of an attempt to connect. It releases s.mu, which
// the caller holds.
func (s *Stream) release(finalOffset *uint64) {
	if s.cancelConnect != nil {
		s.cancelConnect()
	}
	if s.state != connected {
		s.mu.Unlock()
		return
	}
	l := s.link
	if l.cancelSecure != nil {
		l.cancelSecure()
	}
	if !l.upEnded {
		l.upEnded = true
		l.upFinal = s.in.received
		if finalOffset != nil {
			l.upFinal = max(l.upFinal, *finalOffset)
		}
	}
	s.disconnectedLocked(l)
	s.settle(l)
}

// disconnectedLocked makes the stream unconnected and paused, and leaves l to flush what is left.
func (s *Stream) disconnectedLocked(l *link) {
	s.state = unconnected
	s.paused = true
	l.released = true
	s.namespace.config.Shared.Release(s.down.clear() + s.kept.clear())
}

// settle does what the end of a connection needs next. It releases s.mu, which the caller holds: closing
// waits for a read pump that may just be asking for the lock.
func (s *Stream) settle(l *link) {
	s.advanceLocked(l)
	s.timeFlushLocked(l)
	if l.flushed != nil && (l.finSent || l.finished) {
		close(l.flushed)
		l.flushed = nil
	}
	closeNow := l.finished && !l.closed
	l.closed = l.finished
	byReset := l.stopped != OK
	forget := l.closed && s.link == l && s.state == gone
	s.mu.Unlock()
	if closeNow {
		l.close(byReset)
	}
	if forget {
		s.namespace.flushed(s)
	}
}

// advanceLocked takes the next step once nobody writes and everything that the page sent has been
// written: FIN, and when the peer has ended too, the end.
func (s *Stream) advanceLocked(l *link) {
	if l.finished {
		return
	}
	if l.stopped != OK {
		l.finished = l.released || l.readEnded
		return
	}
	if l.writing || !l.upEnded || s.in.taken < l.upFinal {
		return
	}
	halfClosed := true
	if !l.finSent {
		if l.secure {
			s.closeSecureLocked(l)
			return
		}
		l.finSent = true
		halfClosed = closeWrite(l.tcp)
	}
	switch {
	case l.readEnded, l.released && !halfClosed:
		l.finished = true
	case l.released:
		s.startReadingLocked() // to the peer's end, see wantsBytesLocked
	}
}

// timeFlushLocked gives a link that the page is done with and that has not ended a timer.
func (s *Stream) timeFlushLocked(l *link) {
	switch {
	case l.finished:
		if l.flushTimer != nil {
			l.flushTimer.Stop()
		}
	case !l.released:
	case l.flushTimer == nil:
		l.progress = s.in.taken
		l.flushTimer = time.AfterFunc(s.patienceLocked(l), func() { s.checkProgress(l) })
	case l.hurry && l.finSent:
		l.flushTimer.Reset(s.patienceLocked(l))
	}
}

// patienceLocked is how long a released link may stay without progress.
func (s *Stream) patienceLocked(l *link) time.Duration {
	if l.hurry && l.finSent {
		return hurriedDrain
	}
	return s.namespace.config.FlushTimeout
}

// progressLocked gives a flush that the peer has taken something of its time again.
func (s *Stream) progressLocked(l *link) {
	if l.flushTimer != nil {
		l.progress = s.in.taken
		l.flushTimer.Reset(s.patienceLocked(l))
	}
}

// checkProgress gives up on a link whose peer has taken nothing since the last look, and on one that
// has been sent FIN and does not end either.
func (s *Stream) checkProgress(l *link) {
	s.mu.Lock()
	switch {
	case l.finished:
	case s.in.taken > l.progress: // just when the time was over
		s.progressLocked(l)
	default:
		if !l.finSent {
			s.stopLocked(l, Failed)
		}
		l.finished = true
	}
	s.settle(l)
	s.namespace.config.Events.Flush(false)
}

// flushedLocked returns what is closed when the current link has nothing left to write; nil if it has
// nothing now.
func (s *Stream) flushedLocked() <-chan struct{} {
	l := s.link
	if l == nil || l.finSent || l.finished {
		return nil
	}
	if l.flushed == nil {
		l.flushed = make(chan struct{})
	}
	return l.flushed
}

// endDrain closes a link that only waits for the peer's end: the page goes on to another connection.
func (s *Stream) endDrain() {
	s.mu.Lock()
	l := s.link
	if l == nil || !l.released || !l.finSent {
		s.mu.Unlock()
		return
	}
	l.finished = true
	s.settle(l)
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
	s.settle(l)
}

// abort closes the connection without waiting for anything.
func (s *Stream) abort() {
	s.mu.Lock()
	l := s.link
	if l == nil {
		s.mu.Unlock()
		return
	}
	s.stopLocked(l, Failed)
	l.finished = true
	s.settle(l)
}

// close closes the connection; the peer sees FIN or a reset. Pumps that wait on it return.
func (l *link) close(byReset bool) {
	if byReset {
		reset(l.tcp)
	} else {
		_ = l.tcp.Close() // everything was written; there is nobody to tell
	}
	close(l.gone)
}

// closeWrite sends FIN. It returns false if the connection cannot end one direction alone.
func closeWrite(conn io.Writer) bool {
	half, ok := conn.(interface{ CloseWrite() error })
	if ok {
		_ = half.CloseWrite() // an error here is the peer's reset, which reading or closing meets too
	}
	return ok
}
