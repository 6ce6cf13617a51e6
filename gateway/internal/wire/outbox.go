package wire

import (
	"time"

	"github.com/gorilla/websocket"
)

// maxQueued bounds the bytes that wait in the outbox: [Stream.Write] and [Client.Call] wait above it.
// What the reader adds (LIMITs, answers of handlers) is not held back, it is bounded by the windows.
const maxQueued = 1 << 20

// maxFree is how many emptied buffers are kept for reuse.
const maxFree = 4

// outgoing is one message that waits.
type outgoing struct {
	typ int // websocket.TextMessage or websocket.BinaryMessage
	b   []byte
}

// outbox is what waits to be sent, in order. Records are packed into the last message while it is binary
// and has room. Guarded by Client.mu.
type outbox struct {
	queue      []outgoing
	spare      []outgoing // the other of two slices that take turns
	free       [][]byte
	bytes      int
	maxMessage int // longest binary message
	closing    bool
}

// room gives the buffer to append n bytes of records to; the caller must store what it appended with set.
func (o *outbox) room(n int) *outgoing {
	o.bytes += n
	if k := len(o.queue); k > 0 {
		if last := &o.queue[k-1]; last.typ == websocket.BinaryMessage && len(last.b)+n <= o.maxMessage {
			return last
		}
	}
	var b []byte
	if k := len(o.free); k > 0 {
		b, o.free = o.free[k-1], o.free[:k-1]
	}
	o.queue = append(o.queue, outgoing{websocket.BinaryMessage, b})
	return &o.queue[len(o.queue)-1]
}

func (o *outbox) data(id uint32, p []byte) {
	m := o.room(HeaderSize + len(p))
	m.b = AppendRecord(m.b, TypeData, id, p)
}

func (o *outbox) limit(id uint32, limit uint64) {
	m := o.room(HeaderSize + 8)
	m.b = AppendLimit(m.b, id, limit)
}

func (o *outbox) ack(messages uint64) {
	m := o.room(HeaderSize + 8)
	m.b = AppendAck(m.b, messages)
}

func (o *outbox) end(id uint32, code int32) {
	m := o.room(HeaderSize + 4)
	m.b = AppendEnd(m.b, id, code)
}

func (o *outbox) text(b []byte) {
	o.bytes += len(b)
	o.queue = append(o.queue, outgoing{websocket.TextMessage, b})
}

// take empties the outbox; put gives the messages back for reuse.
func (o *outbox) take() []outgoing {
	q := o.queue
	o.queue, o.spare, o.bytes = o.spare, nil, 0
	return q
}

func (o *outbox) put(q []outgoing) {
	for i, m := range q {
		if m.typ == websocket.BinaryMessage && len(o.free) < maxFree {
			o.free = append(o.free, m.b[:0])
		}
		q[i] = outgoing{}
	}
	o.spare = q[:0]
}

// write is the writer goroutine: it sends what others have left in the outbox. It ends with the client.
func (c *Client) write() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for c.endedLocked() == nil && (c.writing || len(c.out.queue) == 0 && !c.out.closing) {
			c.turn.Wait()
		}
		if c.endedLocked() != nil {
			return
		}
		c.writing = true
		c.drainLocked()
		if c.out.closing {
			// The turn is kept: nothing may follow a close frame.
			msg := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			_ = c.ws.WriteControl(websocket.CloseMessage, msg, time.Now().Add(closeWait))
			return
		}
		c.releaseLocked()
	}
}

// kickLocked wakes the writer for what was put into the outbox.
func (c *Client) kickLocked() {
	if !c.writing {
		c.turn.Broadcast()
	}
}

// flush sends what is in the outbox from the calling goroutine, unless somebody else is sending: then
// the writer does it next.
func (c *Client) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.writing && len(c.out.queue) > 0 && c.endedLocked() == nil {
		c.writing = true
		c.drainLocked()
		c.releaseLocked()
	}
}

// acquireLocked waits for the turn to write.
func (c *Client) acquireLocked() error {
	for c.writing && c.endedLocked() == nil {
		c.turn.Wait()
	}
	if err := c.endedLocked(); err != nil {
		return err
	}
	c.writing = true
	return nil
}

func (c *Client) releaseLocked() {
	c.writing = false
	c.turn.Broadcast()
}

// drainLocked, for the holder of the turn, sends what the outbox holds now.
func (c *Client) drainLocked() {
	if len(c.out.queue) == 0 {
		return
	}
	q := c.out.take()
	c.space.Broadcast()
	c.mu.Unlock()
	var err error
	for _, m := range q {
		if err = c.ws.WriteMessage(m.typ, m.b); err != nil {
			break
		}
	}
	if err != nil {
		c.failWrite(err)
	}
	c.mu.Lock()
	c.out.put(q)
}

// sendBlockLocked, for the holder of the turn, sends p as one message of one record without copying it
// into the outbox first.
func (c *Client) sendBlockLocked(id uint32, p []byte) {
	c.mu.Unlock()
	defer c.mu.Lock()
	c.header = AppendHeader(c.header[:0], TypeData, id, len(p))
	w, err := c.ws.NextWriter(websocket.BinaryMessage)
	if err == nil {
		_, err = w.Write(c.header)
	}
	if err == nil {
		_, err = w.Write(p)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		c.failWrite(err)
	}
}

// failWrite takes a write error. The reader may still find a close frame, which says more than the error
// does, so only sending ends here; the client ends when the reader does, closeWait later at the latest.
func (c *Client) failWrite(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return
	}
	c.broken = err
	_ = c.ws.SetReadDeadline(time.Now().Add(closeWait))
	c.wakeLocked()
}
