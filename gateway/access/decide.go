package access

import (
	"errors"
	"fmt"
	"time"
)

// Errors of decisions.
var (
	// ErrNoRequest: no request with that code waits, or not any more.
	ErrNoRequest = errors.New("no request with that code waits; socketgate requests shows those that do")
	// ErrNoGrant: nothing was granted to that origin, and it is not blocked.
	ErrNoGrant = errors.New("nothing is granted to that origin; socketgate list shows what is granted")
	// ErrKind: the duration is not known.
	ErrKind = errors.New(`the duration must be "session", "30d" or "always"`)
	// ErrPolicyDecides: a grant would count for nothing.
	ErrPolicyDecides = errors.New(`the policy file alone decides which pages come in; add the origin there, or set "requests" to true in it`)
	// ErrName: the name is not fit to be shown.
	ErrName = fmt.Errorf("a name must be 1 to %d characters that can be seen", maxName)
	// ErrManyGrants: there are too many grants.
	ErrManyGrants = errors.New("there are as many grants as there may be; revoke one first")
)

// checkKind admits the kinds that a user may choose.
func checkKind(kind Kind) error {
	switch kind {
	case ForSession, For30Days, Always:
		return nil
	}
	return ErrKind
}

// Approve grants what a request asks for. It is in the folder when Approve returns.
func (c *Control) Approve(code string, kind Kind) error {
	if err := checkKind(kind); err != nil {
		return err
	}
	if err := c.approve(cleanCode(code), kind); err != nil {
		return err
	}
	c.keep()
	return nil
}

func (c *Control) approve(code string, kind Kind) error {
	c.mu.Lock()
	defer c.unlock()
	r := c.requests[code]
	if r == nil {
		return ErrNoRequest
	}
	g, err := c.grantLocked(r.visitor.Origin, r.name, r.manifest, kind)
	if err != nil {
		return err
	}
	c.auditLocked(Entry{Act: ActApprove, Visitor: r.visitor, Target: r.name, Verdict: Allowed, Rule: string(kind)})
	if p := c.places[r.visitor.Origin]; p != nil {
		p.denials = 0
	}
	c.endLocked(r, Answer{Credential: g.issue(), Expires: g.shownExpiry()})
	return nil
}

// grantLocked makes a grant, or changes the one that the origin has: the user's newest word counts for
// all its sessions.
func (c *Control) grantLocked(origin, name string, m Manifest, kind Kind) (*grant, error) {
	g := c.grants[origin]
	if g == nil {
		if len(c.grants) >= c.config.Limits.Grants {
			return nil, ErrManyGrants
		}
		g = &grant{origin: origin}
		c.grants[origin] = g
	}
	now := time.Now()
	g.name, g.manifest, g.risks, g.kind, g.created, g.used = name, m, m.Risks(), kind, now, now
	delete(c.blocked, origin)
	c.expireLocked()
	c.changedLocked()
	return g, nil
}

// Deny answers a request with no. With block the origin is turned away from now on, and what was granted
// to it is revoked.
func (c *Control) Deny(code string, block bool) error {
	if err := c.deny(cleanCode(code), block); err != nil {
		return err
	}
	c.keep()
	return nil
}

func (c *Control) deny(code string, block bool) error {
	c.mu.Lock()
	defer c.unlock()
	r := c.requests[code]
	if r == nil {
		return ErrNoRequest
	}
	rule := "denied"
	c.deniedLocked(r.visitor.Origin)
	if block {
		rule = "blocked"
		c.blocked[r.visitor.Origin] = true
		for _, other := range c.requests {
			if other != r && other.visitor.Origin == r.visitor.Origin {
				c.endLocked(other, Answer{Err: ErrDenied})
			}
		}
	}
	c.auditLocked(Entry{Act: ActDeny, Visitor: r.visitor, Target: r.name, Verdict: Refused, Rule: rule})
	c.endLocked(r, Answer{Err: ErrDenied})
	if block && c.grants[r.visitor.Origin] != nil {
		c.forgetLocked(r.visitor.Origin, "blocked")
	}
	c.changedLocked()
	return nil
}

// Revoke takes away what was granted to an origin, or to a program as "program:NAME". Its sessions
// end. An origin that was blocked may ask again.
func (c *Control) Revoke(origin string) error {
	if err := c.revoke(origin); err != nil {
		return err
	}
	c.keep()
	return nil
}

func (c *Control) revoke(origin string) error {
	c.mu.Lock()
	defer c.unlock()
	blocked := c.blocked[origin]
	delete(c.blocked, origin)
	switch {
	case c.grants[origin] != nil:
		c.forgetLocked(origin, "revoked")
	case blocked:
		c.auditLocked(Entry{Act: ActRevoke, Visitor: Visitor{Origin: origin, Standing: Stranger}, Verdict: Allowed, Rule: "unblocked"})
		c.changedLocked()
	default:
		return ErrNoGrant
	}
	return nil
}

// Allow grants something before it is asked for. The page's first request gets its credential at once.
func (c *Control) Allow(origin Origin, m Manifest, kind Kind) error {
	if err := checkKind(kind); err != nil {
		return err
	}
	if !c.config.Policy.asks() {
		return ErrPolicyDecides
	}
	if err := c.allow(string(origin), m, kind); err != nil {
		return err
	}
	c.keep()
	return nil
}

func (c *Control) allow(origin string, m Manifest, kind Kind) error {
	c.mu.Lock()
	defer c.unlock()
	name := ""
	if g := c.grants[origin]; g != nil {
		name = g.name
	}
	g, err := c.grantLocked(origin, name, m, kind)
	if err != nil {
		return err
	}
	g.claimable = time.Now().Add(unclaimedLife)
	c.auditLocked(Entry{Act: ActApprove, Visitor: Visitor{Origin: origin, Standing: Stranger}, Verdict: Allowed, Rule: "allow"})
	return nil
}

// AllowProgram grants something to a program that is no page, and returns the token that it shows.
// A token that the program had before is not valid any more.
func (c *Control) AllowProgram(name string, m Manifest) (token string, err error) {
	if !IsName(name) {
		return "", ErrName
	}
	if token, err = c.allowProgram(programPrefix+name, m); err != nil {
		return "", err
	}
	c.keep()
	return token, nil
}

func (c *Control) allowProgram(origin string, m Manifest) (string, error) {
	c.mu.Lock()
	defer c.unlock()
	name, _ := programOf(origin)
	g, err := c.grantLocked(origin, name, m, ForProgram)
	if err != nil {
		return "", err
	}
	g.credentials = nil
	c.auditLocked(Entry{Act: ActApprove, Visitor: Visitor{Origin: origin, Standing: Program}, Verdict: Allowed, Rule: "allow"})
	return g.issue(), nil
}
