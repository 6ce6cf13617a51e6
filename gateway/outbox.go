package gateway

import (
	"slices"
	"sync"

	"github.com/socketgate/socketgate/sockets"
)

// outbox is what waits to be written to one WebSocket. Everybody may put something in and nobody is
// blocked by it; only the writer takes out. Text and addReady do not wake the writer: whoever has called
// them calls writer.flush when it holds no lock.
type outbox struct {
	wake chan struct{} // capacity 1: there is something to do

	mu sync.Mutex // guards the fields below
	// texts are bounded by maxOutboxBytes and maxOutboxMessages; beyond, the connection is closed.
	texts     [][]byte
	textBytes int
	// ready holds each stream at most once, so the number of sockets bounds it.
	ready []*sockets.Stream
	// pong is the payload of the newest ping that is not answered yet; nil if there is none.
	pong []byte
	// closing is how the connection shall end; nil while it goes on.
	closing *closing
	// room is closed when texts have been taken out; nil while nobody waits for it.
	room chan struct{}
}

// closing is a wish to end a connection. Without a code no close frame is sent.
type closing struct {
	code   int
	reason string
}

func newOutbox() *outbox {
	return &outbox{wake: make(chan struct{}, 1)}
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Text implements [rpc.Sink].
func (o *outbox) Text(msg []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing != nil {
		return // the page will not read it
	}
	if len(o.texts) >= maxOutboxMessages || o.textBytes+len(msg) > maxOutboxBytes {
		o.closeLocked(closeSlow, reasonSlow)
		return
	}
	o.texts = append(o.texts, msg)
	o.textBytes += len(msg)
}

// addReady puts a stream at the end of the round.
func (o *outbox) addReady(s *sockets.Stream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ready = append(o.ready, s)
}

// setPong asks for an answer to a ping. Only the newest is answered (RFC 6455, section 5.5.3).
func (o *outbox) setPong(payload string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pong = []byte(payload)
	o.signal()
}

// close asks for the end of the connection, with a close frame unless code is 0. The first wish wins.
func (o *outbox) close(code int, reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closeLocked(code, reason)
	o.signal()
}

func (o *outbox) closeLocked(code int, reason string) {
	if o.closing == nil {
		o.closing = &closing{code: code, reason: reason}
	}
}

// turn is what the writer sends next, in this order; ready streams come last.
type turn struct {
	pong    []byte
	texts   [][]byte
	closing *closing
	ready   []*sockets.Stream
}

// size says how much text there is to write, and whether there is anything but answers to pings.
func (o *outbox) size() (textBytes int, any bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.textBytes, len(o.texts) > 0 || len(o.ready) > 0
}

// take moves everything into t, whose slices are used again.
func (o *outbox) take(t *turn) {
	clear(t.texts)
	clear(t.ready)
	o.mu.Lock()
	defer o.mu.Unlock()
	t.pong, o.pong = o.pong, nil
	t.closing = o.closing
	t.texts, o.texts = o.texts, t.texts[:0]
	t.ready, o.ready = o.ready, t.ready[:0]
	o.textBytes = 0
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// putBack returns streams whose turn did not come, before those that became ready meanwhile.
func (o *outbox) putBack(streams []*sockets.Stream) {
	if len(streams) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ready = slices.Insert(o.ready, 0, streams...)
}

// waitForRoom blocks while the texts are more than half of what they may be. It returns false if stop
// was closed first.
func (o *outbox) waitForRoom(stop <-chan struct{}) bool {
	for {
		o.mu.Lock()
		if len(o.texts) <= maxOutboxMessages/2 && o.textBytes <= maxOutboxBytes/2 {
			o.mu.Unlock()
			return true
		}
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-stop:
			return false
		}
	}
}
