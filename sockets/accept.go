package sockets

import (
	"errors"
	"net"
	"os"
)

// acceptLoop accepts connections until the server stops listening. It is started by the function that
// Listen returns and counted by the namespace.
func (n *Namespace) acceptLoop(s *server, l *listening) {
	defer n.background.Done()
	for n.waitToAccept(s, l) && n.config.Events.WaitForRoom(l.stop) {
		conn, err := l.ln.Accept()
		switch {
		case err == nil && n.mayAccept(l, conn):
			n.announce(s, l, conn)
		case err == nil:
			reset(conn)
		case errors.Is(err, os.ErrDeadlineExceeded):
			// Interrupted by a pause.
		case resultOf(err) == ConnectionAborted:
			// The peer was gone before we took it: Chrome tries again without a word.
		default:
			n.acceptFailed(s, l, resultOf(err))
		}
		n.config.Events.Flush(true)
	}
}

// mayAccept asks the policy. A connection without TCP addresses, as tests have, is not its business.
func (n *Namespace) mayAccept(l *listening, conn net.Conn) bool {
	peer := addrPortOf(conn.RemoteAddr(), false)
	return !peer.IsValid() || n.config.Policy.Accept(l.host, l.local(), peer) == nil
}

// waitToAccept blocks while the server is paused or there is no room for one more socket. It returns
// false when the server has stopped listening.
func (n *Namespace) waitToAccept(s *server, l *listening) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for s.listening == l && (s.paused || n.fullLocked()) {
		n.acceptCond.Wait()
	}
	return s.listening == l
}

// announce makes conn a stream of the page's. A pause that came in between holds it back.
func (n *Namespace) announce(s *server, l *listening, conn net.Conn) {
	n.mu.Lock()
	for s.listening == l && s.paused {
		n.acceptCond.Wait()
	}
	if s.listening != l {
		n.mu.Unlock()
		reset(conn) // as the kernel does with those that still wait in the backlog
		return
	}
	if err := n.addSocketLocked(); err != nil {
		n.mu.Unlock()
		reset(conn)
		n.acceptFailed(s, l, InsufficientResources)
		return
	}
	stream := n.newStreamLocked()
	stream.accept(newLink(conn, l.v6), s.persistent)
	// In the same critical section as the check above: after disconnect or close nothing is announced.
	n.config.Events.Accepted(s.id, stream.id)
	n.mu.Unlock()
	stream.readFirst()
}

// acceptFailed pauses the server, as Chrome does, and tells the page.
func (n *Namespace) acceptFailed(s *server, l *listening, result Result) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.listening != l {
		return
	}
	n.setServerPausedLocked(s, true)
	n.config.Events.AcceptFailed(s.id, result)
}

// reset closes a connection in a way that the peer sees as a reset.
func reset(conn net.Conn) {
	if tcp, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0) // without it the peer sees an ordinary end, which is no worse
	}
	_ = conn.Close()
}
