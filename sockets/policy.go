package sockets

import (
	"net/netip"
	"strings"
)

// Policy decides what a namespace may do. It is asked at the act, not only when a session begins, so
// that a change of mind counts at once. A refusal is [ErrNotPermitted], or an error that wraps it, or a
// [*LimitError]. Its methods are called from many goroutines and must not block.
type Policy interface {
	// Listen is asked with the address as the page wrote it and as it was understood; local is
	// not valid if the text is no IP literal.
	Listen(host string, local netip.AddrPort) error
	// Accept is asked for each connection that a server takes. host is what Listen was asked with,
	// local the address that was bound. A connection that is refused is reset, and the page is not told.
	Accept(host string, local, peer netip.AddrPort) error
	// Connect is asked with the host as the page wrote it, before any name is resolved.
	Connect(host string, port uint16) error
	// Dial is asked for each address that host stands for, right before that address is dialled.
	Dial(host string, peer netip.AddrPort) error
	// Dialled is told how a connect that was permitted has ended; err is nil when it succeeded.
	Dialled(host string, port uint16, err error)
}

// Loopback permits addresses of this machine's loopback interface, and no other.
type Loopback struct{}

// Listen implements [Policy]. What is no IP literal passes: it cannot be listened on.
func (p Loopback) Listen(_ string, local netip.AddrPort) error {
	if !local.Addr().IsValid() {
		return nil
	}
	return p.permit(local)
}

// Accept implements [Policy]: only loopback is listened on.
func (p Loopback) Accept(string, netip.AddrPort, netip.AddrPort) error { return nil }

// Connect implements [Policy]. Only loopback literals and names below localhost are resolved at all.
func (p Loopback) Connect(host string, port uint16) error {
	if addr, ok := ParseLiteral(host); ok {
		return p.permit(netip.AddrPortFrom(addr, port))
	}
	if !IsLocalhost(host) {
		return ErrNotPermitted
	}
	return nil
}

// Dial implements [Policy].
func (p Loopback) Dial(_ string, peer netip.AddrPort) error { return p.permit(peer) }

// Dialled implements [Policy].
func (p Loopback) Dialled(string, uint16, error) {}

func (p Loopback) permit(address netip.AddrPort) error {
	if !address.Addr().Unmap().IsLoopback() {
		return ErrNotPermitted
	}
	return nil
}

// IsLocalhost says whether a host name is localhost or below it (RFC 6761, section 6.3).
func IsLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
