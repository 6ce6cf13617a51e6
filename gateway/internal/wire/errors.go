package wire

import (
	"errors"
	"fmt"

	"github.com/gorilla/websocket"
)

// ErrClosed is the error of everything that is asked of a client or stream after its Close.
var ErrClosed = errors.New("wire: closed")

// ErrNotConnected is the error of sending on a stream that has no connection, or after [Stream.End].
var ErrNotConnected = errors.New("wire: stream not connected")

// An Error is the gateway's error answer to a call.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// A StopError is the error of bytes that the peer of a stream did not take.
type StopError struct{ Code int32 }

func (e *StopError) Error() string { return fmt.Sprintf("wire: stream stopped with %d", e.Code) }

// A ViolationError ends a client whose gateway broke the protocol.
type ViolationError struct{ Detail string }

func (e *ViolationError) Error() string { return "wire: gateway broke the protocol: " + e.Detail }

// A HandshakeError is an HTTP answer other than 101.
type HandshakeError struct {
	Status int
	Body   string // at most the first KiB
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("wire: handshake answered %d: %s", e.Status, e.Body)
}

// CloseCode finds the WebSocket close code and reason in an error of this package.
func CloseCode(err error) (code int, reason string, ok bool) {
	if ce, found := errors.AsType[*websocket.CloseError](err); found {
		return ce.Code, ce.Text, true
	}
	return 0, "", false
}
