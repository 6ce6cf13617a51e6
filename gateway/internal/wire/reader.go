package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/gorilla/websocket"
)

// read is the reader goroutine. It ends when the connection does, and then answers every call that is
// still open.
func (c *Client) read() {
	defer close(c.done)
	for {
		typ, err := c.readMessage()
		if err != nil {
			// A normal close frame after our own is how Close ends.
			if c.closing() && websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				err = ErrClosed
			}
			c.fail(err)
			break
		}
		c.setDispatching(true)
		c.count(len(c.in))
		if typ == websocket.BinaryMessage {
			err = c.records(c.in)
		} else {
			err = c.text(c.in)
		}
		c.setDispatching(false)
		if err != nil {
			c.fail(&ViolationError{err.Error()})
			break
		}
		c.flush()
	}
	c.failCalls()
}

// How much arrives before the gateway is told that it has: from tellBytes on together with a LIMIT, and at the
// latest after ackBytes or ackMessages.
const (
	tellBytes   = 64 << 10
	ackBytes    = 512 << 10
	ackMessages = 64
)

// count counts a message, if it comes behind the answer to session.open, and acknowledges what has arrived
// before it. Until then the gateway keeps it, in case this page came back, which this client does not.
func (c *Client) count(length int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.MaxFrame == 0 {
		return
	}
	if c.unackedBytes >= ackBytes || c.unackedMessages >= ackMessages {
		c.ackLocked()
	}
	c.received++
	c.unackedBytes += length
	c.unackedMessages++
}

// ackLocked tells the gateway what has arrived.
func (c *Client) ackLocked() {
	c.out.ack(c.received)
	c.unackedBytes, c.unackedMessages = 0, 0
}

// readMessage reads the next message into c.in.
func (c *Client) readMessage() (typ int, err error) {
	typ, r, err := c.ws.NextReader()
	if err != nil {
		return 0, err
	}
	in := c.in[:0]
	for {
		if len(in) == cap(in) {
			in = append(in, 0)[:len(in)]
		}
		n, err := r.Read(in[len(in):cap(in)])
		in = in[:len(in)+n]
		if err == io.EOF {
			c.in = in
			return typ, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func (c *Client) closing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.closing
}

func (c *Client) setDispatching(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dispatching = on
}

// records handles one binary message.
func (c *Client) records(b []byte) error {
	if len(b) == 0 {
		return fmt.Errorf("empty binary message")
	}
	for len(b) > 0 {
		var r Record
		var err error
		if r, b, err = NextRecord(b); err != nil {
			return err
		}
		if err := c.record(r); err != nil {
			return err
		}
	}
	return nil
}

// envelope is any JSON-RPC message.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *Error          `json:"error"`
}

// text handles one text message. This client sends no batches, so none comes back.
func (c *Client) text(b []byte) error {
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return fmt.Errorf("text message %.200q: %w", b, err)
	}
	if e.Method != "" {
		return c.notification(e.Method, e.Params)
	}
	id, err := strconv.ParseUint(string(e.ID), 10, 64)
	if err != nil {
		return fmt.Errorf("reply with id %q: %.200q", e.ID, b)
	}
	k := c.takeCall(id)
	if k == nil {
		return fmt.Errorf("reply to no call: %.200q", b)
	}
	if e.Error != nil {
		k.finish(nil, e.Error)
	} else {
		k.finish(e.Result, nil)
	}
	return nil
}

func (c *Client) notification(method string, params json.RawMessage) error {
	if method == "tcpServer.onAccept" {
		var p struct{ SocketID, ClientSocketID uint32 }
		if err := json.Unmarshal(params, &p); err != nil || p.ClientSocketID == 0 {
			return fmt.Errorf("onAccept with %.200q", params)
		}
		return c.accept(p.SocketID, p.ClientSocketID)
	}
	if c.opt.OnNotification != nil {
		c.opt.OnNotification(method, params)
	}
	return nil
}
