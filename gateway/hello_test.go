package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/socketgate/socketgate/gateway"
)

// TestHello: whoever asks learns that a gateway is there, and no more.
func TestHello(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	request, err := http.NewRequestWithContext(h.ctx, http.MethodGet, "http://"+h.addr+"/v1/hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://app.example")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if got, want := string(body), `{"gateway":"socketgate"}`; got != want {
		t.Errorf("body is %q, want %q", got, want)
	}
	response.Header.Del("Date")
	want := http.Header{
		"Access-Control-Allow-Origin":  {"*"},
		"Cache-Control":                {"no-store"},
		"Content-Length":               {"24"},
		"Content-Type":                 {"application/json"},
		"Cross-Origin-Resource-Policy": {"cross-origin"},
		"Referrer-Policy":              {"no-referrer"},
		"X-Content-Type-Options":       {"nosniff"},
	}
	if diff := cmp.Diff(want, response.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// TestHelloGate: any page may ask, but only the gateway's own host names answer, on this path alone.
func TestHelloGate(t *testing.T) {
	const hello = "GET /v1/hello HTTP/1.1\nHost: HOST\n"
	tests := []struct {
		name    string
		request string
		status  int
	}{
		{"no origin", hello + "\n", 200},
		{"page of this machine", hello + "Origin: http://localhost:3000\n\n", 200},
		{"page of the internet", hello + "Origin: https://app.example\n\n", 200},
		{"page of an IPv6 address", hello + "Origin: http://[2001:db8::1]:8080\n\n", 200},
		{"page of an extension", hello + "Origin: chrome-extension://abcdefghijklmnop\n\n", 200},
		{"page from a file", hello + "Origin: null\n\n", 200},
		{"empty origin", hello + "Origin:\n\n", 403},
		{"two origins", hello + "Origin: https://a.example\nOrigin: https://a.example\n\n", 403},
		{"two origins in one", hello + "Origin: https://a.example https://b.example\n\n", 403},
		{"origin in capitals", hello + "Origin: HTTPS://a.example\n\n", 403},
		{"origin with a path", hello + "Origin: https://a.example/\n\n", 403},
		{"origin with a user", hello + "Origin: https://a@b.example\n\n", 403},
		{"origin without a scheme", hello + "Origin: a.example\n\n", 403},
		{"origin without a host", hello + "Origin: https://\n\n", 403},
		{"origin too long", hello + "Origin: https://" + strings.Repeat("a", 300) + "\n\n", 403},
		{"rebound name", strings.Replace(hello, "HOST", "evil.example:PORT", 1) + "\n", 421},
		{"absolute target", strings.Replace(hello, "/v1", "http://HOST/v1", 1) + "\n", 421},
		{"path below", strings.Replace(hello, "hello", "hello/", 1) + "Origin: https://a.example\n\n", 403},
		{"path in other letters", strings.Replace(hello, "hello", "Hello", 1) + "Origin: https://a.example\n\n", 403},
		{"POST", strings.Replace(hello, "GET", "POST", 1) + "Origin: https://a.example\nContent-Length: 0\n\n", 405},
		{"preflight", strings.Replace(hello, "GET", "OPTIONS", 1) + "Origin: https://a.example\n\n", 405},
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
