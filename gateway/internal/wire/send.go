package wire

// blockSize is from where on a write is sent without a copy into the outbox. Below it is better to gather.
const blockSize = 16 << 10

// Write sends p, waiting for credit and for room in the outbox. A p within the credit and maxFrame is one
// record. It returns when the bytes are on their way; [Stream.Flush] waits until they are taken. p may be
// reused. Not for callbacks: credit comes through the reader.
func (s *Stream) Write(p []byte) (n int, err error) {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	for n < len(p) {
		k, err := s.writeSomeLocked(p[n:])
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// writeSomeLocked sends the beginning of p as one record.
func (s *Stream) writeSomeLocked(p []byte) (n int, err error) {
	c := s.c
	if len(p) >= blockSize {
		if err := s.awaitCreditLocked(); err != nil {
			return 0, err
		}
		if err := c.acquireLocked(); err != nil {
			return 0, err
		}
		defer c.releaseLocked()
		c.drainLocked() // what came earlier goes first
		// The stream may have ended meanwhile; its credit can only have grown, this being its only writer.
		if err := s.writableLocked(); err != nil {
			return 0, err
		}
		n = s.recordLen(len(p))
		s.send.offset += uint64(n)
		c.sendBlockLocked(s.id, p[:n])
		return n, nil
	}
	for c.out.bytes >= maxQueued {
		if err := s.writableLocked(); err != nil {
			return 0, err
		}
		c.space.Wait()
	}
	if err := s.awaitCreditLocked(); err != nil {
		return 0, err
	}
	n = s.recordLen(len(p))
	s.send.offset += uint64(n)
	c.out.data(s.id, p[:n])
	c.kickLocked()
	return n, nil
}

// TryWrite sends p as one record if credit and outbox have room for all of it now. It is for callbacks:
// what a message's handlers write leaves together when all of them have run.
func (s *Stream) TryWrite(p []byte) bool {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.writableLocked() != nil || c.out.bytes >= maxQueued || len(p) == 0 || s.recordLen(len(p)) < len(p) {
		return false
	}
	s.send.offset += uint64(len(p))
	c.out.data(s.id, p)
	if !c.dispatching {
		c.kickLocked()
	}
	return true
}

// recordLen is how much of n bytes the next record may carry.
func (s *Stream) recordLen(n int) int {
	return int(min(uint64(n), s.send.credit(), uint64(s.c.out.maxMessage-HeaderSize)))
}

func (s *Stream) awaitCreditLocked() error {
	for {
		if err := s.writableLocked(); err != nil {
			return err
		}
		if s.send.credit() > 0 {
			return nil
		}
		s.changed.Wait()
	}
}

// writableLocked says why nothing can be sent on the stream.
func (s *Stream) writableLocked() error {
	switch {
	case s.c.endedLocked() != nil:
		return s.c.endedLocked()
	case s.stopped:
		return &StopError{s.stopCode}
	case s.closed:
		return ErrClosed
	case !s.connected || s.leaving || s.sentEnd:
		return ErrNotConnected
	}
	return nil
}
