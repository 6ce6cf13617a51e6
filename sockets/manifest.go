package sockets

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Manifest is a [Policy] in the grammar of the "sockets" key of a Chrome App's manifest: what a page may
// listen on and connect to. A list is an or; an empty list permits nothing.
type Manifest struct {
	ListenPatterns  []Pattern // tcpServer.listen
	ConnectPatterns []Pattern // tcp.connect
}

// Listen implements [Policy]. The host is compared as the page wrote it.
func (m Manifest) Listen(host string, local netip.AddrPort) error {
	return match(m.ListenPatterns, host, local.Port())
}

// Connect implements [Policy]. The host is compared as the page wrote it, before it is resolved.
func (m Manifest) Connect(host string, port uint16) error {
	return match(m.ConnectPatterns, host, port)
}

// Accept implements [Policy]: the server was permitted, so are its connections.
func (m Manifest) Accept(host string, local, _ netip.AddrPort) error {
	return m.Listen(host, local)
}

// Dial implements [Policy]: whatever a permitted name stands for.
func (m Manifest) Dial(string, netip.AddrPort) error { return nil }

// Dialled implements [Policy].
func (m Manifest) Dialled(string, uint16, error) {}

func match(patterns []Pattern, host string, port uint16) error {
	for _, p := range patterns {
		if p.Matches(host, port) {
			return nil
		}
	}
	return ErrNotPermitted
}

// Pattern is one permitted host and port.
type Pattern struct {
	host      string     // lower case; empty matches every host unless addr is valid
	addr      netip.Addr // of a pattern in brackets
	subdomain bool       // names below host match too
	port      uint16     // 0 matches every port
}

// ParsePattern reads a pattern as Chrome does: "", "host" or "host:port", split at the colon. A host that
// is empty or "*" is any host; "*.name" and ".name" are name and all names below it; elsewhere a star is an
// ordinary character. A port that is empty or "*" is any port. One thing is ours: an IPv6 address may be
// written in brackets, "[::1]:80".
func ParsePattern(text string) (Pattern, error) {
	wrong := fmt.Errorf("sockets: invalid host:port pattern %q", text)
	var p Pattern
	host, portText, _ := strings.Cut(text, ":")
	if strings.HasPrefix(text, "[") {
		var ok bool
		if p.addr, portText, ok = cutBracketed(text); !ok {
			return Pattern{}, wrong
		}
		host = ""
	}
	if strings.Contains(portText, ":") || strings.TrimSpace(host) != host {
		return Pattern{}, wrong
	}
	p.host = strings.ToLower(host)
	switch {
	case p.host == "*":
		p.host = ""
	case strings.HasPrefix(p.host, "*."):
		p.host, p.subdomain = p.host[2:], true
	case strings.HasPrefix(p.host, "."):
		p.host, p.subdomain = p.host[1:], true
	}
	if portText != "" && portText != "*" {
		port, err := strconv.ParseUint(portText, 10, 16)
		if err != nil || port == 0 {
			return Pattern{}, wrong
		}
		p.port = uint16(port)
	}
	return p, nil
}

// cutBracketed reads "[address]" or "[address]:port".
func cutBracketed(text string) (addr netip.Addr, port string, ok bool) {
	inside, rest, found := strings.Cut(text[1:], "]")
	addr, isLiteral := ParseLiteral(inside)
	port, hasPort := strings.CutPrefix(rest, ":")
	return addr, port, found && isLiteral && addr.Is6() && (hasPort || rest == "")
}

// AnyHost says whether the pattern permits every host.
func (p Pattern) AnyHost() bool { return p.host == "" && !p.subdomain && !p.addr.IsValid() }

// Addr returns the one address that the pattern permits; ok is false if it permits a name or any host.
func (p Pattern) Addr() (addr netip.Addr, ok bool) {
	if p.addr.IsValid() {
		return p.addr, true
	}
	if p.subdomain {
		return netip.Addr{}, false
	}
	return ParseLiteral(p.host)
}

// Name returns the name that the pattern permits; below says that the names below it are permitted too.
func (p Pattern) Name() (name string, below bool) { return p.host, p.subdomain }

// Port returns the port that the pattern permits; 0 for any.
func (p Pattern) Port() uint16 { return p.port }

// Matches says whether the pattern permits a host, as the page wrote it, and a port. Names are compared
// as text, without resolving; no wildcard but "any host" stands for an IP address.
func (p Pattern) Matches(host string, port uint16) bool {
	if p.port != 0 && p.port != port {
		return false
	}
	if p.addr.IsValid() {
		addr, ok := ParseLiteral(host)
		return ok && addr == p.addr
	}
	host = strings.ToLower(host)
	switch {
	case p.host == "" && !p.subdomain, host == p.host:
		return true
	case !p.subdomain || !strings.HasSuffix(host, "."+p.host):
		return false
	}
	_, isAddress := ParseLiteral(host)
	return !isAddress
}

// String returns the pattern in its canonical form, host:port.
func (p Pattern) String() string {
	host, port := p.host, "*"
	switch {
	case p.addr.IsValid():
		host = "[" + p.addr.String() + "]"
	case p.subdomain:
		host = "*." + host
	case host == "":
		host = "*"
	}
	if p.port != 0 {
		port = strconv.Itoa(int(p.port))
	}
	return host + ":" + port
}
