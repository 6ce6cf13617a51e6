package gateway

import (
	"io"
	"net/http"
	"strings"
)

// helloPath is the only path that pages of every origin may ask for.
const helloPath = "/v1/hello"

// serveHello answers that this is a gateway, and nothing else: a page whose WebSocket has failed, for
// which browsers give no cause, learns whether anybody is there at all.
func serveHello(w http.ResponseWriter, _ *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Content-Type", "application/json")
	commonHeaders(header)
	header.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, `{"gateway":"socketgate"}`) // the page may have gone
}

// isWellFormedOrigin says whether an Origin header is one that a browser could write (RFC 6454, section
// 6.2), whoever it belongs to.
func isWellFormedOrigin(origin string) bool {
	if origin == "null" {
		return true // of a page from a file, or in a sandbox
	}
	scheme, host, ok := strings.Cut(origin, "://")
	return ok && scheme != "" && host != "" && len(origin) <= maxOrigin &&
		strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == "" &&
		strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._:[]") == ""
}

// maxOrigin is the longest origin: a scheme, a DNS name of 253 bytes, a port.
const maxOrigin = 300
