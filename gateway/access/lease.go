package access

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// DefaultMaxSessions is how many sessions an origin may have.
const DefaultMaxSessions = 32

// Lease is a visitor's right to have a session. Its holder ends it.
type Lease struct {
	// immutable
	control *Control
	visitor Visitor
	// base decides for a visitor that needs no grant; nil for one that has a grant.
	base sockets.Policy

	// guarded by Control.mu
	ended   bool // by its holder or by a revocation
	taken   bool // by a revocation
	revoked func()
}

// Admit gives a lease to a visitor that needs no credential, or shows the right one. The error is a
// [*RefusedError] or a [*sockets.LimitError].
func (c *Control) Admit(v Visitor, credential string, maxSessions int) (*Lease, error) {
	c.mu.Lock()
	defer c.unlock()
	c.expireLocked()
	lease := &Lease{control: c, visitor: v}
	if v.Standing.NeedsCredential() || credential != "" {
		if reason := c.checkLocked(v.Origin, credential); reason != "" {
			c.auditLocked(Entry{Act: ActOpen, Visitor: v, Verdict: Refused, Rule: reason})
			return nil, &RefusedError{Reason: reason, CanRequest: c.canRequestLocked(v.Origin)}
		}
		lease.visitor.Standing = Granted
	} else {
		lease.base = c.basePolicy(v)
	}
	if lease.base == nil && c.grants[v.Origin] == nil { // a program's, revoked since it came in
		return nil, &RefusedError{Reason: ReasonExpired}
	}
	p := c.placeLocked(v.Origin)
	if len(p.leases) >= maxSessions {
		c.auditLocked(Entry{Act: ActOpen, Visitor: v, Verdict: Refused, Rule: "limit"})
		return nil, &sockets.LimitError{What: "sessions of an origin", Max: maxSessions}
	}
	p.leases[lease] = struct{}{}
	if g := c.grants[v.Origin]; g != nil && lease.base == nil {
		g.used = time.Now()
		c.touchLocked()
	}
	c.auditLocked(Entry{Act: ActOpen, Visitor: lease.visitor, Verdict: Allowed, Rule: string(lease.visitor.Standing)})
	c.changedLocked()
	return lease, nil
}

// checkLocked compares a credential with those of the origin. It returns why it is not good, or "".
func (c *Control) checkLocked(origin, credential string) (reason string) {
	g := c.grants[origin]
	switch {
	case credential == "" && g == nil:
		return ReasonUnknown
	case credential == "":
		return ReasonMissing
	case !isCredential(credential):
		return ReasonWrong
	case g == nil:
		// A grant that has ended leaves no trace, so one that never was looks the same.
		return ReasonExpired
	case !digestOf(credential).matchesAny(g.credentials):
		return ReasonWrong
	}
	return ""
}

func (c *Control) canRequestLocked(origin string) bool {
	p := c.places[origin]
	return c.config.Policy.asks() && (p == nil || !p.muted(time.Now()))
}

// basePolicy is what a visitor without a grant may do.
func (c *Control) basePolicy(v Visitor) sockets.Policy {
	switch v.Standing {
	case OwnPage:
		return sockets.Loopback{}
	case Developer:
		return developerPolicy{}
	case Listed:
		listed, _ := c.config.Policy.origin(Origin(v.Origin))
		return listed
	case Everyone:
		return c.config.Everyone
	}
	return nil // a program: it has a grant
}

// OnRevoke has revoked called once, without locks, if the right is taken away before End: at once if that has
// happened. It may be called once.
func (l *Lease) OnRevoke(revoked func()) {
	l.control.mu.Lock()
	defer l.control.unlock()
	l.revoked = revoked
	if l.taken {
		l.control.later = append(l.control.later, revoked)
	}
}

// Shared returns the bounds of all sockets of the lease's origin, within those of the program.
func (l *Lease) Shared(program *sockets.Shared, maxSockets int) *sockets.Shared {
	l.control.mu.Lock()
	defer l.control.mu.Unlock()
	p := l.control.placeLocked(l.visitor.Origin)
	if p.shared == nil {
		p.shared = program.Within("sockets of an origin", maxSockets)
	}
	return p.shared
}

// End gives the lease back.
func (l *Lease) End() {
	c := l.control
	c.mu.Lock()
	defer c.unlock()
	l.ended = true
	p := c.places[l.visitor.Origin]
	if p == nil {
		return
	}
	if _, held := p.leases[l]; !held {
		return
	}
	delete(p.leases, l)
	if g := c.grants[l.visitor.Origin]; g != nil && l.base == nil {
		g.used = time.Now()
		c.touchLocked()
	}
	c.releaseLocked(l.visitor.Origin, p)
	c.changedLocked()
}

// revokeLocked ends a lease from this side.
func (c *Control) revokeLocked(l *Lease) {
	delete(c.places[l.visitor.Origin].leases, l)
	l.ended, l.taken = true, true
	if l.revoked != nil {
		c.later = append(c.later, l.revoked)
	}
}

// rights are what the lease permits now: a grant may have changed since it began.
func (l *Lease) rights() (sockets.Policy, error) {
	l.control.mu.Lock()
	defer l.control.mu.Unlock()
	if l.ended {
		return nil, sockets.ErrNotPermitted
	}
	if l.base != nil {
		return l.base, nil
	}
	g := l.control.grants[l.visitor.Origin]
	if g == nil || !g.expires().After(time.Now()) {
		return nil, sockets.ErrNotPermitted
	}
	return g.manifest.policy(g.risks), nil
}

// developerPolicy is for pages under development: loopback, and no port of the system's.
type developerPolicy struct{ sockets.Loopback }

func (p developerPolicy) Listen(host string, local netip.AddrPort) error {
	if local.Port() != 0 && local.Port() < 1024 {
		return fmt.Errorf("port %d is below 1024: %w", local.Port(), sockets.ErrNotPermitted)
	}
	return p.Loopback.Listen(host, local)
}

// target writes a host, as the page wrote it, and a port.
func target(host string, port uint16) string {
	return host + ":" + strconv.Itoa(int(port))
}
