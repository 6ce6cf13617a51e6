package gateway

import "sync"

// control is what a connection itself has to say, beside what its session says (outbox.go): answers to pings,
// to calls that came before the session, and the end. Everybody may put something in and nobody is blocked by
// it; only the writer takes out.
type control struct {
	wake chan struct{} // capacity 1: there is something to do, here or in the outbox

	mu sync.Mutex // guards the fields below
	// pong is the payload of the newest ping that is not answered yet; nil if there is none.
	pong []byte
	// texts are answers of the lobby, bounded by maxOutboxBytes and maxOutboxMessages; beyond, the connection
	// is closed.
	texts     [][]byte
	textBytes int
	// closing is how the connection shall end; nil while it goes on.
	closing *closing
}

// closing is a wish to end a connection. Without a code no close frame is sent.
type closing struct {
	code   int
	reason string
}

func newControl() *control {
	return &control{wake: make(chan struct{}, 1)}
}

// signal wakes the writer.
func (o *control) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Text implements [rpc.Sink] for the lobby. Nothing is lost that matters: a connection that is too slow to
// take the answers to a few calls has no session yet.
func (o *control) Text(msg []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.signal()
	if o.closing != nil {
		return
	}
	if len(o.texts) >= maxOutboxMessages || o.textBytes+len(msg) > maxOutboxBytes {
		o.closeLocked(closeSlow, reasonSlow)
		return
	}
	o.texts = append(o.texts, msg)
	o.textBytes += len(msg)
}

// setPong asks for an answer to a ping. Only the newest is answered (RFC 6455, section 5.5.3).
func (o *control) setPong(payload string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pong = []byte(payload)
	o.signal()
}

// close asks for the end of the connection, with a close frame unless code is 0. The first wish wins.
func (o *control) close(code int, reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closeLocked(code, reason)
	o.signal()
}

func (o *control) closeLocked(code int, reason string) {
	if o.closing == nil {
		o.closing = &closing{code: code, reason: reason}
	}
}

// isClosing says whether the connection shall end.
func (o *control) isClosing() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing != nil
}

// take returns what is to be sent, in this order.
func (o *control) take() (pong []byte, texts [][]byte, closing *closing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	pong, texts = o.pong, o.texts
	o.pong, o.texts, o.textBytes = nil, nil, 0
	return pong, texts, o.closing
}
