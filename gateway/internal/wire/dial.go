package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// Subprotocol is what the gateway must agree to speak.
const Subprotocol = "socketgate.v1"

// Buffer sizes of the WebSocket. One write buffer holds a whole message of the default maxFrame, so that
// each message is one frame and one system call.
const (
	ReadBufferSize  = 64 << 10
	WriteBufferSize = 256 << 10
)

// maxMessage bounds what is read as one message before and beside the limits of the session.
const maxMessage = 16 << 20

// Options are the settings of [Dial] and [DialRaw]. The zero value is a page of http://localhost.
type Options struct {
	// Origin is the Origin header; empty means http://localhost.
	Origin string
	// Header has further headers of the handshake. Host and Origin in it replace the usual ones.
	Header http.Header
	// NetDial opens the connection below the WebSocket; nil means TCP.
	NetDial func(ctx context.Context, network, address string) (net.Conn, error)
	// WriteBufferSize is the largest frame of this page; 0 means [WriteBufferSize]. Larger messages are fragmented.
	WriteBufferSize int

	// Credential is shown to the gateway by session.open; empty for none.
	Credential string
	// MaxFrame is the longest binary message that session.open asks for; 0 leaves it to the gateway.
	MaxFrame int
	// OnAccept is told of each accepted connection by the reader, which serves it before it reads on.
	// It may use [Stream.Handle], [Client.Go] and [Stream.TryWrite]. Nil queues them for [Client.Accept].
	OnAccept func(server uint32, s *Stream)
	// OnNotification is told of every other notification by the reader. Nil drops them.
	OnNotification func(method string, params json.RawMessage)
}

// handshake opens a WebSocket that speaks the subprotocol.
func handshake(ctx context.Context, url string, opt Options) (*websocket.Conn, error) {
	h := http.Header{"Origin": {"http://localhost"}}
	if opt.Origin != "" {
		h.Set("Origin", opt.Origin)
	}
	for k, v := range opt.Header {
		h[http.CanonicalHeaderKey(k)] = v
	}
	size := opt.WriteBufferSize
	if size == 0 {
		size = WriteBufferSize
	}
	d := websocket.Dialer{
		NetDialContext:  opt.NetDial,
		Subprotocols:    []string{Subprotocol},
		ReadBufferSize:  ReadBufferSize,
		WriteBufferSize: size,
	}
	ws, resp, err := d.DialContext(ctx, url, h)
	if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
		// gorilla has put the first KiB of the body into resp, so reading it cannot wait or fail.
		body, _ := io.ReadAll(resp.Body)
		return nil, &HandshakeError{resp.StatusCode, strings.TrimSpace(string(body))}
	}
	if err != nil {
		return nil, err
	}
	if ws.Subprotocol() != Subprotocol {
		_ = ws.Close()
		return nil, &ViolationError{"subprotocol not agreed: " + ws.Subprotocol()}
	}
	ws.SetReadLimit(maxMessage)
	return ws, nil
}
