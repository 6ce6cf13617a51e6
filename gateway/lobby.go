package gateway

import (
	"errors"
	"io"

	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/rpc"
	"github.com/socketgate/socketgate/sockets"
)

// The lobby is where a connection is before it has a session: it answers session.open and permission.request
// (ask.go), and all else with "Session not open". Its messages are short, and not numbered. With the answer to
// session.open the reading goes over to the dialogue of the session.

// maxLobbyMessage is the longest message of a page without a session, in bytes.
const maxLobbyMessage = 4 << 10

// maxRefusals is how often a connection may try to open a session in vain.
const maxRefusals = 10

// errHanded ends the lobby's reading of a connection that has a session.
var errHanded = errors.New("gateway: the connection has a session")

// NextText implements [rpc.Frames] for the lobby.
func (c *conn) NextText() ([]byte, error) {
	if c.awaitOpen() {
		return nil, errHanded
	}
	text, err := c.nextText(lobby{})
	if err != nil && !errors.Is(err, rpc.ErrTextTooLong) {
		close(c.left)
	}
	return text, err
}

// awaitOpen waits until session.open has been answered, if it was called, and says whether the connection has
// been handed to a session.
func (c *conn) awaitOpen() bool {
	c.mu.Lock()
	opening := c.opening
	c.mu.Unlock()
	if opening != nil {
		<-opening
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.handed
}

// lobby is the receiver of messages without a session.
type lobby struct{}

func (lobby) text(int) error         { return nil }
func (lobby) binary(io.Reader) error { return rpc.ErrSessionNotOpen }
func (lobby) broken()                {}

// Open implements [rpc.Session]: it begins a session, or goes on with one. That may have to wait for the end
// of another connection, so a goroutine does it, which serve waits for. What the page has put before the user is
// withdrawn, and answered first: behind the answer to session.open messages are numbered.
func (c *conn) Open(params rpc.OpenParams, done func(rpc.OpenResult, func(), error)) {
	maxFrame := c.server.config.MaxFrame
	if params.MaxFrame != nil {
		maxFrame = min(int(*params.MaxFrame), maxFrame)
		if maxFrame < sockets.MinFrame {
			done(rpc.OpenResult{}, nil, &rpc.ParamError{Name: "maxFrame", Reason: "must be at least 4096"})
			return
		}
	}
	opening := make(chan struct{})
	c.mu.Lock()
	if c.opening != nil {
		c.mu.Unlock()
		done(rpc.OpenResult{}, nil, rpc.ErrSessionAlreadyOpen)
		return
	}
	c.opening = opening
	c.mu.Unlock()
	c.opens.Go(func() {
		defer close(opening)
		c.withdraw()
		c.asks.Wait()
		result, start, err := c.open(params, maxFrame)
		if err != nil {
			c.refused(err)
		}
		done(result, start, err)
	})
}

// refused lets session.open be called again, some times.
func (c *conn) refused(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opening = nil
	var refused *rpc.RefusedError
	if errors.As(err, &refused) {
		c.refusals++
	}
	if c.refusals == maxRefusals {
		c.control.close(closeRefused, reasonRefused)
	}
}

// open finds or makes the session. start is called when the answer has been queued.
func (c *conn) open(params rpc.OpenParams, maxFrame int) (result rpc.OpenResult, start func(), err error) {
	session, secret, err := c.findSession(params)
	if err != nil {
		return result, nil, err
	}
	if secret != "" {
		params = rpc.OpenParams{Page: params.Page, Attempt: params.Attempt} // there is nothing to go on with
	}
	result, begin, err := session.attach(c, params)
	if err != nil {
		return result, nil, err
	}
	c.mu.Lock()
	c.session = session
	c.maxFrame = maxFrame
	c.mu.Unlock()
	config := &c.server.config
	result.Secret = secret
	result.Window, result.MaxFrame, result.MaxText = config.Window, maxFrame, config.MaxText
	result.MaxBatch, result.MaxCalls, result.MaxSockets = rpcLimits.MaxBatch, rpcLimits.MaxCalls, config.MaxSockets
	c.log.Info("session attached", "session", session.id, "new", secret != "")
	return result, func() {
		c.mu.Lock()
		c.handed = true
		c.mu.Unlock()
		c.leaveLobby()
		c.ws.SetReadLimit(int64(config.MaxFrame)) // the lobby has read its last message
		begin()
	}, nil
}

// findSession returns the session that the page presents the secret of, or a new one and its secret.
func (c *conn) findSession(params rpc.OpenParams) (session *Session, secret string, err error) {
	registry := c.server.registry
	if params.Session == nil {
		credential := ""
		if params.Credential != nil {
			credential = *params.Credential
		}
		lease, err := c.server.config.Access.Admit(c.visitor, credential, c.server.config.MaxSessionsOfOrigin)
		if err != nil {
			return nil, "", openError(err)
		}
		session, secret = c.server.newSession(c.visitor.Origin, lease, params.After)
		if err := registry.addSession(session); err != nil {
			session.endDetached()
			return nil, "", err
		}
		return session, secret, nil
	}
	session = registry.session(*params.Session)
	if session == nil || params.Secret == nil || !session.admits(c.visitor.Origin, *params.Secret) {
		return nil, "", rpc.ErrSessionGone
	}
	return session, "", nil
}

// openError is an error of package access as pages are told it.
func openError(err error) error {
	var refused *access.RefusedError
	if errors.As(err, &refused) {
		return &rpc.RefusedError{Reason: refused.Reason, CanRequest: refused.CanRequest}
	}
	return err
}

// Close implements [rpc.Session].
func (c *conn) Close() (after func(), err error) { return nil, rpc.ErrSessionNotOpen }

// Namespace implements [rpc.Session].
func (c *conn) Namespace() (*sockets.Namespace, error) { return nil, rpc.ErrSessionNotOpen }
