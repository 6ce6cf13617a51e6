package access

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/socketgate/socketgate/sockets"
)

func parse(t testing.TB, text string) Manifest {
	t.Helper()
	m, err := ParseManifest([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

func TestManifest(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                   `{}`,
		`{"tcp":{}}`:                           `{}`,
		`{"tcp":{"connect":[]}}`:               `{}`,
		`{"tcp":{"connect":""}}`:               `{"tcp":{"connect":["*:*"]}}`,
		`{"tcpServer":{"listen":"127.0.0.1"}}`: `{"tcpServer":{"listen":["127.0.0.1:*"]}}`,
		`{"tcp":{"connect":["*.Example.com:80","[::1]"]},"tcpServer":{"listen":"*:8000"}}`: `{"tcp":{"connect":["*.example.com:80","[::1]:*"]},"tcpServer":{"listen":["*:8000"]}}`,
		`{"udp":{"bind":"*"},"serial":true,"tcp":{"connect":"a","bind":5}}`:                `{"tcp":{"connect":["a:*"]}}`,
		`{"TCP":{"connect":"*"},"tcp":{"Connect":"*"}}`:                                    `{}`,
	} {
		written, err := json.Marshal(parse(t, text))
		if err != nil || string(written) != want {
			t.Errorf("%s is %s, %v; want %s", text, written, err, want)
		}
	}
}

// TestManifestsThatAreWrong: with Chrome's words where it has some.
func TestManifestsThatAreWrong(t *testing.T) {
	many := `{"tcp":{"connect":[` + strings.Repeat(`"a",`, maxPatterns) + `"a"]}}`
	for text, want := range map[string]string{
		`"*"`:                               "expected dictionary, got string",
		`[]`:                                "expected dictionary, got list",
		`null`:                              "expected dictionary, got null",
		``:                                  "expected dictionary, got null",
		`7`:                                 "expected dictionary, got integer",
		`{"tcpServer":null}`:                "'tcpServer': expected dictionary, got null",
		`{"tcp":"*"}`:                       "'tcp': expected dictionary, got string",
		`{"tcp":{"connect":5}}`:             "expected string or strings, got integer",
		`{"tcp":{"connect":1.5}}`:           "expected string or strings, got double",
		`{"tcp":{"connect":true}}`:          "expected string or strings, got boolean",
		`{"tcp":{"connect":null}}`:          "expected string or strings, got null",
		`{"tcp":{"connect":{}}}`:            "expected string or strings, got dictionary",
		`{"tcp":{"connect":["*",7]}}`:       "Error at key 'strings': Parsing array failed at index 1: expected string, got integer",
		`{"tcp":{"connect":["*","bad:x"]}}`: "Invalid host:port pattern 'bad:x'",
		`{"tcpServer":{"listen":"*:0"}}`:    "Invalid host:port pattern '*:0'",
		`{"tcpServer":{"listen":"::1"}}`:    "Invalid host:port pattern '::1'",
		`{"tcpServer":{"listen":"a\u202e\u0007:x"}}`:                            `Invalid host:port pattern 'a\u202e\u0007:x'`,
		`{"tcp":{"connect":"` + strings.Repeat("a", maxPatternLength+1) + `"}}`: "Invalid host:port pattern",
		many: "more than 64 patterns",
	} {
		if m, err := ParseManifest([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want the error %q", text, m, err, want)
		}
	}
}

func TestPermissions(t *testing.T) {
	tests := []struct {
		manifest string
		want     []string
	}{
		{`{}`, nil},
		{`{"tcpServer":{"listen":"127.0.0.1:8000"}}`, []string{"loopback: Accept connections on this computer, port 8000"}},
		{`{"tcpServer":{"listen":["[::1]:8000","127.0.0.1:8000"]}}`, []string{"loopback: Accept connections on this computer, port 8000"}},
		{`{"tcpServer":{"listen":"0.0.0.0"}}`, []string{"network: Accept connections from your network, any port"}},
		{`{"tcpServer":{"listen":"*:80"}}`, []string{
			"loopback: Accept connections on this computer, port 80", "network: Accept connections from your network, port 80", "privileged: Use a port below 1024",
		}},
		{`{"tcpServer":{"listen":["localhost:80","*.example"]}}`, nil},
		{`{"tcpServer":{"listen":"192.168.1.5:9000"}}`, []string{"network: Accept connections from your network at 192.168.1.5, port 9000"}},
		{`{"tcp":{"connect":""}}`, []string{
			"loopback: Connect to programs on this computer, any port", "internet: Connect to any host", "private: Connect to devices on your network",
		}},
		{`{"tcp":{"connect":":443"}}`, []string{
			"loopback: Connect to programs on this computer, port 443", "internet: Connect to any host, port 443", "private: Connect to devices on your network, port 443",
		}},
		{`{"tcp":{"connect":["localhost","127.1:5432","0.0.0.0:1","[::1]:2"]}}`, []string{
			"loopback: Connect to programs on this computer, any port", "loopback: Connect to programs on this computer, port 5432",
			"loopback: Connect to programs on this computer, port 1", "loopback: Connect to programs on this computer, port 2",
		}},
		{`{"tcp":{"connect":["10.1.2.3:9100","printer:9100","nas.local"]}}`, []string{
			"private: Connect to 10.1.2.3 on your network, port 9100", "private: Connect to printer on your network, port 9100", "private: Connect to nas.local on your network, any port",
		}},
		{`{"tcp":{"connect":["*.example.com:443","1.1.1.1:53"]}}`, []string{
			"internet: Connect to example.com and all names below it, port 443", "internet: Connect to 1.1.1.1, port 53",
		}},
		{`{"tcp":{"connect":["224.0.0.1"]}}`, nil},
	}
	for _, test := range tests {
		m := parse(t, test.manifest)
		var got []string
		for _, p := range m.Permissions() {
			got = append(got, p.Risk+": "+p.Text)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.manifest, diff)
		}
	}
	if risks := parse(t, `{"tcp":{"connect":"*"},"tcpServer":{"listen":"*"}}`).Risks(); risks != sockets.RiskLoopback|sockets.RiskInternet|sockets.RiskPrivate|sockets.RiskNetwork {
		t.Errorf("all addresses have the risks %05b; a privileged port must be named", risks)
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"Kiosk – Zürich 3": "Kiosk – Zürich 3", "a\nb": `a\u000ab`, "a\u202eb": `a\u202eb`, "\x1b[2J": `\u001b[2J`, "a\u00a0b": `a\u00a0b`, "\U000e0001": `\U000e0001`, "a\x80": `a\ufffd`,
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q is printed %q, want %q", text, got, want)
		}
		if IsName(text) != (text == want) {
			t.Errorf("%q is a name: %v", text, IsName(text))
		}
	}
	for _, text := range []string{"", " a", "a ", strings.Repeat("ä", maxName+1)} {
		if IsName(text) {
			t.Errorf("%q is a name", text)
		}
	}
}

// FuzzManifest: what is read, written and read again is the same, and permits what it says.
func FuzzManifest(f *testing.F) {
	f.Add(`{"tcp":{"connect":["*.example.com:80","[::1]"]},"tcpServer":{"listen":"*:8000"}}`)
	f.Add(`{"tcp":{"connect":"\u0061:1"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseManifest([]byte(text))
		if err != nil {
			return
		}
		written, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseManifest(written)
		if err != nil {
			t.Fatalf("%q is written %s, which is wrong: %v", text, written, err)
		}
		if diff := cmp.Diff(m.Permissions(), again.Permissions()); diff != "" {
			t.Fatalf("%q means something else as %s:\n%s", text, written, diff)
		}
	})
}
