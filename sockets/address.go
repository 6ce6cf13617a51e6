package sockets

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// ParseLiteral reads an IP address literal as Chrome's listen does: IPv6 without brackets or zone,
// and IPv4 in every spelling that inet_aton knows (127.1, 0x7f.0.0.1, 0177.0.0.1, 2130706433), with
// or without a trailing dot. IPv4-mapped IPv6 stays IPv6.
func ParseLiteral(text string) (netip.Addr, bool) {
	if strings.Contains(text, ":") {
		addr, err := netip.ParseAddr(text)
		return addr, err == nil && addr.Zone() == ""
	}
	return parseIPv4(strings.TrimSuffix(text, "."))
}

// parseIPv4 reads one to four numbers separated by dots. All but the last are one byte each; the
// last fills the bytes that remain.
func parseIPv4(text string) (netip.Addr, bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var bits uint64
	for i, part := range parts {
		n, ok := parseIPv4Number(part)
		if !ok {
			return netip.Addr{}, false
		}
		width := 8
		if i == len(parts)-1 {
			width = 8 * (4 - i)
		}
		if n > uint64(1)<<width-1 {
			return netip.Addr{}, false
		}
		bits = bits<<width | n
	}
	return netip.AddrFrom4([4]byte{byte(bits >> 24), byte(bits >> 16), byte(bits >> 8), byte(bits)}), true
}

// parseIPv4Number reads a number as C does: 0x… is hexadecimal, 0… octal.
func parseIPv4Number(text string) (uint64, bool) {
	if text == "" {
		return 0, false
	}
	base := 10
	switch {
	case strings.HasPrefix(text, "0x"), strings.HasPrefix(text, "0X"):
		text, base = text[2:], 16
		if text == "" {
			return 0, true // "0x" alone is 0, as in inet_aton and the URL standard
		}
	case len(text) > 1 && text[0] == '0':
		text, base = text[1:], 8
	}
	for _, c := range text {
		if c == '+' || c == '-' || c == '_' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(text, base, 64)
	return n, err == nil && n <= math.MaxUint32
}

// formatAddr writes an address as Chrome does: IPv4-mapped IPv6 in hexadecimal (::ffff:7f00:1), where
// netip would write the last four bytes with dots.
func formatAddr(addr netip.Addr) string {
	if !addr.Is4In6() {
		return addr.WithZone("").String()
	}
	b := addr.As16()
	return fmt.Sprintf("::ffff:%x:%x", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15]))
}
