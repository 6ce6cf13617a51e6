package sockets

import (
	"net/netip"
	"slices"
	"strings"
)

// Policy decides what a namespace may do. It is asked at the act, not only when a session begins.
// A refusal is [ErrNotPermitted], or an error that wraps it.
type Policy interface {
	// Listen is asked with the address as the page wrote it and as it was understood; local is
	// not valid if the text is no IP literal.
	Listen(host string, local netip.AddrPort) error
	// Connect is asked with the host as the page wrote it, before any name is resolved.
	Connect(host string, port uint16) error
	// Dial is asked for each address that a host stands for, right before it is dialled.
	Dial(peer netip.AddrPort) error
}

// Loopback permits addresses of this machine's loopback interface, and no other.
type Loopback struct{}

// Listen implements [Policy]. What is no IP literal passes: it cannot be listened on.
func (p Loopback) Listen(_ string, local netip.AddrPort) error {
	if !local.Addr().IsValid() {
		return nil
	}
	return p.Dial(local)
}

// Connect implements [Policy]. Only loopback literals and names below localhost are resolved at all.
func (p Loopback) Connect(host string, port uint16) error {
	if addr, ok := ParseLiteral(host); ok {
		return p.Dial(netip.AddrPortFrom(addr, port))
	}
	if !isLocalhost(host) {
		return ErrNotPermitted
	}
	return nil
}

// Dial implements [Policy].
func (p Loopback) Dial(peer netip.AddrPort) error {
	if !peer.Addr().Unmap().IsLoopback() {
		return ErrNotPermitted
	}
	return nil
}

// DenyPorts is a [Policy] that forbids some ports of this machine, whatever Policy says: a gateway's own.
type DenyPorts struct {
	Policy
	Ports []uint16
}

// Listen implements [Policy].
func (p DenyPorts) Listen(host string, local netip.AddrPort) error {
	if p.denies(local) {
		return ErrNotPermitted
	}
	return p.Policy.Listen(host, local)
}

// Dial implements [Policy].
func (p DenyPorts) Dial(peer netip.AddrPort) error {
	if p.denies(peer) {
		return ErrNotPermitted
	}
	return p.Policy.Dial(peer)
}

func (p DenyPorts) denies(address netip.AddrPort) bool {
	addr := address.Addr().Unmap()
	return (addr.IsLoopback() || addr.IsUnspecified()) && slices.Contains(p.Ports, address.Port())
}

// isLocalhost says whether a host name is localhost or below it (RFC 6761, section 6.3).
func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
