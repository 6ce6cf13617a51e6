package gateway

import (
	"errors"

	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/rpc"
)

// Ask implements [rpc.Session]: it puts a wish before the user. A wish that this connection has put before is
// withdrawn.
func (c *conn) Ask(params rpc.AskParams, done func(rpc.AskResult, func(), error)) {
	fail := func(err error) { done(rpc.AskResult{}, nil, err) }
	if !access.IsName(params.Name) {
		fail(&rpc.ParamError{Name: "name", Reason: "must be 1 to 64 characters that can be seen"})
		return
	}
	manifest, err := access.ParseManifest(params.Sockets)
	if err != nil {
		fail(&rpc.ParamError{Reason: "sockets: " + err.Error()})
		return
	}
	c.withdraw()
	c.asks.Add(1)
	asked, err := c.server.config.Access.Ask(c.visitor, params.Name, manifest, func(answer access.Answer) {
		defer c.asks.Done()
		c.answered()
		if answer.Err != nil {
			fail(askError(answer.Err))
			return
		}
		result := rpc.AskResult{Credential: answer.Credential}
		if !answer.Expires.IsZero() {
			result.Expires = rpc.Expiry(answer.Expires.Unix())
		}
		done(result, nil, nil)
	})
	switch {
	case err != nil:
		c.asks.Done()
		fail(askError(err))
	case asked.Code() != "":
		c.mu.Lock()
		c.asked = asked
		c.mu.Unlock()
		if !asked.Waits() { // the user was quicker
			c.answered()
		}
		url := ""
		if c.server.config.ConsoleURL != "" {
			url = c.server.config.ConsoleURL + "/#request=" + asked.Code()
		}
		c.lobby.PermissionPending(asked.Code(), url, access.RequestLife)
	}
}

// answered gives the page its time to open a session.
func (c *conn) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = nil
	if c.session == nil {
		c.noSession.Reset(c.server.config.OpenTimeout)
	}
}

// withdraw takes back what the page has put before the user.
func (c *conn) withdraw() {
	c.mu.Lock()
	asked := c.asked
	c.asked = nil
	c.mu.Unlock()
	if asked != nil {
		asked.Withdraw()
	}
}

// askError is an error of package access as pages are told it.
func askError(err error) error {
	switch {
	case errors.Is(err, access.ErrMuted):
		return rpc.ErrMuted
	case errors.Is(err, access.ErrDenied), errors.Is(err, access.ErrUninvited):
		return rpc.ErrDenied
	case errors.Is(err, access.ErrExpired):
		return rpc.ErrRequestExpired
	case errors.Is(err, access.ErrWithdrawn):
		return rpc.ErrRequestWithdrawn
	}
	return err
}
