package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
)

// The attacks below are what pages, rebound names, programs of other users and devices of the network may try
// against a gateway, its console and a folder that it serves. Each has a name and its refusal. They go over
// real connections.

// fortress is a gateway, its console and a served folder, on loopback ports.
type fortress struct {
	*harness
	control *access.Control
	console string // address
	site    string // address
	key     string
}

func newFortress(t *testing.T) *fortress {
	t.Helper()
	control := newAccess(t, access.Config{})
	h := newHarness(t, gateway.Config{Access: control})
	f := &fortress{harness: h, control: control, key: access.NewKey()}
	console := gateway.NewConsole(gateway.ConsoleConfig{Access: control, Key: f.key})
	f.console = f.serve(console.Serve, func() error { return console.Shutdown(h.ctx) })

	folder := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.txt")
	for name, text := range map[string]string{
		filepath.Join(folder, "index.html"): "app", filepath.Join(folder, ".env"): "secret", filepath.Join(folder, "bare", "x.txt"): "x", outside: "secret",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(folder, "link.txt")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() }) // read only
	f.site = f.serve(func(ln net.Listener) error { return h.server.ServeSite(ln, root.FS()) }, func() error { return nil })

	_, port, _ := strings.Cut(f.console, ":")
	n, err := net.LookupPort("tcp", port)
	if err != nil {
		t.Fatal(err)
	}
	h.server.Forbid(uint16(n))
	return f
}

func (f *fortress) serve(serve func(net.Listener) error, shutdown func() error) (address string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- serve(ln) }()
	f.Cleanup(func() {
		if err := shutdown(); err != nil {
			f.Errorf("shutdown: %v", err)
		}
	})
	// Cleanups run backwards: the gateway's own has closed its listeners by then.
	f.Cleanup(func() {
		if err := shutdown(); err != nil {
			f.Errorf("shutdown: %v", err)
		}
		_ = ln.Close()
		if err := <-served; err != nil && !strings.Contains(err.Error(), "closed") {
			f.Errorf("serve: %v", err)
		}
	})
	return ln.Addr().String()
}

// attack sends a request as it stands, with HOST, PORT and KEY replaced, and returns the status and the body.
func (f *fortress) attack(address, request string) (status int, body string) {
	f.Helper()
	conn := f.dial(address)
	_, port, _ := strings.Cut(address, ":")
	text := strings.NewReplacer("HOST", address, "PORT", port, "KEY", f.key, "\n", "\r\n").Replace(request)
	f.write(conn, []byte(text))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		f.Fatalf("answer to %q: %v", text, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		text, err := io.ReadAll(response.Body)
		if err != nil {
			f.Fatal(err)
		}
		body = string(text)
	}
	return response.StatusCode, body
}

// httpAttack is an attack on a port. Each must be answered with its status.
type httpAttack struct {
	name    string
	request string
	status  int
}

const (
	goodHost   = "Host: HOST\n"
	goodOrigin = "Origin: https://shop.example\n"
	ownOrigin  = "Origin: http://HOST\n"
)

// get is a request for a path with these headers.
func get(path, headers string) string { return "GET " + path + " HTTP/1.1\n" + headers + "\n" }

