package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/rpc"
	"github.com/socketgate/socketgate/sockets"
)

// Session owns the sockets of one page, also while the page has no connection, and while it is loaded again.
// It implements [sockets.Events]: what happens to its sockets goes to the dialogue with the page.
type Session struct {
	// immutable
	id        string
	secret    [sha256.Size]byte // hash of what the page must present to come back
	origin    string
	server    *Server
	lease     *access.Lease
	namespace *sockets.Namespace
	// turn is held, by putting something into it, while a connection begins or ends; see attach.go.
	turn chan struct{}

	// Owned by who holds the turn.

	// page and attempt are those of the last connection, as the page names itself and counts them.
	page    string
	attempt uint64

	mu sync.Mutex // guards the fields below
	// dialogue is with the page as it was loaded last.
	dialogue *dialogue
	// conn is the connection that the page has now; nil while it is detached.
	conn *conn
	// unannounced are connections that were accepted while the page was detached. Accept loops wait then, so
	// there is one per server at most.
	unannounced []accepted
	// over says that the session ends with its connection: it was closed, or broke the protocol.
	over bool
	// ended says that it has ended.
	ended bool
	// detachedAt is when the last connection ended, and lasting says that there were persistent sockets then;
	// grace is what ends the session some time after.
	detachedAt time.Time
	lasting    bool
	grace      *time.Timer
}

// accepted is one onAccept.
type accepted struct{ server, stream uint32 }

// newSession begins a session for a page of origin, with the rights of a lease. secret is what the page gets.
func (s *Server) newSession(origin string, lease *access.Lease, after *rpc.LastIDs) (session *Session, secret string) {
	secret = rand.Text()
	session = &Session{
		id:     rand.Text(),
		secret: sha256.Sum256([]byte(secret)),
		origin: origin,
		server: s,
		lease:  lease,
		turn:   make(chan struct{}, 1),
	}
	config := sockets.Config{
		Events:     session,
		Policy:     lease.Policy(s.forbiddenPorts()...),
		Shared:     lease.Shared(s.shared, s.config.MaxSocketsOfOrigin),
		Window:     s.config.Window,
		MaxSockets: s.config.MaxSockets,
		RootCAs:    s.config.RootCAs,
	}
	if after != nil {
		config.LastServer, config.LastStream = uint32(after.TCPServer), uint32(after.TCP)
	}
	session.namespace = sockets.NewNamespace(config)
	session.dialogue = newDialogue(session)
	lease.OnRevoke(session.revoke)
	return session, secret
}

// revoke ends the session because its page has lost its rights. It does not wait, and nothing that is
// live waits for the page.
func (s *Session) revoke() {
	s.finish()
	s.server.registry.run(func() {
		s.namespace.CloseNow()
		if _, c := s.current(); c != nil {
			c.control.close(closeRevoked, reasonRevoked)
		}
		s.endDetached()
	})
}

// admits says whether a page of origin that presents secret may come back.
func (s *Session) admits(origin, secret string) bool {
	hash := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(hash[:], s.secret[:]) == 1 && origin == s.origin
}

// end closes every socket and waits for it, no longer than a flush may take. The caller has the turn, and the
// page no connection.
func (s *Session) end() {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	s.ended = true
	d := s.dialogue
	if s.grace != nil {
		s.grace.Stop()
	}
	s.mu.Unlock()
	d.end()
	ctx, cancel := context.WithTimeout(context.Background(), sockets.DefaultFlushTimeout)
	defer cancel()
	s.namespace.Close(ctx)
	s.lease.End()
	s.server.registry.removeSession(s)
	s.server.config.Log.Info("session ended", "session", s.id, "origin", s.origin)
}

// finish makes the session end with its connection.
func (s *Session) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// current returns the dialogue with the page, and the connection for it; nil if there is none.
func (s *Session) current() (*dialogue, *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialogue, s.conn
}

// Accepted implements [sockets.Events].
func (s *Session) Accepted(server, stream uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		s.unannounced = append(s.unannounced, accepted{server, stream})
		return
	}
	// With the lock, so that announcements keep their order when a connection begins.
	s.dialogue.rpc.OnAccept(server, stream)
}

// AcceptFailed implements [sockets.Events].
func (s *Session) AcceptFailed(server uint32, result sockets.Result) {
	d, _ := s.current()
	d.rpc.OnAcceptError(server, int32(result))
}

// Ready implements [sockets.Events].
func (s *Session) Ready(stream *sockets.Stream) {
	d, _ := s.current()
	d.outbox.addReady(stream)
}

// Flush implements [sockets.Events].
func (s *Session) Flush(mayBlock bool) {
	if d, c := s.current(); c != nil {
		c.writer.flush(d.outbox, mayBlock)
	}
}

// Acknowledged implements [sockets.Events].
func (s *Session) Acknowledged(messages uint64) bool {
	d, _ := s.current()
	return d.outbox.acknowledge(messages)
}

// WaitForRoom implements [sockets.Events]. A dialogue that ends is followed by another, or by the end of the
// session, which closes stop.
func (s *Session) WaitForRoom(stop <-chan struct{}) bool {
	for {
		d, _ := s.current()
		if d.outbox.waitForRoom(stop) {
			return true
		}
		select {
		case <-stop:
			return false
		case <-d.ended:
			if next, _ := s.current(); next == d {
				return false
			}
		}
	}
}
