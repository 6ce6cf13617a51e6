package wire

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// closeWait is how long Close waits for the gateway's half of the close handshake.
const closeWait = 2 * time.Second

// Session is what session.open answered.
type Session struct {
	Session    string `json:"session"`
	Secret     string `json:"secret"`
	Window     int    `json:"window"`
	MaxFrame   int    `json:"maxFrame"`
	MaxText    int    `json:"maxText"`
	MaxBatch   int    `json:"maxBatch"`
	MaxCalls   int    `json:"maxCalls"`
	MaxSockets int    `json:"maxSockets"`
}

// A Client is a page with an open session. Its methods may be used from any goroutine.
type Client struct {
	// Immutable.
	ws     *websocket.Conn
	opt    Options
	done   chan struct{} // closed when the reader has ended
	writer sync.WaitGroup

	// Owned by the reader goroutine.
	in []byte // the message being handled

	// Owned by the holder of the turn to write.
	header []byte // of a block that is written without being copied

	mu       sync.Mutex // guards what follows, and the fields of every Stream
	err      error      // why the client ended; nil while it works
	broken   error      // the first failed write; err follows
	session  Session
	received uint64 // numbered messages
	// unacked counts those since the gateway was told.
	unackedBytes, unackedMessages int
	calls                         map[uint64]*call
	lastCall                      uint64
	streams                       map[uint32]*Stream
	lastID                        uint32     // the highest id of a stream so far
	accepted                      []Accepted // waiting for Accept
	acceptedNew                   sync.Cond
	out                           outbox
	dispatching                   bool      // the reader is in a message and will flush at its end
	writing                       bool      // somebody holds the turn to write
	turn                          sync.Cond // writing became false, or out has something
	space                         sync.Cond // out was emptied
}

// Dial connects to the gateway at url (ws://HOST:PORT/v1/ws) and opens a session.
func Dial(ctx context.Context, url string, opt Options) (*Client, error) {
	ws, err := handshake(ctx, url, opt)
	if err != nil {
		return nil, err
	}
	c := &Client{
		ws:      ws,
		opt:     opt,
		done:    make(chan struct{}),
		calls:   make(map[uint64]*call),
		streams: make(map[uint32]*Stream),
		in:      make([]byte, ReadBufferSize),
	}
	c.acceptedNew.L, c.turn.L, c.space.L = &c.mu, &c.mu, &c.mu
	// The reader ends when the WebSocket does, the writer when the reader has recorded why.
	go c.read()
	c.writer.Go(c.write)

	if err := c.open(ctx); err != nil {
		c.Abort()
		return nil, err
	}
	return c, nil
}

// open calls session.open. The answer is taken by the reader, so that whatever follows it is understood.
func (c *Client) open(ctx context.Context) error {
	params := map[string]any{}
	if c.opt.MaxFrame != 0 {
		params["maxFrame"] = c.opt.MaxFrame
	}
	if c.opt.Credential != "" {
		params["credential"] = c.opt.Credential
	}
	opened := make(chan error, 1)
	err := c.Go("session.open", params, func(result json.RawMessage, err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if err == nil {
			err = json.Unmarshal(result, &c.session)
		}
		c.out.maxMessage = c.session.MaxFrame
		opened <- err
	})
	if err != nil {
		return err
	}
	select {
	case err := <-opened:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Session is what the gateway answered to session.open.
func (c *Client) Session() Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the connection ended, nil while it lasts. [CloseCode] finds the close code in it.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close sends what is waiting, closes the WebSocket with 1000 and waits for the gateway's answer and for
// the goroutines of the client. It must not be called from a callback.
func (c *Client) Close() error {
	c.mu.Lock()
	if c.err == nil {
		c.out.closing = true
		c.turn.Broadcast()
	}
	c.mu.Unlock()
	_ = c.ws.SetReadDeadline(time.Now().Add(closeWait))
	<-c.done
	c.writer.Wait()
	if err := c.Err(); err != ErrClosed {
		return err
	}
	return nil
}

// Abort drops the TCP connection, as a page does that crashes, and waits for the goroutines of the
// client. It must not be called from a callback.
func (c *Client) Abort() {
	c.fail(ErrClosed)
	<-c.done
	c.writer.Wait()
}

// fail ends the client: the first reason stays, the socket is closed so that reader and writer end, and
// whoever waits is told.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		_ = c.ws.Close() // does not wait, so it may be done under the lock
	}
	c.wakeLocked()
}

// wakeLocked makes everybody who waits look again, after the client has ended or can no longer send.
func (c *Client) wakeLocked() {
	c.acceptedNew.Broadcast()
	c.turn.Broadcast()
	c.space.Broadcast()
	for _, s := range c.streams {
		s.changed.Broadcast()
	}
}

// endedLocked says why nothing can be sent any more.
func (c *Client) endedLocked() error {
	if c.err != nil {
		return c.err
	}
	return c.broken
}

// abortWait makes a wait on cond end when ctx is done: the caller's loop looks at ctx.
func (c *Client) abortWait(ctx context.Context, cond *sync.Cond) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		cond.Broadcast()
	})
}
