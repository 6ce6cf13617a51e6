package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/gateway"
)

// request sends text as it stands, with HOST and PORT replaced, and returns the status of the answer.
func (h *harness) request(text string) int {
	h.Helper()
	conn := h.dial(h.addr)
	_, port, _ := strings.Cut(h.addr, ":")
	text = strings.NewReplacer("HOST", h.addr, "PORT", port, "\n", "\r\n").Replace(text)
	h.write(conn, []byte(text))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		h.Fatalf("answer to %q: %v", text, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			h.Fatal(err)
		}
	}
	return response.StatusCode
}

// upgrade is a good handshake but for what it is given.
func upgrade(host, origin string) string {
	return fmt.Sprintf("GET /v1/ws HTTP/1.1\n%s%sConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\nSec-WebSocket-Protocol: socketgate.v1\n\n", host, origin)
}

func TestGate(t *testing.T) {
	const host, origin = "Host: HOST\n", "Origin: http://localhost:8080\n"
	tests := []struct {
		name    string
		request string
		status  int
	}{
		{"good", upgrade(host, origin), 101},
		{"host localhost", upgrade("Host: localhost:PORT\n", origin), 101},
		{"host in capitals", upgrade("Host: lOcAlHoSt:PORT\n", origin), 101},
		{"host IPv6", upgrade("Host: [::1]:PORT\n", origin), 101},
		{"rebound name", upgrade("Host: evil.example:PORT\n", "Origin: http://evil.example:PORT\n"), 421},
		{"host without port", upgrade("Host: 127.0.0.1\n", origin), 421},
		{"host with another port", upgrade("Host: 127.0.0.1:1\n", origin), 421},
		{"host with a dot", upgrade("Host: localhost.:PORT\n", origin), 421},
		{"host as a number", upgrade("Host: 2130706433:PORT\n", origin), 421},
		{"host short", upgrade("Host: 127.1:PORT\n", origin), 421},
		{"host mapped", upgrade("Host: [::ffff:127.0.0.1]:PORT\n", origin), 421},
		{"host below localhost", upgrade("Host: a.localhost:PORT\n", origin), 421},
		{"two hosts", upgrade(host+host, origin), 400},
		{"no host", "GET / HTTP/1.1\n\n", 400},
		{"HTTP/1.0 without host", "GET / HTTP/1.0\n\n", 421},
		{"absolute target", "GET http://HOST/ HTTP/1.1\nHost: HOST\n\n", 421},
		{"absolute target, other host", "GET http://HOST/ HTTP/1.1\nHost: evil.example\n\n", 421},
		{"proxy request", "GET http://evil.example/ HTTP/1.1\nHost: HOST\n\n", 421},
		{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\nHost: evil.example:443\n\n", 421},
		{"forwarded host", "GET / HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: HOST\n\n", 421},

		{"no origin", upgrade(host, ""), 403},
		{"empty origin", upgrade(host, "Origin:\n"), 403},
		{"null origin", upgrade(host, "Origin: null\n"), 403},
		{"two origins", upgrade(host, origin+"Origin: http://localhost\n"), 403},
		{"two origins, second bad", upgrade(host, origin+"Origin: https://evil.example\n"), 403},
		{"two origins in one", upgrade(host, "Origin: http://localhost http://localhost\n"), 403},
		{"origin of the internet", upgrade(host, "Origin: https://evil.example\n"), 101},
		{"origin that begins like ours", upgrade(host, "Origin: http://localhost.evil.example\n"), 101},
		{"origin that ends like ours", upgrade(host, "Origin: http://evillocalhost\n"), 101},
		{"origin that holds ours", upgrade(host, "Origin: http://127.0.0.1.evil.example\n"), 101},
		{"origin with a user", upgrade(host, "Origin: http://localhost@evil.example\n"), 403},
		{"origin with our name as user", upgrade(host, "Origin: http://localhost:80@evil.example\n"), 403},
		{"origin with a path", upgrade(host, "Origin: http://localhost/\n"), 403},
		{"origin with a query", upgrade(host, "Origin: http://localhost?\n"), 403},
		{"origin of an extension", upgrade(host, "Origin: chrome-extension://localhost\n"), 403},
		{"origin of a file", upgrade(host, "Origin: file://\n"), 403},
		{"origin in capitals", upgrade(host, "Origin: HTTP://localhost\n"), 403},
		{"origin with a dot", upgrade(host, "Origin: http://localhost.\n"), 403},
		{"origin with the default port", upgrade(host, "Origin: http://localhost:80\n"), 403},
		{"origin with port 0", upgrade(host, "Origin: http://localhost:0\n"), 403},
		{"origin with a long port", upgrade(host, "Origin: http://localhost:65536\n"), 403},
		{"origin with a padded port", upgrade(host, "Origin: http://localhost:08080\n"), 403},
		{"origin without a port after the colon", upgrade(host, "Origin: http://localhost:\n"), 403},
		{"origin of the LAN", upgrade(host, "Origin: http://192.168.0.1\n"), 101},
		{"origin 0.0.0.0", upgrade(host, "Origin: http://0.0.0.0\n"), 101},
		{"origin with a number", upgrade(host, "Origin: http://2130706433\n"), 403},
		{"origin IPv6 mapped", upgrade(host, "Origin: http://[::ffff:127.0.0.1]\n"), 403},
		{"origin with an empty label", upgrade(host, "Origin: http://.localhost\n"), 403},
		{"origin 127.0.0.1", upgrade(host, "Origin: http://127.0.0.1\n"), 101},
		{"origin 127.1.2.3", upgrade(host, "Origin: https://127.1.2.3:4433\n"), 101},
		{"origin IPv6", upgrade(host, "Origin: http://[::1]:3000\n"), 101},
		{"origin below localhost", upgrade(host, "Origin: https://app.localhost\n"), 101},

		{"not an upgrade", "GET /v1/ws HTTP/1.1\nHost: HOST\n" + origin + "\n", 426},
		{"POST to the endpoint", "POST /v1/ws HTTP/1.1\nHost: HOST\n" + origin + "Content-Length: 0\n\n", 405},
		{"wrong subprotocol", strings.Replace(upgrade(host, origin), "socketgate.v1", "socketgate.v2", 1), 400},
		{"no subprotocol", strings.Replace(upgrade(host, origin), "Sec-WebSocket-Protocol: socketgate.v1\n", "", 1), 400},
		{"old WebSocket version", strings.Replace(upgrade(host, origin), "Version: 13", "Version: 8", 1), 400},
		{"compression offered is not taken", strings.Replace(upgrade(host, origin), "Upgrade: websocket",
			"Upgrade: websocket\nSec-WebSocket-Extensions: permessage-deflate", 1), 101},

		{"page", "GET / HTTP/1.1\nHost: HOST\n\n", 200},
		{"origin of an extension in full", upgrade(host, "Origin: chrome-extension://abcdefghijklmnopabcdefghijklmnop\n"), 101},
		{"fetch-site that agrees", upgrade(host, origin+"Sec-Fetch-Site: cross-site\n"), 101},
		{"fetch-site that does not", upgrade(host, origin+"Sec-Fetch-Site: same-origin\n"), 403},
		{"fetch-site of a navigation", upgrade(host, origin+"Sec-Fetch-Site: none\n"), 403},
		{"two fetch-sites", upgrade(host, origin+"Sec-Fetch-Site: cross-site\nSec-Fetch-Site: same-origin\n"), 403},
		{"token that is not known", upgrade(host, "Authorization: Bearer sg1_x\n"), 401},
		{"authorization of another kind", upgrade(host, "Authorization: Basic eDp5\n"), 401},
		{"two tokens", upgrade(host, "Authorization: Bearer sg1_x\nAuthorization: Bearer sg1_y\n"), 403},
		{"page for another origin", "GET / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example\n\n", 403},
		{"script", "GET /socketgate.js HTTP/1.1\nHost: HOST\n\n", 200},
		{"script for a rebound name", "GET /socketgate.js HTTP/1.1\nHost: evil.example:PORT\n\n", 421},
		{"module", "GET /client/index.js HTTP/1.1\nHost: HOST\n\n", 200},
		{"nothing there", "GET /nothing HTTP/1.1\nHost: HOST\n\n", 404},
		{"above the page", "GET /../embed.go HTTP/1.1\nHost: HOST\n\n", 404},
		{"DELETE", "DELETE / HTTP/1.1\nHost: HOST\n\n", 405},
		{"header too long", "GET / HTTP/1.1\nHost: HOST\nX: " + strings.Repeat("x", 32<<10) + "\n\n", 431},
	}
	h := newHarness(t, gateway.Config{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := *h
			h.TB = t
			if status := h.request(test.request); status != test.status {
				t.Errorf("status is %d, want %d for\n%s", status, test.status, test.request)
			}
		})
	}
}

// TestPagesMayLoadTheClient: pages of other loopback origins load the client as a script or a module.
func TestPagesMayLoadTheClient(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	for _, path := range []string{"/socketgate.js", "/client/index.js"} {
		request, err := http.NewRequestWithContext(h.ctx, http.MethodGet, "http://"+h.addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", "http://localhost:3000")
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		header := response.Header
		if header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" ||
			header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || header.Get("Vary") != "Origin" ||
			!strings.HasPrefix(header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %v", path, header)
		}
	}
}
