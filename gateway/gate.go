package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// gate refuses every request that a page of the internet, or a name that an attacker points at this
// machine, could make. It comes before routing and covers every path.
func gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isOwnHost(r) {
			http.Error(w, "This gateway does not answer to that host name. Use 127.0.0.1, localhost or [::1] with its port.",
				http.StatusMisdirectedRequest)
			return
		}
		origins := r.Header["Origin"]
		permitted := isLoopbackOrigin
		if isHello(r) {
			permitted = isWellFormedOrigin
		}
		if len(origins) > 1 || len(origins) == 1 && !permitted(origins[0]) {
			http.Error(w, "This origin is not permitted. Pages of http(s)://localhost, *.localhost, 127.0.0.1 and [::1] are.",
				http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isOwnHost says whether the request names this gateway exactly: a rebound DNS name does not, nor does
// an absolute request target, which would replace Host.
func isOwnHost(r *http.Request) bool {
	if r.URL.Host != "" || !strings.HasPrefix(r.RequestURI, "/") {
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	_, port, err := net.SplitHostPort(local.String())
	if err != nil {
		return false
	}
	switch strings.ToLower(r.Host) {
	case "127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port:
		return true
	case "127.0.0.1", "localhost", "[::1]":
		return port == "80" // the port that a browser leaves out
	}
	return false
}

// isLoopbackOrigin says whether an Origin header is that of a page of this machine. It must be written
// exactly as browsers write it (RFC 6454, section 6.2): scheme, host and a port that is not the
// scheme's own, in lower case, and nothing else.
func isLoopbackOrigin(origin string) bool {
	scheme, rest, ok := strings.Cut(origin, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return false
	}
	host := rest
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		if !isOriginPort(scheme, rest[i+1:]) {
			return false
		}
		host = rest[:i]
	}
	return isLoopbackHost(host)
}

func isOriginPort(scheme, text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || strconv.FormatUint(port, 10) != text {
		return false
	}
	return port != 0 && (scheme != "http" || port != 80) && (scheme != "https" || port != 443)
}

// isLoopbackHost knows the hosts that a browser resolves to this machine by itself (RFC 6761, section
// 6.3).
func isLoopbackHost(host string) bool {
	if host == "localhost" || host == "[::1]" {
		return true
	}
	if labels, ok := strings.CutSuffix(host, ".localhost"); ok {
		return isDNSLabels(labels)
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Is4() && addr.IsLoopback()
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
