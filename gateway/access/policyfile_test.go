package access

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/sockets"
)

func TestPolicyFile(t *testing.T) {
	policy, err := ParsePolicyFile([]byte(`{
		"origins": [
			{"origin": "https://kiosk.example", "sockets": {"tcpServer": {"listen": "127.0.0.1:*"}, "tcp": {"connect": ["localhost", "10.1.2.3:9100"]}}},
			{"origin": "http://127.0.0.1:7717", "sockets": {}}
		]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	rights, ok := policy.origin("https://kiosk.example")
	if !ok || policy.asks() {
		t.Fatalf("listed: %v, asks: %v", ok, policy.asks())
	}
	for name, want := range map[string]struct{ got, want error }{
		"listen on loopback":       {rights.Listen("127.0.0.1", netip.MustParseAddrPort("127.0.0.1:8000")), nil},
		"listen on all addresses":  {rights.Listen("0.0.0.0", netip.MustParseAddrPort("0.0.0.0:8000")), sockets.ErrNotPermitted},
		"connect to a service":     {rights.Dial("localhost", netip.MustParseAddrPort("127.0.0.1:6379")), nil},
		"connect to the printer":   {rights.Dial("10.1.2.3", netip.MustParseAddrPort("10.1.2.3:9100")), nil},
		"connect to the internet":  {rights.Dial("rebound", netip.MustParseAddrPort("1.1.1.1:80")), sockets.ErrNotPermitted},
		"connect to another place": {rights.Connect("10.1.2.4", 9100), sockets.ErrNotPermitted},
	} {
		if !errors.Is(want.got, want.want) {
			t.Errorf("%s: %v, want %v", name, want.got, want.want)
		}
	}
	if _, ok := policy.origin("https://other.example"); ok {
		t.Error("an origin that is not there is permitted")
	}
}

// TestPolicyFilesThatAreWrong: nothing is guessed.
func TestPolicyFilesThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		``:                             "EOF",
		`[]`:                           "expected dictionary, got list",
		`{}`:                           "origins is missing",
		`{"origins":[]} {}`:            "something follows",
		`{"origins":[],"origins":[]}`:  "occurs twice",
		`{"origins":[],"Requests":1}`:  "unknown key",
		`{"origins":[],"allow":"*"}`:   `unknown key "allow"`,
		`{"origins":"*"}`:              "origins",
		`{"origins":["*"]}`:            "entry 1: expected dictionary",
		`{"origins":[{}]}`:             "both needed",
		`{"origins":[null]}`:           "expected dictionary, got null",
		`{"origins":[],"requests":1}`:  "cannot unmarshal",
		`{"origins":[],"blocked":"x"}`: "blocked",
		`{"origins":[],"blocked":["https://evil.example/"]}`:                                                    "blocked",
		`{"origins":[{"origin":"*","sockets":{}}]}`:                                                             "'*'",
		`{"origins":[{"origin":"null","sockets":{}}]}`:                                                          "'null'",
		`{"origins":[{"origin":"https://*.example","sockets":{}}]}`:                                             "entry 1",
		`{"origins":[{"origin":"https://a.example"}]}`:                                                          "both needed",
		`{"origins":[{"origin":"https://a.example","sockets":{}},{"origin":"https://a.example","sockets":{}}]}`: "stands there twice",
		`{"origins":[{"origin":"https://a.example","sockets":{"udp":{}}}]}`:                                     `unknown key "udp"`,
		`{"origins":[{"origin":"https://a.example","sockets":{"tcp":{"listen":"*"}}}]}`:                         `unknown key "listen"`,
		`{"origins":[{"origin":"https://a.example","sockets":{"tcp":{"connect":"*:0"}}}]}`:                      "Invalid host:port pattern '*:0'",
		`{"origins":[{"origin":"https://a.example","sockets":{},"name":"x"}]}`:                                  `unknown key "name"`,
		`{"origins":[{"origin":"https://a.example","sockets":{"tcp":{"connect":"a"},"tcp":{"connect":"*"}}}]}`:  "occurs twice",
		`{"origins":[{"origin":"https://a.example","origin":"https://b.example","sockets":{}}]}`:                "occurs twice",
	} {
		if _, err := ParsePolicyFile([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want the error %q", text, err, want)
		}
	}
}

func TestPolicyFileOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access lists say it there")
	}
	path := filepath.Join(t.TempDir(), "policy.json")
	if err := errors.Join(os.WriteFile(path, []byte(`{"origins":[]}`), 0o600), os.Chmod(path, 0o622)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPolicyFile(path); err == nil {
		t.Error("a policy that others may change is read")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPolicyFile(path); err != nil {
		t.Error(err)
	}
}
