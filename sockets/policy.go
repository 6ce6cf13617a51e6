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
type Loopback struct {
	// DeniedPorts are never permitted: the gateway's own.
	DeniedPorts []uint16
}

// Listen implements [Policy]. What is no IP literal passes: it cannot be listened on.
func (p Loopback) Listen(_ string, local netip.AddrPort) error {
	if local.IsValid() && !local.Addr().Unmap().IsLoopback() || p.denied(local.Port()) {
		return ErrNotPermitted
	}
	return nil
}

// Connect implements [Policy]. Only loopback literals and names below localhost are resolved at all.
func (p Loopback) Connect(host string, port uint16) error {
	if addr, ok := ParseLiteral(host); ok {
		return p.Dial(netip.AddrPortFrom(addr, port))
	}
	if !isLocalhost(host) || p.denied(port) {
		return ErrNotPermitted
	}
	return nil
}

// Dial implements [Policy].
func (p Loopback) Dial(peer netip.AddrPort) error {
	if !peer.Addr().Unmap().IsLoopback() || p.denied(peer.Port()) {
		return ErrNotPermitted
	}
	return nil
}

func (p Loopback) denied(port uint16) bool {
	return slices.Contains(p.DeniedPorts, port)
}

// isLocalhost says whether a host name is localhost or below it (RFC 6761, section 6.3).
func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
