package gateway

import (
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// arrivals bounds the connections of a port that have not sent a whole request yet. A browser may hold one
// open without a byte while it asks its user for permission, so they may stay long; when there are
// too many, the oldest is dropped, and one that sends its request at once is never the oldest.
type arrivals struct {
	// immutable
	net.Listener
	limit int

	mu sync.Mutex // guards the field below and all fields of arrival
	// waiting are the connections without a request, oldest first.
	waiting []*arrival
}

// arrival is a connection of a client.
type arrival struct {
	// immutable
	net.Conn
	port *arrivals

	// guarded by port.mu
	// headerBy is when the header that has begun must be complete; zero while none has.
	headerBy time.Time
	// waits says that it is in port.waiting.
	waits bool
}

// limitArrivals bounds the connections of ln. noteState must be the server's ConnState.
func limitArrivals(ln net.Listener, limit int) net.Listener {
	return &arrivals{Listener: ln, limit: limit}
}

// Accept implements [net.Listener].
func (p *arrivals) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	a := &arrival{Conn: conn, port: p}
	a.wait()
	return a, nil
}

// noteState is told by net/http what becomes of a connection.
func noteState(conn net.Conn, state http.ConnState) {
	a, ok := conn.(*arrival)
	if !ok {
		return
	}
	switch state {
	case http.StateIdle:
		a.wait()
	case http.StateActive, http.StateHijacked, http.StateClosed:
		a.arrived()
	}
}

// wait puts the connection at the end of those without a request, and drops the oldest if need be.
func (a *arrival) wait() {
	if dropped := a.join(); dropped != nil {
		_ = dropped.Conn.Close() // its reader sees it
	}
}

func (a *arrival) join() (dropped *arrival) {
	p := a.port
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.waits {
		return nil
	}
	a.waits = true
	p.waiting = append(p.waiting, a)
	if len(p.waiting) <= p.limit {
		return nil
	}
	dropped = p.waiting[0]
	dropped.leaveLocked()
	return dropped
}

// arrived ends the wait: the request is there, or the connection is gone.
func (a *arrival) arrived() {
	a.port.mu.Lock()
	defer a.port.mu.Unlock()
	a.leaveLocked()
	if !a.headerBy.IsZero() {
		a.headerBy = time.Time{}
		_ = a.Conn.SetReadDeadline(time.Time{}) // fails only when the connection is gone
	}
}

func (a *arrival) leaveLocked() {
	if a.waits {
		a.waits = false
		a.port.waiting = slices.DeleteFunc(a.port.waiting, func(other *arrival) bool { return other == a })
	}
}

// Read implements [net.Conn]. From the first byte on, the header has headerTimeout to be complete.
func (a *arrival) Read(b []byte) (int, error) {
	n, err := a.Conn.Read(b)
	if n > 0 {
		a.port.mu.Lock()
		defer a.port.mu.Unlock()
		if a.waits && a.headerBy.IsZero() {
			a.headerBy = time.Now().Add(headerTimeout)
			_ = a.Conn.SetReadDeadline(a.headerBy) // the next read shows what is wrong
		}
	}
	return n, err
}

// SetReadDeadline implements [net.Conn]: net/http knows only one time for the wait and the header.
func (a *arrival) SetReadDeadline(t time.Time) error {
	a.port.mu.Lock()
	defer a.port.mu.Unlock()
	if !a.headerBy.IsZero() && (t.IsZero() || t.After(a.headerBy)) {
		t = a.headerBy
	}
	return a.Conn.SetReadDeadline(t)
}

// CloseWrite lets net/http end a connection without cutting its last answer off.
func (a *arrival) CloseWrite() error {
	if tcp, ok := a.Conn.(interface{ CloseWrite() error }); ok {
		return tcp.CloseWrite()
	}
	return nil
}
