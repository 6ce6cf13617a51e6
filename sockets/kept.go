package sockets

// Bytes for a page that may be loaded again. Down bytes of a stream that can outlive its page are kept after
// they were sent, until a LIMIT of the page shows that its program has been given them: a page that is
// loaded again gets them once more (reload.go). Other streams end with their page and keep nothing.

// keepsLocked says whether what is sent is kept. A stream that a persistent server has accepted keeps it until
// the page has decided about it: it can make the stream persistent before it unpauses it.
func (s *Stream) keepsLocked() bool { return s.persistent || s.firstOfServer }

// keepLocked keeps bytes that are being sent, if the stream does.
func (s *Stream) keepLocked(p []byte) {
	switch {
	case s.keepsLocked():
		s.kept.append(p)
		s.namespace.config.Shared.Hold(len(p))
	case s.kept.size > 0:
		// What is kept must reach to what is sent next, or it cannot be sent again.
		s.namespace.config.Shared.Release(s.kept.clear())
	}
}

// forgetKeptLocked drops what the program has been given.
func (s *Stream) forgetKeptLocked() {
	if s.kept.size == 0 {
		return
	}
	given := s.out.given(s.namespace.config.Window)
	if first := s.out.sent - uint64(s.kept.size); given > first {
		s.namespace.config.Shared.Release(s.kept.drop(int(given - first)))
	}
}

// takeBackLocked makes what is kept the next to be sent, with a whole window of credit.
func (s *Stream) takeBackLocked() {
	s.forgetKeptLocked()
	s.out.sent -= uint64(s.kept.size)
	s.kept.pushAll(&s.down)
	s.down, s.kept = s.kept, byteQueue{}
	s.out.begin(s.namespace.config.Window)
}
