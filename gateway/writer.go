package gateway

import (
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

// writer sends what is in the outbox. Everything that a WebSocket carries to the page goes through it.
type writer struct {
	// immutable
	ws     *websocket.Conn
	cork   *cork
	outbox *outbox
	// maxFrame is asked for each message: session.open sets it.
	maxFrame func() int

	// owned by the goroutine that calls run
	turn  turn
	frame []byte
}

// run writes until the connection shall end. It returns an error if the page cannot be reached; nil
// means that a close frame was sent, or that there is nobody to send it to.
func (w *writer) run(pingInterval time.Duration) error {
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	for {
		wrote, err := w.writeTurn()
		if err != nil || w.turn.closing != nil {
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

// writeTurn sends one round of what waits, in one system call if it is small: the answer to a ping,
// all text, then the records of streams that are ready, as many as fit one message. A long queue of
// bytes therefore never delays a reply by more than one message, and one stream never stops another.
func (w *writer) writeTurn() (wrote bool, err error) {
	w.outbox.take(&w.turn)
	w.cork.hold()
	if w.turn.pong != nil {
		wrote = true
		err = w.control(websocket.PongMessage, w.turn.pong)
	}
	for _, text := range w.turn.texts {
		if err == nil {
			wrote = true
			err = w.ws.WriteMessage(websocket.TextMessage, text)
		}
	}
	if err == nil && w.turn.closing != nil {
		err = w.close(w.turn.closing)
	} else if err == nil {
		w.gather()
		if len(w.frame) > 0 {
			wrote = true
			err = w.ws.WriteMessage(websocket.BinaryMessage, w.frame)
		}
	}
	if releaseErr := w.cork.release(); err == nil {
		err = releaseErr
	}
	return wrote, err
}

// gather collects records of the streams that are ready, in the order in which they became so.
func (w *writer) gather() {
	maxFrame := w.maxFrame()
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
