package access

import (
	"errors"
	"net/netip"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// Policy returns what decides for the lease's sockets. It bounds and records what they do. own are the
// gateway's ports, which nobody may reach.
func (l *Lease) Policy(own ...uint16) sockets.Policy { return leasePolicy{l, own} }

// leasePolicy asks for the lease's rights at each act. For a grant, every decision is recorded; for pages
// that need none, listening and refusals are.
type leasePolicy struct {
	lease *Lease
	own   []uint16
}

// rights are what the lease permits now.
func (p leasePolicy) rights() (sockets.Guard, error) {
	rights, err := p.lease.rights()
	return sockets.Guard{Policy: rights, Ports: p.own}, err
}

// bounded says whether the lease's connects are counted: those of all that may leave this computer.
func (p leasePolicy) bounded() bool {
	switch p.lease.visitor.Standing {
	case OwnPage, Developer, Everyone:
		return false
	}
	return true
}

// record writes a decision down.
func (p leasePolicy) record(act Act, target string, err error) {
	e := Entry{Act: act, Visitor: p.lease.visitor, Target: target, Verdict: Allowed, Rule: string(p.lease.visitor.Standing)}
	if err != nil {
		e.Verdict, e.Rule = Refused, "manifest"
		var limit *sockets.LimitError
		if errors.As(err, &limit) {
			e.Rule = "limit"
		}
	}
	p.lease.control.audit.Record(e)
}

// Listen implements [sockets.Policy].
func (p leasePolicy) Listen(host string, local netip.AddrPort) error {
	rights, err := p.rights()
	if err == nil {
		err = rights.Listen(host, local)
	}
	p.record(ActListen, target(host, local.Port()), err)
	return err
}

// Accept implements [sockets.Policy]. One that is permitted is not recorded: the listening was.
func (p leasePolicy) Accept(host string, local, peer netip.AddrPort) error {
	rights, err := p.rights()
	if err == nil {
		err = rights.Accept(host, local, peer)
	}
	if err != nil {
		p.record(ActAccept, peer.String(), err)
	}
	return err
}

// Connect implements [sockets.Policy].
func (p leasePolicy) Connect(host string, port uint16) error {
	rights, err := p.rights()
	if err == nil {
		err = rights.Connect(host, port)
	}
	if err == nil && p.bounded() {
		err = p.lease.control.countConnect(p.lease.visitor.Origin, host)
	}
	if err != nil || p.bounded() {
		p.record(ActConnect, target(host, port), err)
	}
	return err
}

// Dial implements [sockets.Policy].
func (p leasePolicy) Dial(host string, peer netip.AddrPort) error {
	rights, err := p.rights()
	if err == nil {
		err = rights.Dial(host, peer)
	}
	if err != nil {
		p.record(ActDial, peer.String(), err)
	}
	return err
}

// Dialled implements [sockets.Policy].
func (p leasePolicy) Dialled(host string, port uint16, err error) {
	if err != nil && p.bounded() {
		p.lease.control.countFailure(p.lease.visitor, target(host, port))
	}
}

// countConnect refuses a connect of an origin that makes too many, or has tried too many targets out.
func (c *Control) countConnect(origin, host string) error {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.places[origin]
	if p == nil {
		return sockets.ErrNotPermitted // the last session has just ended
	}
	if p.scan.lockedAt(now) {
		return &sockets.LimitError{What: "failed connects to different targets in a minute", Max: c.config.Limits.ScanFailures}
	}
	if !isThisComputer(host) && !p.connects.take(now, c.config.Limits.ConnectRate, c.config.Limits.ConnectBurst) {
		return &sockets.LimitError{What: "connects a second", Max: c.config.Limits.ConnectRate}
	}
	return nil
}

func (c *Control) countFailure(v Visitor, target string) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.places[v.Origin]; p != nil && p.scan.fail(target, now, c.config.Limits.ScanFailures) {
		c.auditLocked(Entry{Act: ActConnect, Visitor: v, Target: target, Verdict: Refused, Rule: "scan"})
	}
}

// isThisComputer says whether a host, as a page wrote it, leads to this computer without a resolver.
func isThisComputer(host string) bool {
	if addr, ok := sockets.ParseLiteral(host); ok {
		return sockets.ReachOf(addr) == sockets.ThisComputer
	}
	return sockets.IsLocalhost(host)
}
