package wire

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

// A Raw is a WebSocket to the gateway without a client on it: the test says every message.
// It is for one goroutine, apart from Close.
type Raw struct {
	ws  *websocket.Conn
	err error // the first failed read; gorilla must not be asked again for long
}

// A Message is one WebSocket message.
type Message struct {
	Binary bool
	Data   []byte
}

// DialRaw does the handshake and nothing more; no session is opened.
func DialRaw(ctx context.Context, url string, opt Options) (*Raw, error) {
	ws, err := handshake(ctx, url, opt)
	if err != nil {
		return nil, err
	}
	return &Raw{ws: ws}, nil
}

// SendText sends one text message.
func (r *Raw) SendText(s string) error {
	return r.ws.WriteMessage(websocket.TextMessage, []byte(s))
}

// SendBinary sends one binary message.
func (r *Raw) SendBinary(b []byte) error {
	return r.ws.WriteMessage(websocket.BinaryMessage, b)
}

// SendClose sends a close frame. The gateway's own is then the error of Next.
func (r *Raw) SendClose(code int, reason string) error {
	return r.ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason))
}

// Next waits for the next message. When the connection ends, [CloseCode] finds how in the error. A ctx
// that is done ends the wait and makes the connection useless for reading.
func (r *Raw) Next(ctx context.Context) (Message, error) {
	if r.err != nil {
		return Message{}, r.err
	}
	stop := context.AfterFunc(ctx, func() { _ = r.ws.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	m, err := r.read()
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		r.err = err
	}
	return m, err
}

func (r *Raw) read() (Message, error) {
	typ, rd, err := r.ws.NextReader()
	if err != nil {
		return Message{}, err
	}
	data, err := io.ReadAll(rd)
	return Message{Binary: typ == websocket.BinaryMessage, Data: data}, err
}

// UnderlyingConn is the connection below the WebSocket, for tests that send a part of a frame.
func (r *Raw) UnderlyingConn() net.Conn { return r.ws.UnderlyingConn() }

// Close drops the TCP connection without a close frame.
func (r *Raw) Close() error { return r.ws.Close() }
