package gateway

import (
	"context"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/socketgate/socketgate/gateway/access"
)

// gate refuses every request that a page of the internet, a name that an attacker points at this machine,
// or a program that was not invited could make. It stands before routing and covers every path of its port.
type gate struct {
	// immutable
	next    http.Handler
	control *access.Control
	// paths is the table of the paths that are not only read, and not only by the port's own pages.
	paths []knownPath
	// ownPorts are those whose pages the gateway serves itself.
	ownPorts func() []uint16
	// key is what every path below keyed must be shown; empty for a port that needs none.
	key string
}

// knownPath is one line of the table: with which method a path is asked for, and by whom.
type knownPath struct {
	method string
	path   string // one that ends in a slash stands for all below it
	who    who
}

// who says where a request may come from.
type who int

const (
	// ownPages: the port's own, and what says nothing of where it comes from, as navigations do.
	ownPages who = iota
	// everybody: what is read there is public.
	everybody
	// visitors: who may have a session, or ask for one.
	visitors
)

// keyed is where a port with a key has what needs it.
const keyed = "/v1/"

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	visitor, refusal := g.check(r)
	if refusal != nil {
		if refusal.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		g.control.Record(access.Entry{
			Act: access.ActVisit, Verdict: access.Refused, Rule: refusal.rule,
			Visitor: access.Visitor{Origin: strings.Join(r.Header["Origin"], " "), Peer: r.RemoteAddr},
			Target:  r.Method + " " + r.Host + r.URL.Path,
		})
		http.Error(w, refusal.text, refusal.status)
		return
	}
	g.next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitorKey{}, visitor)))
}

// visitorKey is where the context of a request for a session has its access.Visitor.
type visitorKey struct{}

// refusal says no.
type refusal struct {
	status int
	rule   string // for the audit
	text   string // for people, one line
}

// The refusals of the gate.
var (
	refusedHost = &refusal{http.StatusMisdirectedRequest, "host",
		"This gateway does not answer to that host name. Use 127.0.0.1, localhost or [::1] with its port."}
	refusedPath   = &refusal{http.StatusNotFound, "path", "404 page not found"}
	refusedMethod = &refusal{http.StatusMethodNotAllowed, "method", "This method is not for that path."}
	refusedOrigin = &refusal{http.StatusForbidden, "origin",
		"This origin is not permitted here."}
	refusedNoOrigin = &refusal{http.StatusForbidden, "origin",
		"A WebSocket needs an Origin header, or the token of a program in an Authorization header."}
	refusedSite    = &refusal{http.StatusForbidden, "fetch-site", "Sec-Fetch-Site does not agree with Origin."}
	refusedBlocked = &refusal{http.StatusForbidden, "blocked", "This origin is blocked."}
	refusedToken   = &refusal{http.StatusUnauthorized, "token",
		"The token is not valid. Make one with socketgate allow --program NAME."}
	refusedKey  = &refusal{http.StatusUnauthorized, "key", "The console needs its key. Open the address that the gateway printed."}
	refusedUser = &refusal{http.StatusForbidden, "user",
		"Only the user who runs the gateway may use it without a permission."}
)

// check decides about a request. The visitor is only set for paths that visitors may ask for.
func (g *gate) check(r *http.Request) (access.Visitor, *refusal) {
	none := access.Visitor{}
	if !isOwnHost(r) {
		return none, refusedHost
	}
	if r.URL.RawPath != "" || !isClean(r.URL.Path) {
		return none, refusedPath
	}
	who, ok := g.whoMay(r)
	if !ok {
		return none, refusedMethod
	}
	origins, sites := r.Header["Origin"], r.Header["Sec-Fetch-Site"]
	if len(origins) > 1 || len(sites) > 1 {
		return none, refusedOrigin
	}
	if len(origins) == 0 {
		if who == visitors {
			return g.checkProgram(r)
		}
		if r.Method != http.MethodGet {
			return none, refusedOrigin // a browser says where these come from
		}
		return none, g.checkKey(r)
	}
	own := g.isOwnOrigin(r, origins[0])
	if len(sites) == 1 && (!own && sites[0] == "same-origin" || sites[0] == "none") {
		return none, refusedSite
	}
	origin, err := access.ParseOrigin(origins[0])
	switch {
	case who == everybody && isWellFormedOrigin(origins[0]):
		return none, nil
	case err != nil, who == ownPages && !own:
		return none, refusedOrigin
	case who == ownPages:
		return none, g.checkKey(r)
	}
	return g.checkVisitor(r, origin, own)
}

// whoMay looks a request up in the table. What is not there is for the port's own pages, and to be read only.
func (g *gate) whoMay(r *http.Request) (who who, ok bool) {
	for _, path := range g.paths {
		below := strings.HasSuffix(path.path, "/") && strings.HasPrefix(r.URL.Path, path.path)
		if r.URL.Path == path.path || below {
			return path.who, r.Method == path.method
		}
	}
	return ownPages, r.Method == http.MethodGet
}

func (g *gate) checkVisitor(r *http.Request, origin access.Origin, own bool) (access.Visitor, *refusal) {
	visitor, err := g.control.Visit(origin, own, r.RemoteAddr)
	switch {
	case errors.Is(err, access.ErrBlocked):
		return visitor, refusedBlocked
	case err != nil:
		return visitor, refusedOrigin
	case visitor.Standing.NeedsSameUser() && isOtherUser(r):
		return visitor, refusedUser
	}
	return visitor, nil
}

// checkProgram is for what is no browser.
func (g *gate) checkProgram(r *http.Request) (access.Visitor, *refusal) {
	tokens := r.Header["Authorization"]
	if len(tokens) != 1 {
		return access.Visitor{}, refusedNoOrigin
	}
	token, ok := strings.CutPrefix(tokens[0], "Bearer ")
	if !ok {
		return access.Visitor{}, refusedToken
	}
	visitor, err := g.control.VisitProgram(token, r.RemoteAddr)
	if err != nil {
		return visitor, refusedToken
	}
	return visitor, nil
}

// checkKey asks for the key where one is needed. What a page of the port's own sends says so, in
// browsers that tell.
func (g *gate) checkKey(r *http.Request) *refusal {
	if g.key == "" || !strings.HasPrefix(r.URL.Path, keyed) {
		return nil
	}
	tokens := r.Header["Authorization"]
	if len(tokens) != 1 || !sameText(tokens[0], "Bearer "+g.key) {
		return refusedKey
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return refusedSite
	}
	return nil
}

// isOwnOrigin says whether an origin is that of a page that the gateway serves. The console, which has a
// key, knows only the very page that asks.
func (g *gate) isOwnOrigin(r *http.Request, origin string) bool {
	if g.key != "" {
		return origin == "http://"+strings.ToLower(r.Host)
	}
	return slices.ContainsFunc(g.ownPorts(), func(port uint16) bool {
		host, ok := strings.CutPrefix(origin, "http://")
		return ok && isOwnName(host, strconv.Itoa(int(port)))
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
	return err == nil && isOwnName(strings.ToLower(r.Host), port)
}

// isOwnName says whether host, in lower case, is one of this machine's names with the port.
func isOwnName(host, port string) bool {
	switch host {
	case "127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port:
		return true
	case "127.0.0.1", "localhost", "[::1]":
		return port == "80" // the port that a browser leaves out
	}
	return false
}

// isClean says whether a path is written in the one way that routing and the table both understand.
func isClean(text string) bool {
	clean := path.Clean(text)
	return text == clean || text == clean+"/"
}

// sameText compares a secret in constant time.
func sameText(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
