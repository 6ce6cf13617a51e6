package rpc

import (
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// closedSession is a Session in which nothing has been opened.
type closedSession struct{}

func (closedSession) Open(_ OpenParams, done func(OpenResult, func(), error)) {
	done(OpenResult{}, nil, ErrSessionAlreadyOpen)
}
func (closedSession) Ask(_ AskParams, done func(AskResult, func(), error)) {
	done(AskResult{}, nil, ErrSessionAlreadyOpen)
}
func (closedSession) Close() (after func(), err error)             { return nil, ErrSessionNotOpen }
func (closedSession) Namespace() (n *sockets.Namespace, err error) { return nil, ErrSessionNotOpen }

// testConn is a connection whose page is the test. Messages go in one after the other; Send returns when
// everything that can be done about one at once has been done.
type testConn struct {
	t    testing.TB
	conn *Conn

	texts chan testText
	idle  chan struct{} // NextText has been called

	mu  sync.Mutex // guards out
	out []string
}

type testText struct {
	text []byte
	err  error
}

// newTestConn starts a connection with the methods of table. It ends with the test.
func newTestConn(t testing.TB, s Session, table methodTable, limits Limits) *testConn {
	return newLoggedConn(t, s, table, limits, slog.DiscardHandler)
}

func newLoggedConn(t testing.TB, s Session, table methodTable, limits Limits, log slog.Handler) *testConn {
	t.Helper()
	c := &testConn{t: t, texts: make(chan testText), idle: make(chan struct{})}
	c.conn = newConn(c, c, s, table, slog.New(log), limits)
	c.conn.Start()
	<-c.idle
	t.Cleanup(c.close)
	return c
}

func (c *testConn) close() {
	select {
	case <-c.conn.Done():
	case c.texts <- testText{err: io.EOF}:
		<-c.conn.Done()
	}
}

// NextText implements Frames. It overwrites the message before, as a reader with one buffer would.
func (c *testConn) NextText() ([]byte, error) {
	c.idle <- struct{}{}
	next := <-c.texts
	return next.text, next.err
}

// Text implements Sink.
func (c *testConn) Text(msg []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = append(c.out, string(msg))
}

// send gives the connection one message and waits until it asks for the next.
func (c *testConn) send(text string) { c.t.Helper(); c.sendText(testText{text: []byte(text)}) }

func (c *testConn) sendText(text testText) {
	c.t.Helper()
	select {
	case c.texts <- text:
	case <-c.conn.Done():
		c.t.Fatalf("connection lost before %.200q", text.text)
	}
	select {
	case <-c.idle:
		for i := range text.text {
			text.text[i] = '#'
		}
	case <-c.conn.Done():
		c.t.Fatalf("connection lost after %.200q", text.text)
	}
}

// take returns what the page has been sent since the last take.
func (c *testConn) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.out
	c.out = nil
	return out
}

// next waits for one message to the page. Only the messages that a method left for later need it.
func (c *testConn) next(why string) string {
	c.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		c.mu.Lock()
		if len(c.out) > 0 {
			message := c.out[0]
			c.out = c.out[1:]
			c.mu.Unlock()
			return message
		}
		c.mu.Unlock()
	}
	c.t.Fatalf("%s: nothing came", why)
	return ""
}

// wantNext is next with a comparison.
func (c *testConn) wantNext(why, want string) {
	c.t.Helper()
	if got := c.next(why); got != want {
		c.t.Errorf("%s:\n got %.300s\nwant %.300s", why, got, want)
	}
}

// want checks that the page has been sent exactly these messages.
func (c *testConn) want(why string, messages ...string) {
	c.t.Helper()
	got := c.take()
	for i := range max(len(got), len(messages)) {
		switch {
		case i >= len(got):
			c.t.Errorf("%s: missing %.300s", why, messages[i])
		case i >= len(messages):
			c.t.Errorf("%s: not wanted %.300s", why, got[i])
		case got[i] != messages[i]:
			c.t.Errorf("%s:\n got %.300s\nwant %.300s", why, got[i], messages[i])
		}
	}
}

var errTest = errors.New("secret detail")
