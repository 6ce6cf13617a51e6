package wire

import "fmt"

// record handles one record from the gateway, for the reader.
func (c *Client) record(r Record) error {
	if r.Type == TypeAck {
		return nil // this client keeps nothing that it has sent
	}
	c.mu.Lock()
	s := c.streams[r.ID]
	// LIMIT and STOP may follow disconnect and close: the gateway is still writing. DATA and END may not.
	flushing := r.Type == TypeLimit || r.Type == TypeStop
	if s == nil && flushing && r.ID <= c.lastID {
		c.mu.Unlock()
		return nil
	}
	if s == nil || !s.connected && !flushing {
		c.mu.Unlock()
		return fmt.Errorf("record of type %d for socket %d, which is not connected", r.Type, r.ID)
	}
	switch r.Type {
	case TypeData:
		return s.dataUnlock(r.Payload)
	case TypeLimit:
		defer c.mu.Unlock()
		if err := s.send.raise(r.Limit()); err != nil {
			return fmt.Errorf("socket %d: %w", r.ID, err)
		}
		s.changed.Broadcast()
		return nil
	case TypeEnd:
		return s.endUnlock(r.Code())
	default:
		s.stopped, s.stopCode = true, r.Code()
		s.changed.Broadcast()
		f := s.handler.Stop
		c.mu.Unlock()
		if f != nil {
			f(r.Code())
		}
		return nil
	}
}

// dataUnlock takes DATA. Entered with the lock, it releases it.
func (s *Stream) dataUnlock(p []byte) error {
	err := s.receive.arrive(len(p))
	if s.ended {
		err = fmt.Errorf("DATA after END")
	}
	f := s.handler.Data
	switch {
	case err != nil:
		err = fmt.Errorf("socket %d: %w", s.id, err)
	case s.leaving:
	case f == nil:
		s.in.Write(p)
		s.changed.Broadcast()
	default:
		s.c.mu.Unlock()
		f(p)
		s.c.mu.Lock()
		s.consumeLocked(len(p))
	}
	s.c.mu.Unlock()
	return err
}

// endUnlock takes END. Entered with the lock, it releases it.
func (s *Stream) endUnlock(code int32) error {
	if s.ended {
		s.c.mu.Unlock()
		return fmt.Errorf("socket %d: second END", s.id)
	}
	s.ended, s.endCode = true, code
	s.changed.Broadcast()
	f := s.handler.End
	if s.leaving {
		f = nil
	}
	s.c.mu.Unlock()
	if f != nil {
		f(code)
	}
	return nil
}
