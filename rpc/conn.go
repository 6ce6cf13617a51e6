package rpc

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// ErrTextTooLong is what [Frames.NextText] returns for a message that it skipped because it was longer
// than the gateway takes. It is answered, and reading goes on.
var ErrTextTooLong = errors.New("rpc: text message too long")

// Frames is where the page's text messages come from.
type Frames interface {
	// NextText waits for the next text message. What it returns is valid UTF-8 and is not used after
	// the next call. Except for [ErrTextTooLong] an error ends the connection, and NextText is not
	// called again. It is called from one goroutine only.
	NextText() ([]byte, error)
}

// Sink takes text messages for the page.
type Sink interface {
	// Text queues msg, which then belongs to the Sink. It never blocks and never calls back. It is
	// called from many goroutines.
	Text(msg []byte)
}

// Limits bound what a page can make the gateway keep. Zero means the default.
type Limits struct {
	MaxBatch int // most elements in a batch; 50
	MaxCalls int // most calls that wait for an answer; 256
	MaxHeld  int // most bytes of replies kept for batches that are not complete; 1 MiB
}

func (l Limits) withDefaults() Limits {
	if l.MaxBatch == 0 {
		l.MaxBatch = 50
	}
	if l.MaxCalls == 0 {
		l.MaxCalls = 256
	}
	if l.MaxHeld == 0 {
		l.MaxHeld = 1 << 20
	}
	return l
}

// Conn is one page's JSON-RPC connection. It is made by [NewConn] and begins to read with Start, so that
// its owner can store it first. All methods may be called from any goroutine.
type Conn struct {
	// Immutable after Start.
	codec  *codec
	router *router
	log    *slog.Logger
	lib    *jsonrpc2.Conn
}

// NewConn ties frames and sink to session. Faults of the gateway are logged to log as errors.
func NewConn(frames Frames, sink Sink, session Session, log *slog.Logger, limits Limits) *Conn {
	return newConn(frames, sink, session, methods, log, limits)
}

func newConn(
	frames Frames, sink Sink, session Session, methods methodTable, log *slog.Logger, limits Limits,
) *Conn {
	limits = limits.withDefaults()
	c := newCodec(frames, sink, limits)
	return &Conn{codec: c, router: newRouter(c, session, methods, log, limits), log: log}
}

// Start begins to read and to answer, in a goroutine that ends when NextText reports an error; Done tells.
// It must be called once, and before OnAccept and OnAcceptError.
func (c *Conn) Start() {
	logger := slog.NewLogLogger(c.log.Handler(), slog.LevelDebug)
	started := make(chan struct{})
	c.codec.started = started
	c.lib = jsonrpc2.NewConn(context.Background(), c.codec, c.router,
		jsonrpc2.SetLogger(logger), jsonrpc2.OnSend(c.codec.onSend))
	// The library reads before NewConn returns, and a method may lead to an event at once.
	close(started)
}

// Done is closed when NextText has reported its final error: no method runs any more and none will.
// Calls that still wait for their outcome are not answered.
func (c *Conn) Done() <-chan struct{} { return c.codec.done }

// OnAccept tells the page that a server has accepted a connection. After the end of the connection it
// does nothing.
func (c *Conn) OnAccept(socketID, clientSocketID uint32) {
	c.notify(onAccept, acceptParams{ClientSocketID: clientSocketID, SocketID: socketID})
}

// OnAcceptError tells the page that accepting has failed with a net error code and that the server is now
// paused. After the end of the connection it does nothing.
func (c *Conn) OnAcceptError(socketID uint32, resultCode int32) {
	c.notify(onAcceptError, acceptErrorParams{ResultCode: resultCode, SocketID: socketID})
}

// PermissionPending tells the page that the user can see its request. After the end of the connection it does
// nothing.
func (c *Conn) PermissionPending(code, url string, expiresIn time.Duration) {
	c.notify(onPending, pendingParams{Code: code, URL: url, ExpiresIn: int(expiresIn.Seconds())})
}

func (c *Conn) notify(method string, params any) {
	// The library ignores the context.
	err := c.lib.Notify(context.Background(), method, params)
	if err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
		c.log.Error("notification not sent", "method", method, "err", err)
	}
}
