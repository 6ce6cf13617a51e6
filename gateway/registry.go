package gateway

import (
	"context"
	"sync"

	"github.com/gorilla/websocket"
)

// registry knows every connection, so that their number has a bound and a shutdown finds them all.
type registry struct {
	// immutable
	limit int

	mu sync.Mutex // guards the fields below
	// conns also holds connections that have ended but whose sockets still flush.
	conns   map[*conn]struct{}
	closing bool
	// empty is closed when closing and conns is empty.
	empty chan struct{}
}

func newRegistry(limit int) *registry {
	return &registry{limit: limit, conns: make(map[*conn]struct{}), empty: make(chan struct{})}
}

// add makes a connection, unless there are as many as there may be or the gateway shuts down.
func (r *registry) add(create func() *conn) (*conn, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing || len(r.conns) >= r.limit {
		return nil, false
	}
	c := create()
	r.conns[c] = struct{}{}
	return c, true
}

func (r *registry) remove(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
	r.checkEmptyLocked()
}

func (r *registry) checkEmptyLocked() {
	if r.closing && len(r.conns) == 0 {
		close(r.empty)
	}
}

// shutdown closes every connection with 1001 and waits until the last session has ended.
func (r *registry) shutdown(ctx context.Context) error {
	r.mu.Lock()
	if !r.closing {
		r.closing = true
		for c := range r.conns {
			c.outbox.close(websocket.CloseGoingAway, reasonShuttingDown)
		}
		r.checkEmptyLocked()
	}
	r.mu.Unlock()
	select {
	case <-r.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
