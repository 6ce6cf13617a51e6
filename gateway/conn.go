package gateway

import (
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/rpc"
	"github.com/socketgate/socketgate/sockets"
)

// conn is one WebSocket, from the upgrade to the end of its session.
type conn struct {
	// immutable after serve has begun
	server *Server
	outbox *outbox
	ws     *websocket.Conn
	writer *writer
	rpc    *rpc.Conn
	log    *slog.Logger

	// owned by the reader
	text []byte // the text message being handled

	mu sync.Mutex // guards the fields below
	// session is nil until session.open.
	session *Session
	// maxFrame is the longest binary message to the page in bytes.
	maxFrame int
}

func newConn(s *Server) *conn {
	return &conn{server: s, outbox: newOutbox(), maxFrame: s.config.MaxFrame}
}

// serve reads and writes until the connection ends, then ends its session. It returns when no goroutine
// of either is left.
func (c *conn) serve(ws *websocket.Conn, cork *cork, log *slog.Logger) {
	c.ws, c.log = ws, log
	ws.SetReadLimit(int64(c.server.config.MaxFrame))
	ws.SetPingHandler(func(payload string) error {
		c.outbox.setPong(payload)
		return c.heard()
	})
	ws.SetPongHandler(func(string) error { return c.heard() })
	ws.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = websocket.CloseNormalClosure
		}
		c.outbox.close(code, "")
		return nil
	})
	noSession := time.AfterFunc(c.server.config.OpenTimeout, c.openTimedOut)
	defer noSession.Stop()

	c.writer = &writer{ws: ws, cork: cork, outbox: c.outbox, maxFrame: c.currentMaxFrame}
	// What the reader has led to is sent when it has nothing more to read.
	cork.beforeRead = func() { c.writer.flush(false) }
	c.rpc = rpc.NewConn(c, c.outbox, c, log, rpcLimits)
	c.rpc.Start()
	if err := c.writer.run(c.server.config.PingInterval); err != nil {
		log.Debug("write failed", "err", err)
	} else {
		c.awaitPeer()
	}
	_ = ws.Close() // the close frame was sent, or there is nobody to send it to
	<-c.rpc.Done()
	if session := c.currentSession(); session != nil {
		session.end()
		log.Info("session ended", "session", session.id)
	}
}

// awaitPeer gives the page time to answer the close frame.
func (c *conn) awaitPeer() {
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-c.rpc.Done():
	case <-timer.C:
	}
}

func (c *conn) openTimedOut() {
	if c.currentSession() == nil {
		c.outbox.close(closeNoSession, reasonNoSession)
	}
}

func (c *conn) currentSession() *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

func (c *conn) currentMaxFrame() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.maxFrame
}

// Open implements [rpc.Session]: it begins a session.
func (c *conn) Open(params rpc.OpenParams) (rpc.OpenResult, error) {
	config := &c.server.config
	maxFrame := config.MaxFrame
	if params.MaxFrame != nil {
		maxFrame = min(int(*params.MaxFrame), config.MaxFrame)
		if maxFrame < sockets.MinFrame {
			return rpc.OpenResult{}, &rpc.ParamError{Name: "maxFrame", Reason: "must be at least 4096"}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		return rpc.OpenResult{}, rpc.ErrSessionAlreadyOpen
	}
	c.session = c.server.newSession(c)
	c.maxFrame = maxFrame
	c.log.Info("session opened", "session", c.session.id)
	return rpc.OpenResult{
		Session: c.session.id, Window: config.Window, MaxFrame: maxFrame, MaxText: config.MaxText,
		MaxBatch: rpcLimits.MaxBatch, MaxCalls: rpcLimits.MaxCalls, MaxSockets: config.MaxSockets,
	}, nil
}

// Close implements [rpc.Session]: ports are free when it is answered.
func (c *conn) Close() (after func(), err error) {
	session := c.currentSession()
	if session == nil {
		return nil, rpc.ErrSessionNotOpen
	}
	session.namespace.CloseSockets()
	return func() { c.outbox.close(websocket.CloseNormalClosure, reasonSessionClosed) }, nil
}

// Namespace implements [rpc.Session].
func (c *conn) Namespace() (*sockets.Namespace, error) {
	session := c.currentSession()
	if session == nil {
		return nil, rpc.ErrSessionNotOpen
	}
	return session.namespace, nil
}
