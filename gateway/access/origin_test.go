package access

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestOrigin(t *testing.T) {
	for _, text := range []string{
		"https://example.com", "http://example.com:8080", "https://a.b.c.example", "http://localhost", "http://localhost:3000", "http://x_y.localhost",
		"http://127.0.0.1", "http://127.0.0.1:7717", "http://[::1]:3000", "https://[2a00::1]", "http://192.168.0.1", "https://xn--bcher-kva.example",
		"chrome-extension://abcdefghijklmnopabcdefghijklmnop", "moz-extension://6f1f1a2e-9a3c-4b4e-8f5d-0123456789ab", "http://printer",
	} {
		if origin, err := ParseOrigin(text); err != nil || string(origin) != text {
			t.Errorf("%q is read as %q, %v", text, origin, err)
		}
	}
	for _, text := range []string{
		"", "null", "*", "example.com", "//example.com", "http:example.com", "https://", "http://:80", "HTTP://example.com", "https://EXAMPLE.com",
		"https://example.com/", "https://example.com?", "https://example.com#", "https://example.com:443", "http://example.com:80", "http://example.com:0",
		"http://example.com:65536", "http://example.com:080", "http://example.com:", "http://example.com:+80", "http://a@b", "http://a:b@c",
		"https://example.com.", "https://.example.com", "https://a..b", "http://2130706433", "http://127.1", "http://0x7f.1", "http://0177.0.0.1",
		"http://127.0.0.1.", "http://1.2.3.4.5", "http://256.0.0.1", "http://[::1", "http://::1", "http://[0:0:0:0:0:0:0:1]", "http://[::FFFF]", "http://[::ffff:1.2.3.4]",
		"http://[::1%25lo]", "http://[127.0.0.1]", "https://bücher.example", "http://exa mple", "http://example.com http://example.com", "http://example.com,http://b",
		"file://", "file:///x", "data:text/html,x", "blob:http://localhost/x", "ws://localhost", "about:blank", "chrome-extension://localhost",
		"chrome-extension://abcdefghijklmnopabcdefghijklmnoq", "moz-extension://x", "http://a\x00b", "http://a\nb", "http://" + strings.Repeat("a", 64) + ".example",
		"http://" + strings.Repeat("a.", 126) + "example",
	} {
		if origin, err := ParseOrigin(text); err == nil {
			t.Errorf("%q is read as %q", text, origin)
		}
	}
}

func TestLoopbackOrigin(t *testing.T) {
	for text, want := range map[Origin]bool{
		"http://localhost": true, "https://a.localhost:1": true, "http://127.9.9.9": true, "http://[::1]:81": true, "https://example.com": false,
		"http://localhost.example": false, "http://192.168.0.1": false, "http://evillocalhost": false, "http://0.0.0.0": false,
		"chrome-extension://abcdefghijklmnopabcdefghijklmnop": false,
	} {
		if text.Loopback() != want {
			t.Errorf("%s is loopback: %v, want %v", text, !want, want)
		}
	}
}

// FuzzOrigin: whatever is an origin is, to the standard library too, an origin and nothing else.
func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{
		"http://localhost", "https://a.b.localhost:8443", "http://127.0.0.1:8080", "http://[::1]:3000", "null", "", "https://[::1]:443",
		"http://localhost@evil.example", "http://localhost:80@evil.example", "http://127.0.0.1.evil.example", "http://[::1]evil",
		"http://localhost/", "http://localhost#", "http://a_b.localhost", "http://evil.example:8080", "moz-extension://6f1f1a2e-9a3c-4b4e-8f5d-0123456789ab",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		origin, err := ParseOrigin(text)
		if err != nil {
			return
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatalf("%q is no URL: %v", text, err)
		}
		if u.Path+u.RawQuery+u.Fragment+u.Opaque != "" || u.User != nil || u.Scheme+"://"+u.Host != text || strings.ToLower(text) != text {
			t.Fatalf("%q is %#v", text, u)
		}
		host := u.Hostname()
		if addr, err := netip.ParseAddr(host); err == nil {
			if origin.Loopback() != addr.IsLoopback() {
				t.Fatalf("%q is loopback: %v", text, origin.Loopback())
			}
		} else if origin.Loopback() && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
			t.Fatalf("%q is loopback with host %q", text, host)
		}
	})
}
