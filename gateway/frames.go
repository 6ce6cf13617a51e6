package gateway

import (
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/rpc"
	"github.com/socketgate/socketgate/sockets"
)

// receiver is who reads a connection: its lobby, or the dialogue of a session. Its methods are called on the
// reader's goroutine, and never wait for the writer.
type receiver interface {
	// text is told of a text message that has arrived, before it is handled.
	text(length int) error
	// binary takes a binary message.
	binary(message io.Reader) error
	// broken is told that the page breaks the protocol, before the connection is closed.
	broken()
}

// nextText reads a connection up to the next text message. Binary messages are handled here, so that bytes and
// calls keep the order in which the page sent them. Except for [rpc.ErrTextTooLong] an error is the end of the
// connection.
func (c *conn) nextText(to receiver) ([]byte, error) {
	for {
		if c.control.isClosing() {
			// What would be handled now could not be answered.
			return nil, c.readToEnd()
		}
		kind, message, err := c.nextMessage()
		if err != nil {
			return nil, c.readFailed(err, to)
		}
		if kind == websocket.BinaryMessage {
			if err := to.binary(message); err != nil {
				return nil, c.readFailed(err, to)
			}
			continue
		}
		text, err := c.readText(message)
		if err != nil && !errors.Is(err, rpc.ErrTextTooLong) {
			return nil, c.readFailed(err, to)
		}
		if err := to.text(len(text)); err != nil {
			return nil, c.readFailed(err, to)
		}
		return text, err
	}
}

// nextMessage waits for a message. Silence for too long, of pongs too, is the end of the connection.
func (c *conn) nextMessage() (kind int, message io.Reader, err error) {
	if err := c.heard(); err != nil {
		return 0, nil, err
	}
	return c.ws.NextReader()
}

// errInvalidUTF8 is a text message that is none (RFC 6455, section 8.1). The library does not check it.
var errInvalidUTF8 = errors.New("gateway: text message is not UTF-8")

// readText reads a whole text message into the reader's buffer.
func (c *conn) readText(message io.Reader) ([]byte, error) {
	if c.buffer == nil {
		c.buffer = make([]byte, c.server.config.MaxText+1)
	}
	n, err := io.ReadFull(message, c.buffer)
	switch {
	case err == nil:
		if _, err := io.Copy(io.Discard, message); err != nil {
			return nil, err
		}
		return nil, rpc.ErrTextTooLong
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	case !utf8.Valid(c.buffer[:n]):
		return nil, errInvalidUTF8
	}
	return c.buffer[:n], nil
}

// readFailed ends the connection with the code that err stands for.
func (c *conn) readFailed(err error, to receiver) error {
	var protocol *sockets.ProtocolError
	switch {
	case errors.As(err, &protocol):
		c.control.close(websocket.CloseProtocolError, protocol.Reason)
	case errors.Is(err, rpc.ErrSessionNotOpen):
		c.control.close(websocket.CloseProtocolError, reasonSessionNotOpen)
	case errors.Is(err, errInvalidUTF8):
		c.control.close(websocket.CloseInvalidFramePayloadData, reasonInvalidUTF8)
	case errors.Is(err, websocket.ErrReadLimit): // the library has closed it
		to.broken()
		c.control.close(0, "")
		return err
	default:
		c.control.close(0, "")
		return err
	}
	to.broken()
	return c.readToEnd()
}

// readToEnd reads on until the page has answered the close frame, so that the page sees its code and not a
// reset; the writer waits no longer than closeTimeout for that.
func (c *conn) readToEnd() error {
	for {
		if _, _, err := c.nextMessage(); err != nil {
			return err
		}
	}
}

// drain drops what arrives on the connection below a WebSocket that is not read any more, until its end.
func (c *cork) drain(timeout time.Duration) {
	_ = c.Conn.SetReadDeadline(time.Now().Add(timeout)) // fails only on a closed connection
	_, _ = io.Copy(io.Discard, c.Conn)                  // its end, of whatever kind, is what it waits for
}
