package gateway

import (
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/sockets"
)

// gatherSize is how many bytes of records are collected before a message is sent. Text that waits is
// delayed by one message at most.
const gatherSize = 64 << 10

// maxCloseReason is the longest reason of a close frame in bytes (RFC 6455, section 5.5).
const maxCloseReason = 123

// writer sends what a connection has to say, and what the session says that it is attached to. Everything that
// a WebSocket carries to the page goes through it, one turn at a time. Turns are taken by the goroutine that
// calls run, and, because waking that costs more than a small write, by whoever has just put something into the
// outbox and finds the writer idle.
type writer struct {
	// immutable
	ws      *websocket.Conn
	cork    *cork
	control *control
	// maxFrame is asked for each message: session.open sets it.
	maxFrame func() int

	mu sync.Mutex // held for a turn; guards the fields below
	// outbox is that of the session; nil before.
	outbox *outbox
	// err is what a turn failed with; then nothing is written any more.
	err error
	// ended says that there will be no further turn: the close frame was written, or run has returned.
	ended bool
	ready []*sockets.Stream
	frame []byte
}

// attach makes the session's outbox a source.
func (w *writer) attach(o *outbox) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outbox = o
	w.control.signal()
}

// run writes until the connection shall end. It returns an error if the page cannot be reached; nil
// means that a close frame was sent, or that there is nobody to send it to. When it has returned, nobody
// takes anything out of the outbox for this connection.
func (w *writer) run(pingInterval time.Duration) error {
	defer w.end()
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	for {
		wrote, end, err := w.takeTurn()
		if end || err != nil {
			return err
		}
		if wrote {
			continue
		}
		select {
		case <-w.control.wake:
		case <-ping.C:
			if err := w.controlFrame(websocket.PingMessage, nil); err != nil {
				return err
			}
		}
	}
}

func (w *writer) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
}

func (w *writer) takeTurn() (wrote, end bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wrote = w.writeTurn()
	return wrote, w.ended, w.err
}

// maxBorrowedTurns bounds how long a goroutine that came with something of its own writes for others.
const maxBorrowedTurns = 4

// flush sees to it that what is in o, the outbox of the session that the connection has, is written. The
// caller holds no lock. With mayBlock its goroutine is used for that, if nobody else is writing; without, only
// as far as no waiting is needed.
func (w *writer) flush(o *outbox, mayBlock bool) {
	bytes, any := o.size()
	if !any {
		return
	}
	direct := w.cork.direct != nil && bytes <= maxDirect
	if !mayBlock && !direct || !w.mu.TryLock() {
		w.control.signal()
		return
	}
	more := true
	if mayBlock {
		for i := 0; more && i < maxBorrowedTurns; i++ {
			more = w.writeTurn()
		}
	} else {
		more = w.writeDirectly()
	}
	w.mu.Unlock()
	if _, any := o.size(); any || more {
		w.control.signal()
	}
}

// writeTurn sends one round of what waits, in one system call if it is small. The caller holds mu.
func (w *writer) writeTurn() (wrote bool) {
	w.cork.hold(false)
	wrote = w.writeRound(w.maxFrame())
	if err := w.cork.release(); err != nil && w.err == nil {
		w.err = err
	}
	return wrote && w.err == nil
}

// maxDirect is the most text, and the longest message of records, that is written without waiting.
const maxDirect = 16 << 10

// writeDirectly sends a small round as far as the kernel takes it at once. more says that there is more
// to do for the goroutine that may wait. The caller holds mu.
func (w *writer) writeDirectly() (more bool) {
	w.cork.hold(true)
	w.writeRound(min(maxDirect, w.maxFrame()))
	more, err := w.cork.tryRelease()
	if err != nil && w.err == nil {
		w.err = err
	}
	return more || w.err != nil
}

// writeRound writes the answer to a ping, the answers of the lobby, and of the session's messages what is
// older, text, and records of streams that are ready, as many as fit one message. A long queue of bytes
// therefore never delays a reply by more than one message, and one stream never stops another. The caller
// holds mu.
func (w *writer) writeRound(maxFrame int) (wrote bool) {
	if w.ended || w.err != nil {
		return false
	}
	pong, texts, closing := w.control.take()
	if pong != nil {
		wrote = true
		w.keep(w.controlFrame(websocket.PongMessage, pong))
	}
	for _, text := range texts {
		wrote = true
		w.message(websocket.TextMessage, text)
	}
	if w.outbox != nil {
		wrote = w.writeSession(maxFrame, closing == nil) || wrote
	}
	if closing != nil {
		w.keep(w.close(closing))
		w.ended = true
	}
	return wrote
}

