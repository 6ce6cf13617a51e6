package access

import (
	"errors"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// How a request may end without a credential.
var (
	// ErrDenied: the user does not want it.
	ErrDenied = errors.New("access: permission denied")
	// ErrMuted: the user has denied so much that the origin may not ask for a while. It is an ErrDenied.
	ErrMuted = mutedError{}
	// ErrExpired: the user has not answered.
	ErrExpired = errors.New("access: request expired")
	// ErrWithdrawn: the page has gone, or has asked anew, or the gateway stops.
	ErrWithdrawn = errors.New("access: request withdrawn")
)

type mutedError struct{}

func (mutedError) Error() string        { return "access: permission denied: the origin was denied too often" }
func (mutedError) Is(target error) bool { return target == ErrDenied }

// ReasonMuted is the reason to give for [ErrMuted].
const ReasonMuted = "muted"

// Answer ends a request.
type Answer struct {
	Credential string
	// Expires is when the credential ends if it is not used; zero for one that lasts until it is revoked.
	Expires time.Time
	Err     error // instead of a credential
}

// Request is a wish of a page that waits for the user.
type Request struct {
	// immutable
	control  *Control
	code     string
	visitor  Visitor
	name     string
	manifest Manifest
	expires  time.Time
	answered func(Answer)

	// guarded by Control.mu
	timer *time.Timer // ends it at expires
}

// Code is what the user finds the request by. It is empty when the request has been answered already.
func (r *Request) Code() string { return r.code }

// Waits says whether the user has not answered yet.
func (r *Request) Waits() bool {
	r.control.mu.Lock()
	defer r.control.mu.Unlock()
	return r.control.requests[r.code] == r
}

// Ask puts a wish before the user. answered is called once, without locks, perhaps before Ask returns: a
// grant that was made in advance is given at once. An error means that the wish is not put at all:
// [ErrDenied], [ErrMuted], [ErrUninvited] or a [*sockets.LimitError].
func (c *Control) Ask(v Visitor, name string, m Manifest, answered func(Answer)) (*Request, error) {
	c.mu.Lock()
	defer c.unlock()
	c.expireLocked()
	r := &Request{control: c, visitor: v, name: name, manifest: m, answered: answered}
	if g := c.grants[v.Origin]; g != nil && time.Now().Before(g.claimable) {
		c.claimLocked(r, g)
		return r, nil
	}
	if err := c.mayAskLocked(v); err != nil {
		c.auditLocked(Entry{Act: ActRequest, Visitor: v, Target: name, Verdict: Refused, Rule: askRule(err)})
		return nil, err
	}
	for r.code == "" || c.requests[r.code] != nil {
		r.code = newCode()
	}
	r.expires = time.Now().Add(RequestLife)
	c.requests[r.code] = r
	c.placeLocked(v.Origin).requests++
	r.timer = time.AfterFunc(RequestLife, func() { r.end(ErrExpired) })
	c.auditLocked(Entry{Act: ActRequest, Visitor: v, Target: name, Verdict: Allowed, Rule: "pending"})
	c.changedLocked()
	return r, nil
}

func (c *Control) mayAskLocked(v Visitor) error {
	p, limits := c.places[v.Origin], &c.config.Limits
	switch {
	case c.closed, !c.config.Policy.asks(), v.Standing == Program:
		return ErrUninvited
	case c.blocked[v.Origin]:
		return ErrDenied
	case p != nil && p.muted(time.Now()):
		return ErrMuted
	case p != nil && p.requests >= limits.RequestsOfOrigin:
		return &sockets.LimitError{What: "requests of an origin waiting for the user", Max: limits.RequestsOfOrigin}
	case len(c.requests) >= limits.Requests:
		return &sockets.LimitError{What: "requests waiting for the user", Max: limits.Requests}
	}
	return nil
}

func askRule(err error) string {
	switch {
	case errors.Is(err, ErrMuted):
		return ReasonMuted
	case errors.Is(err, ErrUninvited):
		return "requests-off"
	case errors.Is(err, ErrDenied):
		return "blocked"
	}
	return "limit"
}

// claimLocked answers the first request of an origin that was granted in advance. What it gets is what
// was granted, whatever it asks for.
func (c *Control) claimLocked(r *Request, g *grant) {
	g.claimable = time.Time{}
	if g.name == "" {
		g.name = r.name
	}
	g.used = time.Now()
	answer := Answer{Credential: g.issue(), Expires: g.shownExpiry()}
	c.later = append(c.later, func() { r.answered(answer) })
	c.auditLocked(Entry{Act: ActApprove, Visitor: r.visitor, Target: r.name, Verdict: Allowed, Rule: "in-advance"})
	c.touchLocked()
	c.changedLocked()
}

// Withdraw ends the request if it still waits.
func (r *Request) Withdraw() { r.end(ErrWithdrawn) }

func (r *Request) end(err error) {
	r.control.mu.Lock()
	defer r.control.unlock()
	if r.control.requests[r.code] != r {
		return
	}
	rule := "withdrawn"
	if errors.Is(err, ErrExpired) {
		rule = "expired"
	}
	r.control.auditLocked(Entry{Act: ActRequest, Visitor: r.visitor, Target: r.name, Verdict: Refused, Rule: rule})
	r.control.endLocked(r, Answer{Err: err})
	r.control.changedLocked()
}

// endLocked answers a request that waits.
func (c *Control) endLocked(r *Request, answer Answer) {
	delete(c.requests, r.code)
	r.timer.Stop()
	p := c.placeLocked(r.visitor.Origin)
	p.requests--
	c.releaseLocked(r.visitor.Origin, p)
	c.later = append(c.later, func() { r.answered(answer) })
}

// shownExpiry is what a page and a user are told of the end: nothing for what lasts until it is revoked.
func (g *grant) shownExpiry() time.Time {
	if g.kind == Always || g.kind == ForProgram {
		return time.Time{}
	}
	return g.expires()
}
