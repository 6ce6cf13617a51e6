package gateway

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/rpc"
)

// conn is one WebSocket, from the upgrade to its end. It begins in the lobby (lobby.go), without a session, and
// is then read by the dialogue of one.
type conn struct {
	// immutable after serve has begun
	server  *Server
	visitor access.Visitor
	// leaveLobby gives its place in the lobby back. It may be called more than once.
	leaveLobby func()
	control    *control
	ws         *websocket.Conn
	writer     *writer
	lobby      *rpc.Conn
	log        *slog.Logger
	// noSession closes the connection when it has been without a session for too long.
	noSession *time.Timer
	// left is closed when nobody reads the WebSocket any more, written when nobody writes.
	left, written chan struct{}

	// owned by the reader: the lobby's, then the dialogue's
	buffer []byte // the text message being handled

	opens sync.WaitGroup // the call of session.open that is under way
	asks  sync.WaitGroup // calls of permission.request whose answer has not been queued

	mu sync.Mutex // guards the fields below
	// opening is closed when session.open has been answered; nil before it is called.
	opening chan struct{}
	// session is nil until session.open has succeeded; handed says that the lobby has left it the reading.
	session *Session
	handed  bool
	// maxFrame is the longest binary message to the page in bytes.
	maxFrame int
	// asked is what the page has put before the user; nil if nothing waits.
	asked *access.Request
	// refusals counts answers that no session was opened.
	refusals int
	// leaving says that the reader shall leave the WebSocket.
	leaving bool
	// closeCode is that of the page's close frame; 0 while there is none.
	closeCode int
}

func newConn(s *Server, visitor access.Visitor, leaveLobby func()) *conn {
	return &conn{
		server:     s,
		visitor:    visitor,
		leaveLobby: leaveLobby,
		control:    newControl(),
		maxFrame:   s.config.MaxFrame,
		left:       make(chan struct{}),
		written:    make(chan struct{}),
	}
}

// serve reads and writes until the connection ends, and detaches the session. It returns when no goroutine of
// the connection is left.
func (c *conn) serve(ws *websocket.Conn, cork *cork, log *slog.Logger) {
	c.ws, c.log = ws, log
	ws.SetReadLimit(maxLobbyMessage)
	ws.SetPingHandler(func(payload string) error {
		c.control.setPong(payload)
		return c.heard()
	})
	ws.SetPongHandler(func(string) error { return c.heard() })
	ws.SetCloseHandler(c.pageCloses)
	c.noSession = time.AfterFunc(c.server.config.OpenTimeout, c.openTimedOut)
	defer c.noSession.Stop()

	c.writer = &writer{ws: ws, cork: cork, control: c.control, maxFrame: c.currentMaxFrame}
	// What the reader has led to is sent when it has nothing more to read.
	cork.beforeRead = func() {
		if session := c.currentSession(); session != nil {
			session.Flush(false)
		}
	}
	c.lobby = rpc.NewConn(c, c.control, c, log, rpcLimits)
	c.lobby.Start()
	err := c.writer.run(c.server.config.PingInterval)
	close(c.written)
	if err != nil {
		log.Debug("write failed", "err", err)
	} else {
		c.awaitPeer(cork)
	}
	_ = ws.Close() // the close frame was sent, or there is nobody to send it to
	<-c.left
	<-c.lobby.Done()
	c.opens.Wait()
	c.withdraw()
	c.leaveLobby()
	if session := c.currentSession(); session != nil {
		session.detach(c)
	}
}

// pageCloses takes the page's close frame, and has it answered.
func (c *conn) pageCloses(code int, _ string) error {
	c.mu.Lock()
	c.closeCode = code
	c.mu.Unlock()
	if code == websocket.CloseNoStatusReceived {
		code = websocket.CloseNormalClosure
	}
	c.control.close(code, "")
	return nil
}

// pageLeft says whether the page has closed the connection as one that will not come back: browsers do so, with
// 1001, for a page that is left (HTML, "make disappear").
func (c *conn) pageLeft() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closeCode == websocket.CloseNormalClosure || c.closeCode == websocket.CloseGoingAway
}

// awaitPeer gives the page time to answer the close frame.
func (c *conn) awaitPeer(cork *cork) {
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-c.left:
		// A reader that was told to leave has not read the answer. Closing a connection with unread bytes is a
		// reset, which could overtake the close frame.
		if c.isLeaving() {
			cork.drain(closeTimeout)
		}
	case <-timer.C:
	}
}

// supersede ends the connection because its page has a newer one. When it returns nobody reads or writes it.
func (c *conn) supersede() {
	c.control.close(closeTakenOver, reasonTakenOver)
	timer := time.NewTimer(supersedeTimeout)
	defer timer.Stop()
	select {
	case <-c.written:
	case <-timer.C:
		_ = c.ws.Close() // it makes a write that waits for the page return
		<-c.written
	}
	c.mu.Lock()
	c.leaving = true
	_ = c.ws.SetReadDeadline(past) // fails only on a closed connection
	c.mu.Unlock()
	<-c.left
}

// past is a deadline that has passed.
var past = time.Unix(1, 0)

// errLeaving makes a reader leave a connection that has been superseded.
var errLeaving = errors.New("gateway: the page has a newer connection")

// heard notes that the page is alive.
func (c *conn) heard() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving {
		return errLeaving
	}
	return c.ws.SetReadDeadline(time.Now().Add(c.server.config.PeerTimeout))
}

func (c *conn) isLeaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving
}

// openTimedOut is called when the connection has been without a session for too long. While the user is asked
// the request has a time of its own.
func (c *conn) openTimedOut() {
	c.mu.Lock()
	idle := c.session == nil && c.asked == nil
	c.mu.Unlock()
	if idle {
		c.control.close(closeNoSession, reasonNoSession)
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
