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

// writer sends what is in the outbox. Everything that a WebSocket carries to the page goes through it,
// one turn at a time. Turns are taken by the goroutine that calls run, and, because waking that costs more
// than a small write, by whoever has just put something into the outbox and finds the writer idle.
type writer struct {
	// immutable
	ws     *websocket.Conn
	cork   *cork
	outbox *outbox
	// maxFrame is asked for each message: session.open sets it.
	maxFrame func() int

	mu sync.Mutex // held for a turn; guards the fields below
	// err is what a turn failed with; then nothing is written any more.
	err error
	// ended says that the close frame was written, or that none was wished: it was the last turn.
	ended bool
	turn  turn
	frame []byte
}

// run writes until the connection shall end. It returns an error if the page cannot be reached; nil
// means that a close frame was sent, or that there is nobody to send it to.
func (w *writer) run(pingInterval time.Duration) error {
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
		case <-w.outbox.wake:
		case <-ping.C:
			if err := w.control(websocket.PingMessage, nil); err != nil {
				return err
			}
		}
	}
}

func (w *writer) takeTurn() (wrote, end bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wrote = w.writeTurn()
	return wrote, w.ended, w.err
}

// maxBorrowedTurns bounds how long a goroutine that came with something of its own writes for others.
const maxBorrowedTurns = 4

// flush sees to it that what is in the outbox is written. The caller holds no lock. With mayBlock its
// goroutine is used for that, if nobody else is writing; without, only as far as no waiting is needed.
func (w *writer) flush(mayBlock bool) {
	textBytes, any := w.outbox.size()
	if !any {
		return
	}
	direct := w.cork.direct != nil && textBytes <= maxDirect
	if !mayBlock && !direct || !w.mu.TryLock() {
		w.outbox.signal()
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
	if _, any := w.outbox.size(); any || more {
		w.outbox.signal()
	}
}

// writeTurn sends one round of what waits, in one system call if it is small: the answer to a ping,
// all text, then the records of streams that are ready, as many as fit one message. A long queue of
// bytes therefore never delays a reply by more than one message, and one stream never stops another.
// The caller holds mu.
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

// writeRound writes what waits, with at most maxFrame bytes of records. The caller holds mu.
func (w *writer) writeRound(maxFrame int) (wrote bool) {
	if w.ended {
		return false
	}
	w.outbox.take(&w.turn)
	if w.turn.pong != nil {
		wrote = true
		w.keep(w.control(websocket.PongMessage, w.turn.pong))
	}
	for _, text := range w.turn.texts {
		wrote = true
		w.message(websocket.TextMessage, text)
	}
	if w.turn.closing != nil {
		w.keep(w.close(w.turn.closing))
		w.ended = true
		return wrote
	}
	if block, ok := w.takeBlock(maxFrame); ok {
		w.message(websocket.BinaryMessage, block.Bytes())
		block.Free()
		return true
	}
	w.gather(maxFrame)
	if len(w.frame) > 0 {
		wrote = true
		w.message(websocket.BinaryMessage, w.frame)
	}
	return wrote
}

// takeBlock takes a large record of the first stream that is ready, if it has one: it is a message of its
// own, which needs no copy. The caller holds mu.
func (w *writer) takeBlock(maxFrame int) (block sockets.Block, ok bool) {
	if len(w.turn.ready) == 0 {
		return block, false
	}
	first := w.turn.ready[0]
	block, ok, more := first.TakeBlock(maxFrame)
	if ok {
		w.turn.ready = slices.Delete(w.turn.ready, 0, 1)
		if more {
			w.turn.ready = append(w.turn.ready, first)
		}
		w.outbox.putBack(w.turn.ready)
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
	w.frame = w.frame[:0]
	var again []*sockets.Stream
	for i, s := range w.turn.ready {
		if len(w.frame) >= gatherSize || maxFrame-len(w.frame) < sockets.MinFrame {
			again = append(again, w.turn.ready[i:]...)
			break
		}
		var more bool
		if w.frame, more = s.AppendRecords(w.frame, maxFrame-len(w.frame)); more {
			again = append(again, s)
		}
	}
	w.outbox.putBack(again)
}

// control sends a control frame. The library wants a deadline, which the cork replaces by its own.
func (w *writer) control(kind int, payload []byte) error {
	return w.ws.WriteControl(kind, payload, time.Now().Add(writeTimeout))
}

func (w *writer) close(how *closing) error {
	if how.code == 0 {
		return nil
	}
	return w.control(websocket.CloseMessage, websocket.FormatCloseMessage(how.code, cutReason(how.reason)))
}

// cutReason shortens a reason to what fits a close frame, at the end of a character.
func cutReason(reason string) string {
	for len(reason) > maxCloseReason || !utf8.ValidString(reason) {
		reason = reason[:len(reason)-1]
	}
	return reason
}
