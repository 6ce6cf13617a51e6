package gateway

import (
	"context"
	"crypto/rand"
	"sync"

	"github.com/socketgate/socketgate/sockets"
)

// Session owns the sockets of one page. It implements [sockets.Events]: what happens to its sockets
// goes to the connection that it is attached to.
type Session struct {
	// immutable
	id        string
	namespace *sockets.Namespace

	mu sync.Mutex // guards the fields below
	// conn is the connection that the page has now.
	conn *conn
}

// newSession begins a session that is attached to c.
func (s *Server) newSession(c *conn) *Session {
	session := &Session{id: rand.Text(), conn: c}
	session.namespace = sockets.NewNamespace(sockets.Config{
		Events:     session,
		Policy:     s.policy(),
		Shared:     s.shared,
		Window:     s.config.Window,
		MaxSockets: s.config.MaxSockets,
		RootCAs:    s.config.RootCAs,
	})
	return session
}

// end closes every socket and waits for it, no longer than a flush may take.
func (s *Session) end() {
	ctx, cancel := context.WithTimeout(context.Background(), sockets.DefaultFlushTimeout)
	defer cancel()
	s.namespace.Close(ctx)
}

func (s *Session) attached() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// Accepted implements [sockets.Events].
func (s *Session) Accepted(server, stream uint32) {
	s.attached().rpc.OnAccept(server, stream)
}

// AcceptFailed implements [sockets.Events].
func (s *Session) AcceptFailed(server uint32, result sockets.Result) {
	s.attached().rpc.OnAcceptError(server, int32(result))
}

// Ready implements [sockets.Events].
func (s *Session) Ready(stream *sockets.Stream) {
	s.attached().outbox.addReady(stream)
}

// Flush implements [sockets.Events].
func (s *Session) Flush(mayBlock bool) {
	s.attached().writer.flush(mayBlock)
}

// WaitForRoom implements [sockets.Events].
func (s *Session) WaitForRoom(stop <-chan struct{}) bool {
	return s.attached().outbox.waitForRoom(stop)
}
