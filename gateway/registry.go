package gateway

import (
	"context"
	"slices"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/sockets"
)

// registry knows every connection and every session, so that their numbers have bounds and a shutdown finds
// them all.
type registry struct {
	// immutable
	maxSessions, maxDetached int

	// background counts ends of sessions that no connection waits for.
	background sync.WaitGroup

	mu       sync.Mutex // guards the fields below
	conns    map[*conn]struct{}
	sessions map[string]*Session // by id; those that are ending included
	closing  bool
	// empty is closed when closing and nothing is left.
	empty chan struct{}
}

func newRegistry(maxSessions, maxDetached int) *registry {
	return &registry{
		maxSessions: maxSessions,
		maxDetached: maxDetached,
		conns:       make(map[*conn]struct{}),
		sessions:    make(map[string]*Session),
		empty:       make(chan struct{}),
	}
}

// spareConns is how many connections there may be beside one per session: pages that come back while the
// connection before is still held to be alive, and those that have no session yet.
const spareConns = 64

// addConn makes a connection, unless there are as many as there may be or the gateway shuts down.
func (r *registry) addConn(create func() *conn) (*conn, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing || len(r.conns) >= r.maxSessions+spareConns {
		return nil, false
	}
	c := create()
	r.conns[c] = struct{}{}
	return c, true
}

func (r *registry) removeConn(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
	r.checkEmptyLocked()
}

// addSession counts a new session. If there are as many as there may be, one that is detached has to go.
func (r *registry) addSession(s *Session) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sessions) >= r.maxSessions {
		detached := r.detachedLocked()
		if len(detached) == 0 {
			return &sockets.LimitError{What: "sessions", Max: r.maxSessions}
		}
		delete(r.sessions, detached[0].id)
		r.endLocked(detached[0])
	}
	r.sessions[s.id] = s
	return nil
}

// session returns the session of that id, or nil.
func (r *registry) session(id string) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[id]
}

func (r *registry) removeSession(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sessions[s.id] == s {
		delete(r.sessions, s.id)
	}
	r.checkEmptyLocked()
}

// detached is told of a session that has lost its connection. It returns false if that cannot come back. If
// too many sessions are detached, the first of them have to go.
func (r *registry) detached(s *Session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return false
	}
	detached := r.detachedLocked()
	for _, victim := range detached[:max(0, len(detached)-r.maxDetached)] {
		if victim == s {
			return false
		}
		r.endLocked(victim)
	}
	return true
}

// detachedLocked returns the sessions without a connection in the order in which they have to go: the oldest
// first, those with persistent sockets last.
func (r *registry) detachedLocked() []*Session {
	type candidate struct {
		*Session
		age sessionAge
	}
	var all []candidate
	for _, s := range r.sessions {
		if age := s.age(); age.detached {
			all = append(all, candidate{s, age})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return a.age.compare(b.age) })
	sessions := make([]*Session, len(all))
	for i := range all {
		sessions[i] = all[i].Session
	}
	return sessions
}

// endLocked ends a session that is detached.
func (r *registry) endLocked(s *Session) {
	s.finish()
	r.background.Go(s.endDetached)
}

// run does something in the background, unless the gateway shuts down, which ends all sessions anyway.
func (r *registry) run(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closing {
		r.background.Go(f)
	}
}

func (r *registry) checkEmptyLocked() {
	if r.closing && len(r.conns)+len(r.sessions) == 0 {
		select {
		case <-r.empty:
		default:
			close(r.empty)
		}
	}
}

// shutdown closes every connection with 1001, ends every session and waits until nothing is left.
func (r *registry) shutdown(ctx context.Context) error {
	r.mu.Lock()
	if !r.closing {
		r.closing = true
		for c := range r.conns {
			c.control.close(websocket.CloseGoingAway, reasonShuttingDown)
		}
		for _, s := range r.sessions {
			r.endLocked(s)
		}
		r.checkEmptyLocked()
	}
	r.mu.Unlock()
	select {
	case <-r.empty:
		r.background.Wait()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
