package sockets

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// TestManifest is the table of the reference, section 6 (assertion 117).
func TestManifest(t *testing.T) {
	type request struct {
		host string
		port uint16
	}
	tests := []struct {
		patterns []string
		allowed  []request
		denied   []request
	}{
		{[]string{""}, []request{{"127.0.0.1", 0}, {"::1", 80}, {"example.test", 1}}, nil},
		{[]string{"*"}, []request{{"127.0.0.1", 0}, {"::1", 80}}, nil},
		{[]string{"*:*"}, []request{{"127.0.0.1", 0}, {"::1", 80}}, nil},
		{[]string{":*"}, []request{{"127.0.0.1", 0}, {"::1", 80}}, nil},
		{[]string{"*:"}, []request{{"127.0.0.1", 0}, {"::1", 80}}, nil},
		{[]string{"*:45801"}, []request{{"127.0.0.1", 45801}, {"0.0.0.0", 45801}, {"::1", 45801}}, []request{{"127.0.0.1", 0}}},
		{[]string{":45801"}, []request{{"127.0.0.1", 45801}, {"::1", 45801}}, []request{{"127.0.0.1", 0}}},
		{[]string{"127.0.0.1"}, []request{{"127.0.0.1", 0}, {"127.0.0.1", 9}}, []request{{"0.0.0.0", 9}, {"::1", 9}, {"localhost", 9}, {"127.1", 9}}},
		{[]string{"127.0.0.1:*"}, []request{{"127.0.0.1", 0}}, []request{{"localhost", 9}}},
		{[]string{"127.0.0.1:45801"}, []request{{"127.0.0.1", 45801}}, []request{{"127.0.0.1", 0}, {"127.0.0.1", 45802}}},
		{[]string{"localhost:45801"}, []request{{"localhost", 45801}, {"LOCALHOST", 45801}}, []request{{"127.0.0.1", 45801}}},
		{[]string{"*:65535"}, []request{{"127.0.0.1", 65535}}, []request{{"127.0.0.1", 1}}},
		{[]string{"127.0.0.1:1", "*:45801"}, []request{{"127.0.0.1", 45801}, {"127.0.0.1", 1}}, []request{{"127.0.0.1", 0}}},
		{[]string{"*.example.test"}, []request{{"example.test", 1}, {"www.example.test", 1}, {"x.y.example.test", 1}}, []request{{"badexample.test", 1}, {"test", 1}}},
		{[]string{"example.test"}, []request{{"example.test", 1}}, []request{{"www.example.test", 1}}},
		{[]string{"EXAMPLE.test:45901"}, []request{{"example.TEST", 45901}}, []request{{"example.test", 1}}},
		{[]string{"*.localhost:45901"}, []request{{"localhost", 45901}, {"a.localhost", 45901}}, nil},
		{[]string{".localhost"}, []request{{"localhost", 45901}, {"a.localhost", 1}}, nil},
		{[]string{"*.0.0.1"}, nil, []request{{"127.0.0.1", 1}}},
		{[]string{"www.*.test"}, nil, []request{{"www.example.test", 1}}},
		{[]string{"*example.test"}, nil, []request{{"example.test", 1}, {"anexample.test", 1}}},
		{[]string{"**"}, nil, []request{{"127.0.0.1", 1}, {"example.test", 1}}},
		{[]string{"*.*"}, nil, []request{{"example.test", 1}, {"127.0.0.1", 1}}},
		{nil, nil, []request{{"127.0.0.1", 1}, {"localhost", 0}}},
		// Ours: IPv6 in brackets, compared as an address.
		{[]string{"[::1]"}, []request{{"::1", 0}, {"0:0:0:0:0:0:0:1", 9}}, []request{{"::2", 9}, {"127.0.0.1", 9}, {"[::1]", 9}, {"::ffff:127.0.0.1", 9}}},
		{[]string{"[FD00::1]:80"}, []request{{"fd00::1", 80}}, []request{{"fd00::1", 81}, {"fd00::1", 0}}},
		{[]string{"[::]:*"}, []request{{"::", 0}}, []request{{"::1", 0}, {"0.0.0.0", 0}}},
	}
	for _, test := range tests {
		var patterns []Pattern
		for _, text := range test.patterns {
			p, err := ParsePattern(text)
			if err != nil {
				t.Fatalf("pattern %q: %v", text, err)
			}
			patterns = append(patterns, p)
		}
		listen, connect := Manifest{ListenPatterns: patterns}, Manifest{ConnectPatterns: patterns}
		check := func(r request, want error) {
			t.Helper()
			addr, _ := ParseLiteral(r.host)
			local := netip.AddrPortFrom(addr, r.port)
			if err := listen.Listen(r.host, local); !errors.Is(err, want) {
				t.Errorf("%q, listen on %v: %v, want %v", test.patterns, r, err, want)
			}
			if err := connect.Connect(r.host, r.port); !errors.Is(err, want) {
				t.Errorf("%q, connect to %v: %v, want %v", test.patterns, r, err, want)
			}
			// One kind of permission never gives the other.
			if listen.Connect(r.host, r.port) == nil || connect.Listen(r.host, local) == nil {
				t.Errorf("%q: a pattern for one act permits the other", test.patterns)
			}
		}
		for _, r := range test.allowed {
			check(r, nil)
		}
		for _, r := range test.denied {
			check(r, ErrNotPermitted)
		}
	}
}

func TestPatternsThatAreWrong(t *testing.T) {
	for _, text := range []string{
		"bad:x", "*:0", "*:65536", "*:-1", "*:80-90", "* ", " *", "*: 80", "*:80 ", "::1", "::", "a:+1", "\ta:1", "a:0x50",
		"[::1", "[::1]80", "[::1]:0", "[::1]:80:80", "[127.0.0.1]:80", "[localhost]", "[]", "[::1%lo]:80", "[[::1]]:80", " [::1]:80", "[::1]:80 ",
	} {
		if p, err := ParsePattern(text); err == nil || !strings.Contains(err.Error(), text) && !strings.Contains(text, "\t") {
			t.Errorf("pattern %q: %v, %v; want an error that shows it", text, p, err)
		}
	}
}

func TestPatternString(t *testing.T) {
	for text, want := range map[string]string{
		"": "*:*", ":": "*:*", "*": "*:*", "*:": "*:*", ":99": "*:99", ".Example.com": "*.example.com:*",
		"wWW.ExAmPlE.cOm": "www.example.com:*", "*.example.com:99": "*.example.com:99",
		"[0:0::1]": "[::1]:*", "[FD00::1]:80": "[fd00::1]:80",
	} {
		if p, err := ParsePattern(text); err != nil || p.String() != want {
			t.Errorf("pattern %q is %q, %v; want %q", text, p, err, want)
		}
	}
}

// FuzzPattern: a pattern that is accepted has a canonical form that means the same.
func FuzzPattern(f *testing.F) {
	f.Add("*.example.com:99", "www.example.com", uint16(99))
	f.Add(".a", "a", uint16(0))
	f.Add("*:*", "::1", uint16(80))
	f.Add("[::1]:80", "::1", uint16(80))
	f.Add("[::ffff:1.2.3.4]", "::ffff:102:304", uint16(80))
	f.Fuzz(func(t *testing.T, text, host string, port uint16) {
		p, err := ParsePattern(text)
		if err != nil {
			return
		}
		again, err := ParsePattern(p.String())
		if err != nil || again != p || again.Matches(host, port) != p.Matches(host, port) {
			t.Fatalf("%q is %+v, written %q, read again %+v, %v", text, p, p, again, err)
		}
	})
}
