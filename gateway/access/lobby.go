package access

import (
	"errors"
	"sync"
)

// Bounds of connections without a session. Those of strangers and those of origins that have rights are
// counted apart, so that strangers keep nobody out who was invited.
const (
	// LobbyOfOrigin is how many a stranger may have, LobbyInAll how many all of them.
	LobbyOfOrigin = 2
	LobbyInAll    = 8
	// ArrivingOfOrigin is how many an origin with rights may have that has not opened its session yet.
	ArrivingOfOrigin = 16
)

// ErrLobbyFull means that there are as many connections without a session as there may be.
var ErrLobbyFull = errors.New("access: too many connections wait without a session")

// Lobby counts connections from the handshake until their session is open. The zero value is empty.
type Lobby struct {
	mu sync.Mutex // guards the fields below
	// connections by origin.
	strangers map[string]int
	known     map[string]int
	waiting   int // of strangers
}

// Enter counts a connection until leave is called.
func (l *Lobby) Enter(v Visitor) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v.Standing == Stranger {
		if l.waiting >= LobbyInAll || l.strangers[v.Origin] >= LobbyOfOrigin {
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
	if l.known[v.Origin] >= ArrivingOfOrigin {
		return nil, ErrLobbyFull
	}
	l.known = add(l.known, v.Origin)
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		remove(l.known, v.Origin)
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
