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

// NextText implements [rpc.Frames]. It is where a connection is read: on the JSON-RPC library's reader.
// Binary messages are handled here, so that bytes and calls keep the order in which the page sent them.
func (c *conn) NextText() ([]byte, error) {
	for {
		kind, message, err := c.nextMessage()
		if err != nil {
			c.outbox.close(0, "")
			return nil, err
		}
		if kind == websocket.TextMessage {
			text, err := c.readText(message)
			if err == nil || errors.Is(err, rpc.ErrTextTooLong) {
				return text, err
			}
			return nil, c.readFailed(err)
		}
		if err := c.readBinary(message); err != nil {
			return nil, c.readFailed(err)
		}
	}
}

// nextMessage waits for a message. Silence for too long, of pongs too, is the end of the connection.
func (c *conn) nextMessage() (kind int, message io.Reader, err error) {
	if err := c.heard(); err != nil {
		return 0, nil, err
	}
	return c.ws.NextReader()
}

// heard notes that the page is alive.
func (c *conn) heard() error {
	return c.ws.SetReadDeadline(time.Now().Add(c.server.config.PeerTimeout))
}

// errInvalidUTF8 is a text message that is none (RFC 6455, section 8.1). The library does not check it.
var errInvalidUTF8 = errors.New("gateway: text message is not UTF-8")

// readText reads a whole text message into the reader's buffer.
func (c *conn) readText(message io.Reader) ([]byte, error) {
	if c.text == nil {
		c.text = make([]byte, c.server.config.MaxText+1)
	}
	n, err := io.ReadFull(message, c.text)
	switch {
	case err == nil:
		if _, err := io.Copy(io.Discard, message); err != nil {
			return nil, err
		}
		return nil, rpc.ErrTextTooLong
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	case !utf8.Valid(c.text[:n]):
		return nil, errInvalidUTF8
	}
	return c.text[:n], nil
}

func (c *conn) readBinary(message io.Reader) error {
	namespace, err := c.Namespace()
	if err != nil {
		return err
	}
	return namespace.ReadRecords(message)
}

// readFailed ends the connection with the code that err stands for. It reads on until the page has
// answered, so that the page sees the code and not a reset; the writer waits no longer than
// closeTimeout for that.
func (c *conn) readFailed(err error) error {
	var protocol *sockets.ProtocolError
	switch {
	case errors.As(err, &protocol):
		c.outbox.close(websocket.CloseProtocolError, protocol.Reason)
	case errors.Is(err, rpc.ErrSessionNotOpen):
		c.outbox.close(websocket.CloseProtocolError, reasonSessionNotOpen)
	case errors.Is(err, errInvalidUTF8):
		c.outbox.close(websocket.CloseInvalidFramePayloadData, reasonInvalidUTF8)
	default:
		c.outbox.close(0, "")
		return err
	}
	for {
		if _, _, err := c.nextMessage(); err != nil {
			break
		}
	}
	return err
}
