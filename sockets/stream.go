package sockets

import (
	"context"
	"net"
	"sync"
	"time"
)

// Stream is a TCP socket of the page: an accepted connection, or one that the page created and
// connects, perhaps several times. The bytes of its current connection pass through it.
type Stream struct {
	// immutable
	id        uint32
	namespace *Namespace

	// touched says that the binary message being read has brought bytes for this stream. Owned by the
	// caller of ReadRecords.
	touched bool

	mu sync.Mutex // guards the fields below

	persistent    bool
	allowHalfOpen bool
	paused        bool
	name          string
	bufferSize    int32

	state streamState
	// cancelConnect ends the connect that is under way; nil otherwise.
	cancelConnect context.CancelFunc
	// link is the current connection, or the last one while it is still flushing.
	link *link

	// down: peer to page
	out  outflow
	down byteQueue
	// readAhead is how many bytes may be read although the stream is paused: an accepted stream's first.
	readAhead int
	// kept are the bytes of down that were sent and that the program has not been given, while keepsLocked;
	// firstOfServer says that it does because of the server that accepted the stream.
	kept          byteQueue
	firstOfServer bool
	// queued says that Events.Ready was called and AppendRecords has not yet said that this was all.
	queued bool

	// up: page to peer
	in inflow
	up byteQueue
}

type streamState uint8

const (
	unconnected streamState = iota
	connecting
	connected
	// gone: the id is closed. Bytes up may still be flushing.
	gone
)

// ID is the socket id that the page knows.
func (s *Stream) ID() uint32 { return s.id }

// setProperties changes what p sets. The caller holds s.mu, or is the only one to know s.
func (s *Stream) setProperties(p StreamProperties) {
	if p.Persistent != nil {
		s.persistent = *p.Persistent
	}
	if p.Name != nil {
		s.name = *p.Name
	}
	if p.BufferSize != nil {
		s.bufferSize = *p.BufferSize
	}
	if p.AllowHalfOpen != nil {
		s.allowHalfOpen = *p.AllowHalfOpen
	}
}

func (s *Stream) info() StreamInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := StreamInfo{
		SocketID: s.id, Persistent: s.persistent, Name: s.name, BufferSize: s.bufferSize,
		AllowHalfOpen: s.allowHalfOpen, Paused: s.paused, Connected: s.state == connected,
	}
	if s.state == connected {
		info.LocalAddress, info.LocalPort = formatAddr(s.link.local.Addr()), s.link.local.Port()
		info.PeerAddress, info.PeerPort = formatAddr(s.link.peer.Addr()), s.link.peer.Port()
	}
	return info
}

// acceptReadAhead is how much is read from an accepted connection before the page has unpaused it. It
// saves the page a round trip for each connection; Chrome reads as much ahead.
const acceptReadAhead = 64 << 10

// accept makes l the connection of a new stream, which starts paused as in Chrome. Nobody else knows
// s yet.
func (s *Stream) accept(l *link, persistentServer bool) {
	s.paused = true
	s.firstOfServer = persistentServer
	s.readAhead = acceptReadAhead
	s.attachLocked(l)
}

// attachLocked begins a connection: both directions have one window of credit.
func (s *Stream) attachLocked(l *link) {
	s.state = connected
	s.link = l
	s.in.begin(s.namespace.config.Window)
	s.out.begin(s.namespace.config.Window)
}

// SetStreamPaused stops reading from the peer, or lets it go on. Reading begins when resume is
// called, so that the caller can answer first; nil means nothing to do.
func (n *Namespace) SetStreamPaused(id int32, paused bool) (resume func(), err error) {
	s, err := n.stream(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.paused = paused
	s.readAhead = 0
	s.firstOfServer = false
	s.mu.Unlock()
	if paused {
		return nil, nil
	}
	return s.resumeReading, nil
}

// SetKeepAlive switches TCP keep-alive. A delay of 0 seconds leaves the times as they are.
func (n *Namespace) SetKeepAlive(id int32, enable bool, delay int32) error {
	return n.setOption(id, func(conn *net.TCPConn) error {
		if delay < 0 {
			return Failed
		}
		config := net.KeepAliveConfig{Enable: enable, Idle: -1, Interval: -1, Count: -1}
		if delay > 0 {
			config.Idle = time.Duration(delay) * time.Second
			config.Interval = config.Idle
		}
		return conn.SetKeepAliveConfig(config)
	})
}

// SetNoDelay switches Nagle's algorithm off or on.
func (n *Namespace) SetNoDelay(id int32, noDelay bool) error {
	return n.setOption(id, func(conn *net.TCPConn) error { return conn.SetNoDelay(noDelay) })
}

// setOption changes a connected stream. Chrome answers -2 for whatever goes wrong.
func (n *Namespace) setOption(id int32, set func(*net.TCPConn) error) error {
	s, err := n.stream(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != connected {
		return Failed
	}
	conn, ok := s.link.tcp.(*net.TCPConn)
	if !ok || set(conn) != nil {
		return Failed
	}
	return nil
}

// readyLocked tells the owner's writer that there are records to send.
func (s *Stream) readyLocked() {
	if !s.queued {
		s.queued = true
		s.namespace.config.Events.Ready(s)
	}
}
