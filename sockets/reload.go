package sockets

import (
	"maps"
	"slices"
)

// A page that is loaded again knows nothing of its sockets. Those that are persistent it finds as they were;
// the bytes that the program of the page before had not been given yet are sent again.

// Survivors are the sockets that a page finds after it has been loaded again.
type Survivors struct {
	// Listening are the ids of servers that listen.
	Listening []uint32
	Streams   []SurvivingStream
}

// SurvivingStream is a stream as the page must know it to go on with it.
type SurvivingStream struct {
	StreamInfo
	// Up is the offset that the page's bytes go on from, Limit what it may send up to, and Down the offset of
	// the first byte that it is sent.
	Up, Limit, Down uint64
}

// Reload closes every socket that is not persistent, and prepares the others for a page that starts anew. For
// the streams in spare, which no page has been told of yet, it does what it does for persistent ones. No
// record is taken from a stream meanwhile.
func (n *Namespace) Reload(spare map[uint32]bool) Survivors {
	n.closeTransient(spare)
	var left Survivors
	n.mu.Lock()
	for _, id := range slices.Sorted(maps.Keys(n.servers)) {
		if n.servers[id].listening != nil {
			left.Listening = append(left.Listening, id)
		}
	}
	streams := slices.Collect(maps.Values(n.streams))
	flushing := slices.Collect(maps.Values(n.flushing))
	n.mu.Unlock()
	for _, s := range flushing {
		s.sendNoMore() // what finalOffset promised was the page's before
	}
	for _, s := range streams {
		if survivor := s.reload(); !spare[s.id] {
			left.Streams = append(left.Streams, survivor)
		}
	}
	slices.SortFunc(left.Streams, func(a, b SurvivingStream) int { return int(a.SocketID) - int(b.SocketID) })
	return left
}

// HasPersistent says whether there is a socket that outlives its page.
func (n *Namespace) HasPersistent() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.servers {
		if s.persistent {
			return true
		}
	}
	for _, s := range n.streams {
		if s.isPersistent() {
			return true
		}
	}
	return false
}

// IsEmpty says whether there is no socket.
func (n *Namespace) IsEmpty() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.servers)+len(n.streams) == 0
}

// CloseTransient closes what is not persistent, and does not wait.
func (n *Namespace) CloseTransient() { n.closeTransient(nil) }

// closeTransient closes what is neither persistent nor in spare.
func (n *Namespace) closeTransient(spare map[uint32]bool) {
	n.mu.Lock()
	var servers, streams []uint32
	for id, s := range n.servers {
		if !s.persistent {
			servers = append(servers, id)
		}
	}
	for id, s := range n.streams {
		if !spare[id] && !s.isPersistent() {
			streams = append(streams, id)
		}
	}
	n.mu.Unlock()
	n.closeAll(servers, streams)
}

func (s *Stream) isPersistent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.persistent
}

// reload prepares a stream for a page that knows nothing of it, and will tell that page again of an end.
func (s *Stream) reload() SurvivingStream {
	survivor := SurvivingStream{StreamInfo: s.info()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takeBackLocked()
	survivor.Up, survivor.Limit, survivor.Down = s.in.received, s.in.limit, s.out.sent
	s.queued = false
	if l := s.link; l != nil {
		l.endSent, l.stopSent = false, false
		if s.moreLocked(l) || s.in.due() || l.stopped != OK {
			s.readyLocked()
		}
	}
	return survivor
}
