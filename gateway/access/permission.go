package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/socketgate/socketgate/sockets"
)

// Permission is one thing that a manifest permits, as a user is told of it.
type Permission struct {
	Text string `json:"text"` // a sentence without a full stop: "Connect to example.com, port 443"
	Risk string `json:"risk"` // loopback, network, private, internet or privileged
}

// riskNames are the words for each risk, the most harmless first.
var riskNames = []struct {
	risk sockets.Risks
	name string
}{
	{sockets.RiskLoopback, "loopback"},
	{sockets.RiskInternet, "internet"},
	{sockets.RiskPrivate, "private"},
	{sockets.RiskNetwork, "network"},
	{sockets.RiskPrivileged, "privileged"},
}

// nearByZones are the ends of names that networks use for their own devices.
var nearByZones = []string{".local", ".lan", ".internal", ".home.arpa", ".intranet", ".private"}

// permissions collects sentences and the risks they stand for.
type permissions struct {
	list  []Permission
	risks sockets.Risks
}

// Permissions puts the manifest into sentences. What is not said there, the manifest does not permit:
// Risks has the same source.
func (m Manifest) Permissions() []Permission { return m.explain().list }

// Risks are those that Permissions shows.
func (m Manifest) Risks() sockets.Risks { return m.explain().risks }

func (m Manifest) explain() *permissions {
	p := &permissions{list: []Permission{}}
	for _, pattern := range m.Listen {
		p.addListen(pattern)
	}
	for _, pattern := range m.Connect {
		p.addConnect(pattern)
	}
	slices.SortStableFunc(p.list, func(a, b Permission) int { return rank(a.Risk) - rank(b.Risk) })
	p.list = slices.Compact(p.list)
	return p
}

func rank(name string) int {
	for i, r := range riskNames {
		if r.name == name {
			return i
		}
	}
	return len(riskNames)
}

func (p *permissions) add(risk sockets.Risks, format string, args ...any) {
	for _, r := range riskNames {
		if r.risk == risk {
			p.list = append(p.list, Permission{Text: fmt.Sprintf(format, args...), Risk: r.name})
		}
	}
	p.risks |= risk
}

// addListen explains a pattern for listening. Names cannot be listened on, so a name permits nothing.
func (p *permissions) addListen(pattern sockets.Pattern) {
	addr, isAddress := pattern.Addr()
	switch port := portText(pattern); {
	case pattern.AnyHost():
		p.add(sockets.RiskLoopback, "Accept connections on this computer, %s", port)
		p.add(sockets.RiskNetwork, "Accept connections from your network, %s", port)
	case !isAddress:
		return
	case addr.Unmap().IsLoopback():
		p.add(sockets.RiskLoopback, "Accept connections on this computer, %s", port)
	case addr.IsUnspecified():
		p.add(sockets.RiskNetwork, "Accept connections from your network, %s", port)
	default:
		p.add(sockets.RiskNetwork, "Accept connections from your network at %s, %s", addr, port)
	}
	if port := pattern.Port(); port != 0 && port < 1024 {
		p.add(sockets.RiskPrivileged, "Use a port below 1024")
	}
}

func (p *permissions) addConnect(pattern sockets.Pattern) {
	port := portText(pattern)
	if pattern.AnyHost() {
		p.add(sockets.RiskLoopback, "Connect to programs on this computer, %s", port)
		p.add(sockets.RiskPrivate, "Connect to devices on your network%s", portSuffix(pattern))
		p.add(sockets.RiskInternet, "Connect to any host%s", portSuffix(pattern))
		return
	}
	if addr, ok := pattern.Addr(); ok {
		switch sockets.ReachOf(addr) {
		case sockets.ThisComputer:
			p.add(sockets.RiskLoopback, "Connect to programs on this computer, %s", port)
		case sockets.NearBy:
			p.add(sockets.RiskPrivate, "Connect to %s on your network, %s", addr, port)
		case sockets.Internet:
			p.add(sockets.RiskInternet, "Connect to %s, %s", addr, port)
		}
		return
	}
	name, below := pattern.Name()
	shown := Printable(name)
	if below {
		shown += " and all names below it"
	}
	switch {
	case sockets.IsLocalhost(name):
		p.add(sockets.RiskLoopback, "Connect to programs on this computer, %s", port)
	case isNearBy(name):
		p.add(sockets.RiskPrivate, "Connect to %s on your network, %s", shown, port)
	default:
		p.add(sockets.RiskInternet, "Connect to %s, %s", shown, port)
	}
}

// isNearBy says whether a name is of the kind that networks give their own devices.
func isNearBy(name string) bool {
	name = strings.TrimSuffix(name, ".")
	return !strings.Contains(name, ".") ||
		slices.ContainsFunc(nearByZones, func(zone string) bool { return strings.HasSuffix(name, zone) })
}

func portText(pattern sockets.Pattern) string {
	if pattern.Port() == 0 {
		return "any port"
	}
	return fmt.Sprintf("port %d", pattern.Port())
}

// portSuffix is for sentences that mean any port when they name none.
func portSuffix(pattern sockets.Pattern) string {
	if pattern.Port() == 0 {
		return ""
	}
	return fmt.Sprintf(", port %d", pattern.Port())
}

// policy is the manifest as it was approved.
func (m Manifest) policy(risks sockets.Risks) sockets.Grant {
	return sockets.Grant{
		Manifest: sockets.Manifest{ListenPatterns: m.Listen, ConnectPatterns: m.Connect},
		Risks:    risks,
	}
}
