package sockets

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Namespace owns the sockets of one session. Ids count from 1, servers and streams each on their own,
// and are never used again. An id means nothing outside its namespace.
//
// Calls come from one goroutine, the owner's reader; none of them blocks.
type Namespace struct {
	// immutable
	config Config

	// owned by the caller of ReadRecords
	inbox inbox

	// background counts accept loops, pumps and dials.
	background sync.WaitGroup

	mu sync.Mutex // guards the fields below and all state of servers
	// acceptCond is signalled when an accept loop may have something to do: a pause or its end, room
	// for one more socket, a server that stopped listening.
	acceptCond *sync.Cond
	servers    map[uint32]*server
	streams    map[uint32]*Stream
	// flushing holds streams that are closed but whose last bytes are still on their way.
	flushing   map[uint32]*Stream
	lastServer uint32
	lastStream uint32
}

// NewNamespace returns an empty namespace.
func NewNamespace(config Config) *Namespace {
	n := &Namespace{
		config:     config.withDefaults(),
		servers:    make(map[uint32]*server),
		streams:    make(map[uint32]*Stream),
		flushing:   make(map[uint32]*Stream),
		lastServer: config.LastServer,
		lastStream: config.LastStream,
	}
	n.acceptCond = sync.NewCond(&n.mu)
	return n
}

// CloseSockets closes every server and every stream, and does not wait: ports are free when it returns, and
// what streams have received is still being written.
func (n *Namespace) CloseSockets() {
	n.mu.Lock()
	servers := slices.Collect(maps.Keys(n.servers))
	streams := slices.Collect(maps.Keys(n.streams))
	n.mu.Unlock()
	n.closeAll(servers, streams)
}

// closeAll closes the servers and streams that are there.
func (n *Namespace) closeAll(servers, streams []uint32) {
	for _, id := range servers {
		_ = n.CloseServer(int32(id)) // it can only be gone already
	}
	for _, id := range streams {
		_ = n.CloseStream(int32(id), nil) // it can only be gone already
	}
}

// CloseNow closes every socket, and resets the connections: what streams have received is not written any more.
func (n *Namespace) CloseNow() {
	n.CloseSockets()
	n.mu.Lock()
	left := slices.Collect(maps.Values(n.flushing))
	n.mu.Unlock()
	for _, s := range left {
		s.abort()
	}
}

// Close closes every socket and waits until what streams have received has been written, or until ctx
// is done: then connections are reset. It returns when no goroutine of the namespace is left. No other
// call may follow.
func (n *Namespace) Close(ctx context.Context) {
	n.CloseSockets()
	n.mu.Lock()
	left := slices.Collect(maps.Values(n.flushing))
	n.mu.Unlock()
	for _, s := range left {
		s.sendNoMore()
	}
	stop := context.AfterFunc(ctx, func() {
		for _, s := range left {
			s.abort()
		}
	})
	n.background.Wait()
	stop()
}

// addSocketLocked counts one more socket against the limits. The caller holds n.mu.
func (n *Namespace) addSocketLocked() error {
	if n.fullLocked() {
		return &LimitError{What: "sockets in a session", Max: n.config.MaxSockets}
	}
	return n.config.Shared.addSocket()
}

func (n *Namespace) fullLocked() bool {
	return len(n.servers)+len(n.streams)+len(n.flushing) >= n.config.MaxSockets
}

// removedSocketLocked gives a socket's place back. The caller holds n.mu.
func (n *Namespace) removedSocketLocked() {
	n.config.Shared.removeSocket()
	n.acceptCond.Broadcast()
}

// stream returns the stream that calls may use.
func (n *Namespace) stream(id int32) (*Stream, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := n.streams[uint32(id)]
	if !ok {
		return nil, ErrNotFound
	}
	return s, nil
}

// streamForRecord returns the stream that a record speaks of; nil if it is gone, ok false if the id
// was never given out.
func (n *Namespace) streamForRecord(id uint32) (s *Stream, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s = n.streams[id]; s == nil {
		s = n.flushing[id]
	}
	return s, s != nil || id != 0 && id <= n.lastStream
}

// newStreamLocked adds a stream under the next id. The caller holds n.mu and has counted the socket.
func (n *Namespace) newStreamLocked() *Stream {
	n.lastStream++
	s := &Stream{id: n.lastStream, namespace: n}
	n.streams[s.id] = s
	return s
}

// CreateStream adds an unconnected stream.
func (n *Namespace) CreateStream(p StreamProperties) (uint32, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.addSocketLocked(); err != nil {
		return 0, err
	}
	s := n.newStreamLocked()
	s.setProperties(p)
	return s.id, nil
}

// UpdateStream changes the properties that p sets.
func (n *Namespace) UpdateStream(id int32, p StreamProperties) error {
	s, err := n.stream(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setProperties(p)
	return nil
}

// StreamInfo returns the state of a stream.
func (n *Namespace) StreamInfo(id int32) (StreamInfo, error) {
	s, err := n.stream(id)
	if err != nil {
		return StreamInfo{}, err
	}
	return s.info(), nil
}

// Streams returns the state of all streams, by id.
func (n *Namespace) Streams() []StreamInfo {
	n.mu.Lock()
	streams := slices.Collect(maps.Values(n.streams))
	n.mu.Unlock()
	infos := make([]StreamInfo, 0, len(streams))
	for _, s := range streams {
		infos = append(infos, s.info())
	}
	slices.SortFunc(infos, func(a, b StreamInfo) int { return int(a.SocketID) - int(b.SocketID) })
	return infos
}

// CloseStream closes a stream and forgets its id. What the page sent before is still written; with
// finalOffset, up to that offset of its bytes.
func (n *Namespace) CloseStream(id int32, finalOffset *uint64) error {
	n.mu.Lock()
	s, ok := n.streams[uint32(id)]
	if !ok {
		n.mu.Unlock()
		return ErrNotFound
	}
	delete(n.streams, s.id)
	n.flushing[s.id] = s
	n.mu.Unlock()

	s.close(finalOffset)
	return nil
}

// flushed forgets a closed stream of which nothing is left to write.
func (n *Namespace) flushed(s *Stream) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.flushing[s.id] == s {
		delete(n.flushing, s.id)
		n.removedSocketLocked()
	}
}
