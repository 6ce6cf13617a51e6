package sockets

import (
	"net/netip"
	"slices"
)

// metadata are the addresses at which clouds give a machine's credentials to whoever asks from it.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // most of them
	netip.MustParseAddr("fd00:ec2::254"),   // the same on IPv6
	netip.MustParseAddr("100.100.100.200"),
	netip.MustParseAddr("168.63.129.16"),
}

// Guard is a [Policy] that forbids what no manifest can permit: the gateway's own ports on this computer,
// and the metadata addresses of clouds. All the rest is up to Policy.
type Guard struct {
	Policy
	// Ports are the gateway's own.
	Ports []uint16
}

// Listen implements [Policy].
func (g Guard) Listen(host string, local netip.AddrPort) error {
	if slices.Contains(g.Ports, local.Port()) {
		return ErrNotPermitted
	}
	return g.Policy.Listen(host, local)
}

// Connect implements [Policy]. A literal is refused before it is dialled, like a name that stands for it.
func (g Guard) Connect(host string, port uint16) error {
	if addr, ok := ParseLiteral(host); ok && g.forbids(netip.AddrPortFrom(addr, port)) {
		return ErrNotPermitted
	}
	return g.Policy.Connect(host, port)
}

// Dial implements [Policy].
func (g Guard) Dial(host string, peer netip.AddrPort) error {
	if g.forbids(peer) {
		return ErrNotPermitted
	}
	return g.Policy.Dial(host, peer)
}

func (g Guard) forbids(peer netip.AddrPort) bool {
	return slices.Contains(metadata, effective(peer.Addr())) ||
		slices.Contains(g.Ports, peer.Port()) && ReachOf(peer.Addr()) == ThisComputer
}
