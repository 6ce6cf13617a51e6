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

// Dial implements [Policy]: whatever a permitted name stands for.
func (m Manifest) Dial(netip.AddrPort) error { return nil }

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
	host      string // lower case; empty matches every host
	subdomain bool   // names below host match too
	port      uint16 // 0 matches every port
}

// ParsePattern reads a pattern as Chrome does: "", "host" or "host:port", split at the colon, so that
// IPv6 cannot be written. A host that is empty or "*" is any host; "*.name" and ".name" are name and all
// names below it; elsewhere a star is an ordinary character. A port that is empty or "*" is any port.
func ParsePattern(text string) (Pattern, error) {
	wrong := fmt.Errorf("sockets: invalid host:port pattern %q", text)
	host, portText, _ := strings.Cut(text, ":")
	if strings.Contains(portText, ":") || strings.TrimSpace(host) != host {
		return Pattern{}, wrong
	}
	p := Pattern{host: strings.ToLower(host)}
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

// Matches says whether the pattern permits a host, as the page wrote it, and a port. Names are compared
// as text, without resolving; no wildcard but "any host" stands for an IP address.
func (p Pattern) Matches(host string, port uint16) bool {
	if p.port != 0 && p.port != port {
		return false
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