var attacksOnGateway = []httpAttack{
	{"rebound name", upgrade("Host: evil.example:PORT\n", "Origin: http://evil.example:PORT\n"), 421},
	{"rebound name at the page", get("/", "Host: evil.example:PORT\n"), 421},
	{"rebound name at the script", get("/socketgate.js", "Host: evil.example:PORT\n"), 421},
	{"rebound name at hello", get("/v1/hello", "Host: evil.example:PORT\n"), 421},
	{"rebound name that begins like ours", upgrade("Host: 127.0.0.1.evil.example:PORT\n", goodOrigin), 421},
	{"rebound name that ends like ours", upgrade("Host: evil.localhost:PORT\n", goodOrigin), 421},
	{"host with a trailing dot", upgrade("Host: localhost.:PORT\n", goodOrigin), 421},
	{"host address with a trailing dot", upgrade("Host: 127.0.0.1.:PORT\n", goodOrigin), 421},
	{"host as one number", upgrade("Host: 2130706433:PORT\n", goodOrigin), 421},
	{"host in hexadecimal", upgrade("Host: 0x7f000001:PORT\n", goodOrigin), 421},
	{"host in octal", upgrade("Host: 0177.0.0.1:PORT\n", goodOrigin), 421},
	{"host shortened", upgrade("Host: 127.1:PORT\n", goodOrigin), 421},
	{"host with another loopback address", upgrade("Host: 127.0.0.2:PORT\n", goodOrigin), 421},
	{"host that means any address", upgrade("Host: 0.0.0.0:PORT\n", goodOrigin), 421},
	{"host IPv6 in full", upgrade("Host: [0:0:0:0:0:0:0:1]:PORT\n", goodOrigin), 421},
	{"host IPv4-mapped", upgrade("Host: [::ffff:127.0.0.1]:PORT\n", goodOrigin), 421},
	{"host IPv6 without brackets", upgrade("Host: ::1\n", goodOrigin), 421},
	{"host with a zone", upgrade("Host: [::1%25lo]:PORT\n", goodOrigin), 421},
	{"host with a user", upgrade("Host: localhost@127.0.0.1:PORT\n", goodOrigin), 400},
	{"host without a port", upgrade("Host: 127.0.0.1\n", goodOrigin), 421},
	{"host with a padded port", upgrade("Host: 127.0.0.1:0PORT\n", goodOrigin), 421},
	{"host with the console's default port", upgrade("Host: 127.0.0.1:7718\n", goodOrigin), 421},
	{"empty host", upgrade("Host:\n", goodOrigin), 421},
	{"no host", upgrade("", goodOrigin), 400},
	{"no host in HTTP/1.0", "GET / HTTP/1.0\n\n", 421},
	{"two hosts", upgrade(goodHost+"Host: evil.example\n", goodOrigin), 400},
	{"host in a forwarding header", get("/", "Host: evil.example\nX-Forwarded-Host: HOST\nForwarded: host=HOST\n"), 421},
	{"absolute target", "GET http://HOST/ HTTP/1.1\nHost: HOST\n\n", 421},
	{"absolute target, other host", "GET http://HOST/ HTTP/1.1\nHost: evil.example\n\n", 421},
	{"absolute target with a WebSocket scheme", "GET ws://HOST/v1/ws HTTP/1.1\nHost: HOST\n\n", 421},
	{"request to a proxy", "GET http://169.254.169.254/ HTTP/1.1\nHost: HOST\n\n", 421},
	{"CONNECT", "CONNECT 127.0.0.1:22 HTTP/1.1\nHost: HOST\n\n", 421},
	{"asterisk target", "OPTIONS * HTTP/1.1\nHost: HOST\n\n", 421},

	{"WebSocket without an origin", upgrade(goodHost, ""), 403},
	{"empty origin", upgrade(goodHost, "Origin:\n"), 403},
	{"opaque origin of a sandbox or a file", upgrade(goodHost, "Origin: null\n"), 403},
	{"opaque origin in capitals", upgrade(goodHost, "Origin: NULL\n"), 403},
	{"any origin", upgrade(goodHost, "Origin: *\n"), 403},
	{"two origins, good one first", upgrade(goodHost, ownOrigin+"Origin: https://evil.example\n"), 403},
	{"two origins, good one last", upgrade(goodHost, "Origin: https://evil.example\n"+ownOrigin), 403},
	{"two origins in one line", upgrade(goodHost, "Origin: http://HOST https://evil.example\n"), 403},
	{"two origins with a comma", upgrade(goodHost, "Origin: http://HOST, https://evil.example\n"), 403},
	{"origin with our address as user", upgrade(goodHost, "Origin: http://HOST@evil.example\n"), 403},
	{"origin with a path", upgrade(goodHost, "Origin: http://HOST/\n"), 403},
	{"origin with a fragment", upgrade(goodHost, "Origin: http://HOST#\n"), 403},
	{"origin in capitals", upgrade(goodHost, "Origin: HTTP://HOST\n"), 403},
	{"origin with a trailing dot", upgrade(goodHost, "Origin: https://shop.example.\n"), 403},
	{"origin as a number", upgrade(goodHost, "Origin: http://2130706433:PORT\n"), 403},
	{"origin shortened", upgrade(goodHost, "Origin: http://127.1:PORT\n"), 403},
	{"origin IPv4-mapped", upgrade(goodHost, "Origin: http://[::ffff:127.0.0.1]:PORT\n"), 403},
	{"origin with the scheme's own port", upgrade(goodHost, "Origin: https://shop.example:443\n"), 403},
	{"origin in letters that look alike", upgrade(goodHost, "Origin: https://shоp.example\n"), 403},
	{"origin of a file", upgrade(goodHost, "Origin: file://\n"), 403},
	{"origin of a WebSocket", upgrade(goodHost, "Origin: ws://HOST\n"), 403},
	{"origin of an extension that is none", upgrade(goodHost, "Origin: chrome-extension://HOST\n"), 403},
	{"origin with a tab inside", upgrade(goodHost, "Origin: http://HOST\tx\n"), 403},
	{"origin that is too long", upgrade(goodHost, "Origin: https://"+strings.Repeat("a.", 200)+"example\n"), 403},
	{"old name of the origin", upgrade(goodHost, "Sec-WebSocket-Origin: http://HOST\n"), 403},
	{"a site that does not agree with its origin", upgrade(goodHost, goodOrigin+"Sec-Fetch-Site: same-origin\n"), 403},
	{"a navigation as a WebSocket", upgrade(goodHost, goodOrigin+"Sec-Fetch-Site: none\n"), 403},

	{"token that is not known", upgrade(goodHost, "Authorization: Bearer sg1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"), 401},
	{"empty token", upgrade(goodHost, "Authorization: Bearer \n"), 401},
	{"password instead of a token", upgrade(goodHost, "Authorization: Basic YWRtaW46YWRtaW4=\n"), 401},
	{"two tokens", upgrade(goodHost, "Authorization: Bearer a\nAuthorization: Bearer b\n"), 403},
	{"the console's key as a token", upgrade(goodHost, "Authorization: Bearer KEY\n"), 401},
	{"credential in the query", strings.Replace(upgrade(goodHost, ""), "/v1/ws", "/v1/ws?token=KEY", 1), 403},
	{"credential in a cookie", upgrade(goodHost, "Cookie: token=KEY\n"), 403},
	{"credential in the subprotocol", strings.Replace(upgrade(goodHost, goodOrigin), "Protocol: socketgate.v1", "Protocol: KEY", 1), 400},

	{"no subprotocol", strings.Replace(upgrade(goodHost, goodOrigin), "Sec-WebSocket-Protocol: socketgate.v1\n", "", 1), 400},
	{"subprotocol in capitals", strings.Replace(upgrade(goodHost, goodOrigin), "socketgate.v1", "SOCKETGATE.V1", 1), 400},
	{"subprotocol of the next version", strings.Replace(upgrade(goodHost, goodOrigin), "socketgate.v1", "socketgate.v2", 1), 400},
	{"old WebSocket version", strings.Replace(upgrade(goodHost, goodOrigin), "Version: 13", "Version: 8", 1), 400},
	{"no WebSocket key", strings.Replace(upgrade(goodHost, goodOrigin), "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n", "", 1), 400},
	{"no upgrade", get("/v1/ws", goodHost+goodOrigin), 426},
	{"upgrade by POST", strings.Replace(upgrade(goodHost, goodOrigin), "GET", "POST", 1), 405},
	{"upgrade at another path", strings.Replace(upgrade(goodHost, goodOrigin), "/v1/ws", "/", 1), 403},
	{"path in an escape", strings.Replace(upgrade(goodHost, goodOrigin), "/v1/ws", "/v1%2fws", 1), 404},
	{"path with two slashes", strings.Replace(upgrade(goodHost, goodOrigin), "/v1/ws", "//v1/ws", 1), 404},
	{"path with a dot", strings.Replace(upgrade(goodHost, goodOrigin), "/v1/ws", "/v1/./ws", 1), 404},
	{"path above the page", get("/../gateway/gate.go", goodHost), 404},
	{"path above the page, escaped", get("/%2e%2e/%2e%2e/etc/passwd", goodHost), 404},
	{"path above the modules", get("/client/../../go.mod", goodHost), 404},
	{"path with a backslash", get("/client/..\\..\\go.mod", goodHost), 404},
	{"path with a zero byte", get("/client/x%00.js", goodHost), 404},
	{"the console's API at the gateway", get("/v1/state", goodHost+"Authorization: Bearer KEY\n"), 404},
	{"page of the gateway read by another", get("/", goodHost+goodOrigin), 403},
	{"DELETE", "DELETE / HTTP/1.1\nHost: HOST\n\n", 405},
	{"PUT", "PUT /socketgate.js HTTP/1.1\nHost: HOST\nContent-Length: 1\n\nx", 405},
	{"TRACE", "TRACE / HTTP/1.1\nHost: HOST\n\n", 405},
	{"preflight for the endpoint", "OPTIONS /v1/ws HTTP/1.1\nHost: HOST\n" + goodOrigin + "Access-Control-Request-Private-Network: true\n\n", 405},
	{"form at the endpoint", "POST /v1/ws HTTP/1.1\nHost: HOST\nOrigin: null\nContent-Type: text/plain\nContent-Length: 2\n\n{}", 405},

	{"two lengths", "GET / HTTP/1.1\nHost: HOST\nContent-Length: 1\nContent-Length: 2\n\nx", 400},
	{"length and chunks disagree", "POST / HTTP/1.1\nHost: HOST\nContent-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n", 405},
	{"unknown transfer coding", "GET / HTTP/1.1\nHost: HOST\nTransfer-Encoding: xchunked\n\n", 501},
	{"negative length", "GET / HTTP/1.1\nHost: HOST\nContent-Length: -1\n\n", 400},
	{"header name with a blank", "GET / HTTP/1.1\nHost: HOST\nOrigin : null\n\n", 400},
	{"folded header", "GET / HTTP/1.1\nHost: HOST\nX: a\n  b\nOrigin: null\n\n", 403},
	{"header with a control character", "GET / HTTP/1.1\nHost: HOST\nX: \x01\n\n", 400},
	{"header that is too long", get("/", goodHost+"X: "+strings.Repeat("x", 32<<10)+"\n"), 431},
	{"header with too many lines", get("/", goodHost+strings.Repeat("X: y\n", 8<<10)), 431},
	{"HTTP/2 without TLS", "PRI * HTTP/2.0\n\nSM\n\n", 421},
	{"HTTP/3.0", "GET / HTTP/3.0\nHost: HOST\n\n", 505},
}

