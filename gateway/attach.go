package gateway

import (
	"time"

	"github.com/socketgate/socketgate/rpc"
)

// How a session gets a connection and loses it. All of it happens with the session's turn, one thing after
// the other.

// takeTurn waits for the session's turn and returns what gives it back.
func (s *Session) takeTurn() (done func()) {
	s.turn <- struct{}{}
	return func() { <-s.turn }
}

// attach gives the page a new connection. A connection that it still has is closed first: the newest wins. It
// waits for that one's reader and writer, so it is not called by a reader. start is called when the answer has
// been queued.
func (s *Session) attach(c *conn, p rpc.OpenParams) (result rpc.OpenResult, start func(), err error) {
	defer s.takeTurn()()
	if s.isLate(p) {
		c.control.close(closeTakenOver, reasonTakenOver)
		return result, nil, rpc.ErrSessionGone
	}
	if p.Page != nil {
		s.page = *p.Page
	}
	if p.Attempt != nil {
		s.attempt = *p.Attempt
	}
	d, old := s.current()
	if old != nil {
		old.supersede()
		s.lose(d)
	}
	if d, err = s.resume(c, d, p, &result); err != nil {
		if old != nil {
			s.wait(false)
		}
		return result, nil, err
	}
	result.Session, result.Received = s.id, d.received
	return result, func() {
		c.writer.attach(d.outbox)
		d.next <- c
	}, nil
}

// isLate says whether the page, or the one before it, has had a younger connection: what it sent on one that it has
// given up was under way for a long time. A page that was loaded again counts anew.
func (s *Session) isLate(p rpc.OpenParams) bool {
	if p.Page != nil && *p.Page != s.page {
		return s.page != "" && !isFresh(p)
	}
	return p.Attempt != nil && *p.Attempt < s.attempt && (p.Page != nil || !isFresh(p))
}

func isFresh(p rpc.OpenParams) bool { return p.Fresh != nil && *p.Fresh }

// resume goes on with the page, or with one that has been loaded again. It returns the dialogue with it.
func (s *Session) resume(c *conn, d *dialogue, p rpc.OpenParams, result *rpc.OpenResult) (*dialogue, error) {
	var received uint64
	if p.Received != nil {
		received = *p.Received
	}
	if isFresh(p) {
		next, spare := s.renew(d)
		if next == nil {
			return nil, rpc.ErrSessionGone
		}
		d, received = next, 0
		result.Restored = rpc.NewRestored(s.namespace.Reload(spare))
	}
	if !s.begin(d, c, received) {
		return nil, rpc.ErrSessionGone
	}
	return d, nil
}

// lose notes that the page has no connection any more.
func (s *Session) lose(d *dialogue) {
	s.mu.Lock()
	s.conn = nil
	s.detachedAt = time.Now()
	s.mu.Unlock()
	d.outbox.detach()
}

// begin makes c the connection of the page that d is with, unless the session has ended meanwhile or the page
// cannot have received that many messages.
func (s *Session) begin(d *dialogue, c *conn, received uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.over || !d.outbox.attach(c.control, received) {
		return false
	}
	if s.grace != nil {
		s.grace.Stop()
		s.grace = nil
	}
	s.conn = c
	for _, a := range s.unannounced {
		d.rpc.OnAccept(a.server, a.stream)
	}
	s.unannounced = nil
	return true
}

// renew begins a dialogue with a page that has been loaded again; nil if the session has ended. spare are
// the streams that no page has been told of and whose server goes on.
func (s *Session) renew(old *dialogue) (d *dialogue, spare map[uint32]bool) {
	persistent := map[uint32]bool{}
	for _, info := range s.namespace.Servers() {
		persistent[info.SocketID] = info.Persistent
	}
	d = newDialogue(s)
	s.mu.Lock()
	if s.ended || s.over {
		s.mu.Unlock()
		d.end()
		return nil, nil
	}
	s.dialogue = d
	spare = map[uint32]bool{}
	kept := s.unannounced[:0]
	for _, a := range s.unannounced {
		if persistent[a.server] {
			spare[a.stream] = true
			kept = append(kept, a)
		}
	}
	s.unannounced = kept
	s.mu.Unlock()
	old.end()
	return d, spare
}

// detach ends the connection of the page, which may come back for some time.
func (s *Session) detach(c *conn) {
	defer s.takeTurn()()
	d, current := s.current()
	if current != c { // another has taken its place
		return
	}
	s.lose(d)
	if c.pageLeft() {
		s.namespace.CloseTransient()
	}
	s.wait(c.pageLeft())
}

// wait gives a page without a connection its time to come back, or ends the session if it will not. left says
// that the page has gone for good: then only persistent sockets are worth waiting.
func (s *Session) wait(left bool) {
	lasting := s.namespace.HasPersistent()
	unused := s.namespace.IsEmpty()
	s.mu.Lock()
	s.lasting = lasting
	useless := s.over || left && !lasting || unused && s.dialogue.received == 0
	s.mu.Unlock()
	if useless || !s.server.registry.detached(s) {
		s.end()
		return
	}
	life := s.server.config.DetachedLife
	if lasting {
		life = s.server.config.PersistentLife
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	since := s.detachedAt
	s.grace = time.AfterFunc(life, func() { s.server.registry.run(func() { s.expire(since) }) })
	s.server.config.Log.Debug("session detached", "session", s.id, "for", life)
}

// expire ends the session if it has been detached since then.
func (s *Session) expire(since time.Time) {
	defer s.takeTurn()()
	s.mu.Lock()
	stale := s.conn != nil || !s.detachedAt.Equal(since)
	s.mu.Unlock()
	if !stale {
		s.end()
	}
}

// endDetached ends the session if it is detached; if not, its connection does.
func (s *Session) endDetached() {
	defer s.takeTurn()()
	s.mu.Lock()
	s.over = true
	attached := s.conn != nil
	s.mu.Unlock()
	if !attached {
		s.end()
	}
}

// sessionAge is what decides which detached session has to go first.
type sessionAge struct {
	detached, persistent bool
	since                time.Time
}

func (s *Session) age() sessionAge {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sessionAge{
		detached:   s.conn == nil && !s.detachedAt.IsZero() && !s.over,
		persistent: s.lasting,
		since:      s.detachedAt,
	}
}

// compare orders by what has to go first.
func (a sessionAge) compare(b sessionAge) int {
	if a.persistent != b.persistent {
		if a.persistent {
			return 1
		}
		return -1
	}
	return a.since.Compare(b.since)
}
