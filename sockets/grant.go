package sockets

import (
	"net/netip"
	"slices"
)

// Risks are the kinds of harm that a permission can do, as a set. A user sees each before approving.
type Risks uint8

// The risks.
const (
	// RiskLoopback: programs on this computer are reached, and reach the page.
	RiskLoopback Risks = 1 << iota
	// RiskNetwork: devices of the network connect to the page.
	RiskNetwork
	// RiskPrivate: the page connects to devices of the network.
	RiskPrivate
	// RiskInternet: the page connects to the internet.
	RiskInternet
	// RiskPrivileged: the page listens on a port that the system keeps for its own services.
	RiskPrivileged
)

// firstOrdinaryPort is the lowest port that is not privileged.
const firstOrdinaryPort = 1024

// servicePorts are those of programs that trust whoever reaches them on this computer: remote shells,
// databases, container engines, debuggers. A pattern for any port does not include them on this computer; one that
// names the port does.
var servicePorts = []uint16{
	22, 111, 135, 139, 445, 631, 1099, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5900, 5984, 6379, 6443,
	8500, 9000, 9200, 9222, 10250, 11211, 27017,
}

// Grant is a [Policy]: what a user has approved. The manifest decides by the text that the page wrote,
// the risks by the address that it stands for.
type Grant struct {
	Manifest
	Risks Risks
	// ServicePorts says that a pattern for any port includes those of services on this computer.
	ServicePorts bool
}

// Listen implements [Policy]. What is no IP literal passes if the manifest has it: it cannot be listened on.
func (g Grant) Listen(host string, local netip.AddrPort) error {
	if err := g.Manifest.Listen(host, local); err != nil || !local.Addr().IsValid() {
		return err
	}
	need := RiskNetwork
	if local.Addr().Unmap().IsLoopback() {
		need = RiskLoopback
	}
	if local.Port() != 0 && local.Port() < firstOrdinaryPort {
		need |= RiskPrivileged
	}
	return g.need(need)
}

// Accept implements [Policy]. The network is that of this computer, not the internet.
func (g Grant) Accept(host string, local, peer netip.AddrPort) error {
	if err := g.Listen(host, local); err != nil {
		return err
	}
	switch ReachOf(peer.Addr()) {
	case ThisComputer, NearBy:
		return nil
	}
	return ErrNotPermitted
}

// Dial implements [Policy].
func (g Grant) Dial(host string, peer netip.AddrPort) error {
	switch ReachOf(peer.Addr()) {
	case ThisComputer:
		if !g.ServicePorts && slices.Contains(servicePorts, peer.Port()) && !g.namesPort(host, peer.Port()) {
			return ErrNotPermitted
		}
		return g.need(RiskLoopback)
	case NearBy:
		return g.need(RiskPrivate)
	case Internet:
		return g.need(RiskInternet)
	}
	return ErrNotPermitted
}

func (g Grant) need(risks Risks) error {
	if g.Risks&risks != risks {
		return ErrNotPermitted
	}
	return nil
}

// namesPort says whether a pattern for connecting permits exactly this port of host.
func (g Grant) namesPort(host string, port uint16) bool {
	return slices.ContainsFunc(g.ConnectPatterns, func(p Pattern) bool {
		return p.port == port && p.Matches(host, port)
	})
}