var attacksOnConsole = []httpAttack{
	{"no key", get("/v1/state", goodHost), 401},
	{"empty key", get("/v1/state", goodHost+"Authorization: Bearer \n"), 401},
	{"wrong key", get("/v1/state", goodHost+"Authorization: Bearer KEx\n"), 401},
	{"key and more", get("/v1/state", goodHost+"Authorization: Bearer KEYx\n"), 401},
	{"key in other letters", get("/v1/state", goodHost+"Authorization: bearer KEY\n"), 401},
	{"key as a password", get("/v1/state", goodHost+"Authorization: Basic KEY\n"), 401},
	{"two keys", get("/v1/state", goodHost+"Authorization: Bearer x\nAuthorization: Bearer KEY\n"), 401},
	{"key in the query", get("/v1/state?key=KEY", goodHost), 401},
	{"key in a cookie", get("/v1/state", goodHost+"Cookie: key=KEY\n"), 401},
	{"rebound name with the key", get("/v1/state", "Host: evil.example:PORT\nAuthorization: Bearer KEY\n"), 421},
	{"page of another origin with the key", get("/v1/state", goodHost+goodOrigin+"Authorization: Bearer KEY\n"), 403},
	{"page of another loopback port with the key", get("/v1/state", goodHost+"Origin: http://127.0.0.1:1\nAuthorization: Bearer KEY\n"), 403},
	{"another name of the console as origin", get("/v1/state", goodHost+"Origin: http://localhost:PORT\nAuthorization: Bearer KEY\n"), 403},
	{"opaque origin with the key", get("/v1/state", goodHost+"Origin: null\nAuthorization: Bearer KEY\n"), 403},
	{"fetch of another site with the key", get("/v1/state", goodHost+"Sec-Fetch-Site: same-site\nAuthorization: Bearer KEY\n"), 403},
	{"console's page for another origin", get("/", goodHost+goodOrigin), 403},
	{"form of another site", post("/v1/approve", "Origin: null\nContent-Type: application/x-www-form-urlencoded\nSec-Fetch-Site: cross-site\n", "code=1"), 403},
	{"form that looks like JSON", post("/v1/approve", "Origin: null\nContent-Type: text/plain\n", `{"code":"1"}`), 403},
	{"POST without an origin", post("/v1/revoke", "Authorization: Bearer KEY\nContent-Type: application/json\n", `{"origin":"x"}`), 403},
	{"POST without the key", post("/v1/revoke", ownOrigin+"Content-Type: application/json\n", `{"origin":"x"}`), 401},
	{"POST of a form with everything else", post("/v1/revoke", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/x-www-form-urlencoded\n", "origin=x"), 415},
	{"POST of plain text", post("/v1/revoke", ownOrigin+"Authorization: Bearer KEY\nContent-Type: text/plain\n", `{"origin":"x"}`), 415},
	{"POST without a type", post("/v1/revoke", ownOrigin+"Authorization: Bearer KEY\n", `{"origin":"x"}`), 415},
	{"unknown member", post("/v1/approve", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"code":"x","duration":"30d","all":true}`), 400},
	{"two values", post("/v1/revoke", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"origin":"x"}{"origin":"y"}`), 400},
	{"duration that does not end", post("/v1/approve", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"code":"x","duration":"program"}`), 400},
	{"allow any origin", post("/v1/allow", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"origin":"*","sockets":{},"duration":"30d"}`), 400},
	{"allow the opaque origin", post("/v1/allow", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"origin":"null","sockets":{},"duration":"30d"}`), 400},
	{"allow a program with control characters", post("/v1/allow", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"program":"a\u001b[2J","sockets":{}}`), 400},
	{"allow an origin and a program", post("/v1/allow", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"origin":"https://a.example","program":"a","sockets":{},"duration":"30d"}`), 400},
	{"approve what nobody asked", post("/v1/approve", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"code":"AAAA-AAAA","duration":"30d"}`), 404},
	{"body that is too long", post("/v1/approve", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", `{"code":"`+strings.Repeat("x", 65<<10)+`"}`), 413},
	{"change by GET", get("/v1/approve?code=x", goodHost+"Authorization: Bearer KEY\n"), 405},
	{"state by POST", post("/v1/state", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", "{}"), 405},
	{"preflight", "OPTIONS /v1/approve HTTP/1.1\nHost: HOST\n" + goodOrigin + "Access-Control-Request-Headers: authorization\n\n", 405},
	{"WebSocket at the console", upgrade(goodHost, ownOrigin), 405},
	{"unknown path of the API", post("/v1/everything", ownOrigin+"Authorization: Bearer KEY\nContent-Type: application/json\n", "{}"), 405},
	{"path above the console's page", get("/../index.html", goodHost), 404},
}

// post is a POST with these headers and a body.
func post(path, headers, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\nHost: HOST\n%sContent-Length: %d\n\n%s", path, headers, len(body), body)
}

var attacksOnSite = []httpAttack{
	{"served folder: hidden file", get("/.env", goodHost), 404},
	{"served folder: above it", get("/../secret.txt", goodHost), 404},
	{"served folder: above it, escaped", get("/..%2fsecret.txt", goodHost), 404},
	{"served folder: above it, twice escaped", get("/%252e%252e/secret.txt", goodHost), 404},
	{"served folder: link out of it", get("/link.txt", goodHost), 404},
	{"served folder: list of files", get("/bare/", goodHost), 404},
	{"served folder: absolute path", get("//etc/passwd", goodHost), 404},
	{"served folder: rebound name", get("/", "Host: evil.example:PORT\n"), 421},
	{"served folder: read by another origin", get("/index.html", goodHost+goodOrigin), 403},
	{"served folder: upload", "PUT /x.txt HTTP/1.1\nHost: HOST\nContent-Length: 1\n\nx", 405},
}

func TestAttacks(t *testing.T) {
	f := newFortress(t)
	names := map[string]bool{}
	for _, target := range []struct {
		address string
		attacks []httpAttack
	}{{f.addr, attacksOnGateway}, {f.console, attacksOnConsole}, {f.site, attacksOnSite}} {
		for _, attack := range target.attacks {
			if names[attack.name] {
				t.Errorf("two attacks are called %q", attack.name)
			}
			names[attack.name] = true
			t.Run(attack.name, func(t *testing.T) {
				h := *f.harness
				h.TB = t
				f := &fortress{harness: &h, key: f.key}
				status, body := f.attack(target.address, attack.request)
				if status != attack.status {
					t.Errorf("status is %d, want %d for\n%s", status, attack.status, attack.request)
				}
				if strings.Contains(body, "secret") || strings.Contains(body, f.key) {
					t.Errorf("the answer gives something away: %s", body)
				}
			})
		}
	}
	if len(names) < 100 {
		t.Errorf("there are %d attacks, want at least 100", len(names))
	}
	if status, _ := f.attack(f.site, get("/", goodHost)); status != 200 {
		t.Errorf("the served folder itself is answered %d", status)
	}
	if s := f.control.State(); len(s.Grants)+len(s.Requests)+len(s.Blocked) != 0 {
		t.Errorf("the attacks have changed something: %+v", s)
	}
}
