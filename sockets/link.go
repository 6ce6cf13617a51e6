package sockets

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// link is one TCP connection of a stream, from accept or connect until the last byte is written. The
// stream's lock guards all fields under the heading.
type link struct {
	// immutable
	tcp   net.Conn
	local netip.AddrPort
	peer  netip.AddrPort
	host  string        // as the page wrote it in connect; empty for an accepted connection
	gone  chan struct{} // closed by close

	// Changed by Secure only, while no read pump runs and writing is set.

	// conn is where bytes go: tcp, or TLS over it.
	conn net.Conn
	// direct reads for the read pump and writes for whoever set writing. It is nil where the connection
	// is no kernel socket.
	direct *Direct

	// guarded by Stream.mu

	// reading says that a read pump runs.
	reading bool
	// readEnded says that the peer has closed or reset its direction; END follows the bytes.
	readEnded bool
	endSent   bool
	// writing says that somebody owns the head of the up queue: the reader or the write pump.
	writing bool
	// upEnded says that the page sends nothing above upFinal; FIN follows.
	upEnded bool
	upFinal uint64
	finSent bool
	// stopped says why the peer takes nothing more; OK while it does. STOP is owed while !stopSent.
	stopped  Result
	stopSent bool
	// released says that the page is done with the connection: no DATA and no END any more, and the
	// connection closes when the up queue is empty.
	released bool
	// finished says that nothing is left to do but to close; closed, that somebody does or has done it.
	finished bool
	closed   bool
	// hurry says that the session has ended: nobody waits for the peer's end.
	hurry bool
	// flushTimer gives up on a released link whose peer takes nothing; progress is the offset that
	// had been taken when it was set.
	flushTimer *time.Timer
	progress   uint64
	// flushed is closed when FIN has been sent or the link has finished; nil while nobody waits for it.
	flushed chan struct{}
	// secure says that TLS was begun; cancelSecure ends the handshake while it is under way.
	secure       bool
	cancelSecure context.CancelFunc
	// relieved is closed when the read pump that was there when TLS was begun has ended; nil if none was.
	relieved chan struct{}
	// early says that this pump still got bytes, which therefore did not come through TLS.
	early bool
}

func newLink(conn net.Conn, mapped bool) *link {
	return &link{
		tcp:    conn,
		conn:   conn,
		direct: NewDirect(conn),
		local:  addrPortOf(conn.LocalAddr(), mapped),
		peer:   addrPortOf(conn.RemoteAddr(), mapped),
		gone:   make(chan struct{}),
	}
}
