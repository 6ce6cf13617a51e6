package access

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// ErrOrigin means that a text is no origin of a page.
var ErrOrigin = errors.New("access: not an origin as browsers write it, such as https://example.com or http://localhost:8080")

// maxHost is the longest host name (RFC 1035, section 2.3.4).
const maxHost = 253

// Origin is the origin of a page. It is written exactly as browsers write it (RFC 6454, section 6.2), so
// that two of them are the same if their texts are.
type Origin string

// ParseOrigin reads an origin: scheme, host and a port that is not the scheme's own, in lower case, and
// nothing else. Null, and every other spelling, is refused.
func ParseOrigin(text string) (Origin, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case !ok:
		return "", ErrOrigin
	case scheme == "chrome-extension":
		ok = len(rest) == 32 && strings.Trim(rest, "abcdefghijklmnop") == ""
	case scheme == "moz-extension":
		ok = isUUID(rest)
	case scheme == "http", scheme == "https":
		var host string
		host, ok = cutOriginPort(scheme, rest)
		ok = ok && isOriginHost(host)
	default:
		ok = false
	}
	if !ok {
		return "", ErrOrigin
	}
	return Origin(text), nil
}

// cutOriginPort takes the port from the end of an authority.
func cutOriginPort(scheme, authority string) (host string, ok bool) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.HasSuffix(authority, "]") {
		return authority, true
	}
	text := authority[i+1:]
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || strconv.FormatUint(port, 10) != text || port == 0 ||
		scheme == "http" && port == 80 || scheme == "https" && port == 443 {
		return "", false
	}
	return authority[:i], true
}

// isOriginHost knows the hosts that the URL standard leaves in an origin: addresses in their canonical
// form, and names in ASCII that do not end like a number.
func isOriginHost(host string) bool {
	if inside, ok := strings.CutPrefix(host, "["); ok {
		inside, ok = strings.CutSuffix(inside, "]")
		addr, err := netip.ParseAddr(inside)
		return ok && err == nil && addr.Is6() && addr.Zone() == "" && !addr.Is4In6() && addr.String() == inside
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last != "" && last[0] >= '0' && last[0] <= '9' {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Is4() && addr.String() == host
	}
	return len(host) <= maxHost && isDNSLabels(host)
}

func isDNSLabels(text string) bool {
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// isUUID knows the hosts of Firefox's extensions.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Loopback says whether the page was loaded from this machine: hosts that a browser resolves to it by
// itself (RFC 6761, section 6.3).
func (o Origin) Loopback() bool {
	scheme, rest, _ := strings.Cut(string(o), "://")
	if scheme != "http" && scheme != "https" {
		return false
	}
	host, _ := cutOriginPort(scheme, rest)
	if host == "localhost" || host == "[::1]" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
