package gateway

import (
	"errors"
	"io"

	"github.com/socketgate/socketgate/rpc"
	"github.com/socketgate/socketgate/sockets"
)

// dialogue is what a session and a page, as it was loaded last, have to say to each other, over one connection
// after another. Its messages are numbered in both directions, so that each takes effect exactly once: what
// the page has not received is sent again on the next connection, and what was received is known
// (PROTOCOL.md, section 4). It ends with the session, or when the page is loaded again.
//
// Its reader is the JSON-RPC library's goroutine. It reads one connection until that breaks, and waits for the
// next. It implements [rpc.Frames] and [rpc.Session].
type dialogue struct {
	// immutable
	session *Session
	outbox  *outbox
	rpc     *rpc.Conn
	// next hands the reader its next connection, when it has left the one before.
	next  chan *conn
	ended chan struct{} // closed by end

	// Owned by the reader; between two connections by who holds the session's turn.

	conn *conn // being read; nil between two
	// received is how many messages of the page have arrived; skip is how much of the binary message behind
	// them has taken effect already.
	received uint64
	skip     int
}

func newDialogue(s *Session) *dialogue {
	d := &dialogue{
		session: s,
		outbox:  &outbox{shared: s.server.shared},
		next:    make(chan *conn, 1),
		ended:   make(chan struct{}),
	}
	d.rpc = rpc.NewConn(d, d.outbox, d, s.server.config.Log.With("session", s.id), rpcLimits)
	d.rpc.Start()
	return d
}

// end makes the reader return and waits for it. The page has no connection.
func (d *dialogue) end() {
	close(d.ended)
	<-d.rpc.Done()
	d.outbox.end()
}

// NextText implements [rpc.Frames].
func (d *dialogue) NextText() ([]byte, error) {
	for {
		if d.conn == nil {
			select {
			case d.conn = <-d.next:
			case <-d.ended:
				return nil, io.EOF
			}
		}
		text, err := d.conn.nextText(d)
		if err == nil || errors.Is(err, rpc.ErrTextTooLong) {
			return text, err
		}
		c := d.conn
		d.conn = nil
		close(c.left)
	}
}

// errSkip is a page that comes back and does not go on where it was.
var errSkip = &sockets.ProtocolError{Reason: reasonResume}

// text implements [receiver].
func (d *dialogue) text(length int) error {
	if d.skip > 0 {
		return errSkip
	}
	d.arrived(length)
	return nil
}

// binary implements [receiver].
func (d *dialogue) binary(message io.Reader) error {
	done, err := d.session.namespace.ReadRecords(message, d.skip)
	if err != nil {
		d.skip = done
		return err
	}
	if done < d.skip {
		return errSkip
	}
	d.skip = 0
	d.arrived(done)
	return nil
}

// arrived counts a message.
func (d *dialogue) arrived(length int) {
	d.received++
	d.outbox.arrived(d.received, length)
}

// broken implements [receiver]: a page that breaks the protocol would do so again.
func (d *dialogue) broken() { d.session.finish() }

// Open implements [rpc.Session].
func (d *dialogue) Open(_ rpc.OpenParams, done func(rpc.OpenResult, func(), error)) {
	done(rpc.OpenResult{}, nil, rpc.ErrSessionAlreadyOpen)
}

// Ask implements [rpc.Session]. A page that wants more asks with a connection of its own.
func (d *dialogue) Ask(_ rpc.AskParams, done func(rpc.AskResult, func(), error)) {
	done(rpc.AskResult{}, nil, rpc.ErrSessionAlreadyOpen)
}

// Close implements [rpc.Session]: ports are free when it is answered.
func (d *dialogue) Close() (after func(), err error) {
	d.session.namespace.CloseSockets()
	d.session.finish()
	return func() {
		if _, c := d.session.current(); c != nil {
			c.control.close(closeNormal, reasonSessionClosed)
		}
	}, nil
}

// Namespace implements [rpc.Session].
func (d *dialogue) Namespace() (*sockets.Namespace, error) { return d.session.namespace, nil }