// writeSession numbers what the session has to say, and writes what is numbered and was not written on this
// connection. The caller holds mu.
func (w *writer) writeSession(maxFrame int, records bool) (wrote bool) {
	var ok bool
	if w.ready, ok = w.outbox.commit(w.ready); ok && records {
		w.commitRecords(maxFrame)
	} else {
		w.outbox.putBack(w.ready)
	}
	budget := gatherSize
	if !records {
		budget = maxUnackedBytes // the last turn
	}
	for budget > 0 {
		m, ok := w.outbox.begin()
		if !ok {
			break
		}
		w.message(m.kind, m.bytes)
		w.outbox.finish()
		budget -= len(m.bytes)
		wrote = true
	}
	return wrote && w.err == nil
}

// commitRecords numbers one message of records of the streams in w.ready, if there is anything for one. A large
// record is a message of its own, which needs no copy. The caller holds mu.
func (w *writer) commitRecords(maxFrame int) {
	received := w.outbox.takeAck(false)
	if received == 0 {
		if block, ok := w.takeBlock(maxFrame); ok {
			w.outbox.commitRecords(block.Bytes(), block.Free)
			return
		}
		received = w.outbox.takeAck(len(w.ready) > 0)
	}
	if w.frame == nil {
		w.frame = newFrame()
	}
	w.frame = w.frame[:0]
	if received > 0 {
		w.frame = sockets.AppendAck(w.frame, received)
	}
	w.gather(maxFrame)
	switch frame := w.frame; {
	case len(frame) == 0:
	case len(frame) <= maxCopied:
		w.outbox.commitRecords(slices.Clone(frame), nil)
	default:
		w.frame = nil
		w.outbox.commitRecords(frame, func() { freeFrame(frame) })
	}
}

// maxCopied is the longest message of records that is copied into memory of its size; a longer one keeps the
// buffer that it was gathered in.
const maxCopied = 8 << 10

// frames are buffers that messages are gathered in.
var frames sync.Pool

func newFrame() []byte {
	if frame, ok := frames.Get().(*[]byte); ok {
		return *frame
	}
	return make([]byte, 0, gatherSize+maxDirect)
}

func freeFrame(frame []byte) { frames.Put(&frame) }

// takeBlock takes a large record of the first stream that is ready, if it has one: it is a message of its
// own, which needs no copy. The caller holds mu.
func (w *writer) takeBlock(maxFrame int) (block sockets.Block, ok bool) {
	if len(w.ready) == 0 {
		return block, false
	}
	first := w.ready[0]
	block, ok, more := first.TakeBlock(maxFrame)
	if ok {
		w.ready = slices.Delete(w.ready, 0, 1)
		if more {
			w.ready = append(w.ready, first)
		}
		w.outbox.putBack(w.ready)
	}
	return block, ok
}

// message writes one message, unless writing has failed before.
func (w *writer) message(kind int, p []byte) {
	if w.err == nil {
		w.err = w.ws.WriteMessage(kind, p)
	}
}

// keep remembers the first error.
func (w *writer) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

// gather collects records of the streams that are ready, in the order in which they became so. The
// caller holds mu.
func (w *writer) gather(maxFrame int) {
	var again []*sockets.Stream
	for i, s := range w.ready {
		if len(w.frame) >= gatherSize || maxFrame-len(w.frame) < sockets.MinFrame {
			again = append(again, w.ready[i:]...)
			break
		}
		var more bool
		if w.frame, more = s.AppendRecords(w.frame, maxFrame-len(w.frame)); more {
			again = append(again, s)
		}
	}
	w.outbox.putBack(again)
}

// controlFrame sends a control frame. The library wants a deadline, which the cork replaces by its own.
func (w *writer) controlFrame(kind int, payload []byte) error {
	return w.ws.WriteControl(kind, payload, time.Now().Add(writeTimeout))
}

func (w *writer) close(how *closing) error {
	if how.code == 0 {
		return nil
	}
	return w.controlFrame(websocket.CloseMessage, websocket.FormatCloseMessage(how.code, cutReason(how.reason)))
}

// cutReason shortens a reason to what fits a close frame, at the end of a character.
func cutReason(reason string) string {
	for len(reason) > maxCloseReason || !utf8.ValidString(reason) {
		reason = reason[:len(reason)-1]
	}
	return reason
}
