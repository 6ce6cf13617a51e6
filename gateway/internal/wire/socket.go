package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// maxAccepted bounds the connections that wait for Accept; one more ends the client.
const maxAccepted = 16384

// Accepted is a connection that a server accepted.
type Accepted struct {
	Server uint32
	Stream *Stream
}

// socketParams are the parameters of a call that names one socket and perhaps more.
type socketParams struct {
	SocketID    uint32 `json:"socketId"`
	Paused      *bool  `json:"paused,omitempty"`
	PeerAddress string `json:"peerAddress,omitempty"`
	PeerPort    int    `json:"peerPort,omitempty"`
}

// newStreamLocked makes the client know a stream, still unconnected.
func (c *Client) newStreamLocked(id uint32) *Stream {
	window := uint64(c.session.Window)
	s := &Stream{c: c, id: id, send: sendFlow{window: window}, receive: receiveFlow{window: window}}
	s.changed.L = &c.mu
	c.streams[id] = s
	c.lastID = max(c.lastID, id)
	return s
}

// connectLocked begins a connection, the first or a further one.
func (s *Stream) connectLocked() {
	s.send.start()
	s.receive.start()
	s.in.Reset()
	s.connected, s.leaving = true, false
	s.sentEnd, s.ended, s.stopped = false, false, false
}

// accept takes an onAccept, for the reader.
func (c *Client) accept(server, id uint32) error {
	c.mu.Lock()
	if c.streams[id] != nil || c.out.maxMessage == 0 {
		c.mu.Unlock()
		return fmt.Errorf("onAccept with id %d, which is in use, or before session.open was answered", id)
	}
	s := c.newStreamLocked(id)
	s.connectLocked()
	if f := c.opt.OnAccept; f != nil {
		c.mu.Unlock()
		f(server, s)
		return nil
	}
	defer c.mu.Unlock()
	if len(c.accepted) == maxAccepted {
		return fmt.Errorf("%d connections wait for Accept", maxAccepted)
	}
	c.accepted = append(c.accepted, Accepted{server, s})
	c.acceptedNew.Signal()
	return nil
}

// Accept waits for the next accepted connection of any server. Its stream is paused.
func (c *Client) Accept(ctx context.Context) (Accepted, error) {
	defer c.abortWait(ctx, &c.acceptedNew)()
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.accepted) == 0 {
		if c.err != nil {
			return Accepted{}, c.err
		}
		if ctx.Err() != nil {
			return Accepted{}, ctx.Err()
		}
		c.acceptedNew.Wait()
	}
	a := c.accepted[0]
	c.accepted = slices.Delete(c.accepted, 0, 1)
	return a, nil
}

// Listen creates a server that listens on address and port, 0 for any, and gives its id and its port.
func (c *Client) Listen(ctx context.Context, address string, port int) (server uint32, bound int, err error) {
	var created struct{ SocketID uint32 }
	if err := c.Call(ctx, "tcpServer.create", nil, &created); err != nil {
		return 0, 0, err
	}
	id := created.SocketID
	if err := c.Call(ctx, "tcpServer.listen", []any{id, address, port}, nil); err != nil {
		return id, 0, err
	}
	var info struct{ LocalPort int }
	err = c.Call(ctx, "tcpServer.getInfo", socketParams{SocketID: id}, &info)
	return id, info.LocalPort, err
}

// CreateStream makes an unconnected stream. [Stream.Connect] connects it.
func (c *Client) CreateStream(ctx context.Context) (*Stream, error) {
	var created struct{ SocketID uint32 }
	if err := c.Call(ctx, "tcp.create", nil, &created); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newStreamLocked(created.SocketID), nil
}

// Connect connects the stream. It is not paused, so bytes may follow at once.
func (s *Stream) Connect(ctx context.Context, address string, port int) error {
	p := socketParams{SocketID: s.id, PeerAddress: address, PeerPort: port}
	return s.c.call(ctx, "tcp.connect", p, nil, func() {
		s.c.mu.Lock()
		defer s.c.mu.Unlock()
		s.connectLocked()
	})
}

// SetPaused pauses or unpauses the stream and waits for the answer.
func (s *Stream) SetPaused(ctx context.Context, paused bool) error {
	return s.c.Call(ctx, "tcp.setPaused", socketParams{SocketID: s.id, Paused: &paused}, nil)
}

// GoUnpause unpauses the stream without waiting; it may be used in callbacks.
func (s *Stream) GoUnpause() error {
	return s.c.Go("tcp.setPaused", socketParams{SocketID: s.id, Paused: new(false)}, nil)
}

// Disconnect ends the connection and waits for the answer; the stream can be connected again.
func (s *Stream) Disconnect(ctx context.Context) error {
	s.leave()
	return s.c.call(ctx, "tcp.disconnect", socketParams{SocketID: s.id}, nil, s.disconnected)
}

// Close ends the connection, if there is one, and the stream, and waits for the answer.
func (s *Stream) Close(ctx context.Context) error {
	s.leave()
	return s.c.call(ctx, "tcp.close", socketParams{SocketID: s.id}, nil, s.forget)
}

// GoClose is Close without waiting; it may be used in callbacks. reply may be nil.
func (s *Stream) GoClose(reply func(result json.RawMessage, err error)) error {
	s.leave()
	return s.c.start("tcp.close", socketParams{SocketID: s.id}, &call{before: s.forget, reply: reply})
}

// leave makes the reader drop what still arrives.
func (s *Stream) leave() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.leaving = true
	s.changed.Broadcast()
}

// disconnected is what the answer to tcp.disconnect means: from here on nothing may arrive.
func (s *Stream) disconnected() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.connected = false
	s.in.Reset()
	s.changed.Broadcast()
}

// forget is what the answer to tcp.close means: the id is gone.
func (s *Stream) forget() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.connected, s.closed = false, true
	delete(s.c.streams, s.id)
	s.changed.Broadcast()
}
