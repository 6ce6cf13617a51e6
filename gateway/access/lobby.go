package access

import (
	"errors"
	"sync"
)

// ErrLobbyFull means that there are as many connections without a session as there may be.
var ErrLobbyFull = errors.New("access: too many connections wait without a session")

// lobby counts connections from the handshake until their session is open. Those of strangers and those of
// origins that have rights are counted apart, so that strangers keep nobody out who was invited.
type lobby struct {
	// immutable
	limits Limits

	mu sync.Mutex // guards the fields below
	// connections by origin.
	strangers map[string]int
	known     map[string]int
	waiting   int // of strangers
}

// Enter counts a connection without a session until leave is called, which may be more than once. The error is
// [ErrLobbyFull].
func (c *Control) Enter(v Visitor) (leave func(), err error) {
	if leave, err = c.lobby.enter(v); err != nil {
		c.audit.Record(Entry{Act: ActVisit, Visitor: v, Verdict: Refused, Rule: "lobby"})
	}
	return leave, err
}

func (l *lobby) enter(v Visitor) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v.Standing != Stranger {
		if l.known[v.Origin] >= l.limits.Arriving {
			return nil, ErrLobbyFull
		}
		l.known = add(l.known, v.Origin)
		return sync.OnceFunc(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			remove(l.known, v.Origin)
		}), nil
	}
	if l.waiting >= l.limits.Strangers || l.strangers[v.Origin] >= l.limits.StrangersOfOrigin {
		return nil, ErrLobbyFull
	}
	l.waiting++
	l.strangers = add(l.strangers, v.Origin)
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.waiting--
		remove(l.strangers, v.Origin)
	}), nil
}

func add(counts map[string]int, origin string) map[string]int {
	if counts == nil {
		counts = make(map[string]int)
	}
	counts[origin]++
	return counts
}

func remove(counts map[string]int, origin string) {
	if counts[origin]--; counts[origin] == 0 {
		delete(counts, origin)
	}
}
