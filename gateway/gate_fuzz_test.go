package gateway

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// FuzzLoopbackOrigin: whatever the gate lets in is, to the standard library too, an origin of this machine
// and nothing else.
func FuzzLoopbackOrigin(f *testing.F) {
	for _, seed := range []string{
		"http://localhost", "https://a.b.localhost:8443", "http://127.0.0.1:80", "http://[::1]:3000", "null", "",
		"http://localhost@evil.example", "http://localhost:80@evil.example", "http://127.0.0.1.evil.example", "http://[::1]evil",
		"http://localhost/", "http://localhost#", "http://a_b.localhost", "https://[::1]:443",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		if !isLoopbackOrigin(origin) {
			return
		}
		u, err := url.Parse(origin)
		if err != nil {
			t.Fatalf("%q is let in, and is no URL: %v", origin, err)
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Path+u.RawQuery+u.Fragment+u.Opaque != "" || u.User != nil {
			t.Fatalf("%q is let in: %#v", origin, u)
		}
		if u.Scheme+"://"+u.Host != origin || strings.ToLower(origin) != origin {
			t.Fatalf("%q is let in, and is not written as browsers do", origin)
		}
		host := u.Hostname()
		if addr, err := netip.ParseAddr(host); err == nil {
			if !addr.IsLoopback() || !net.ParseIP(host).IsLoopback() {
				t.Fatalf("%q is let in with address %v", origin, addr)
			}
			return
		}
		if host != "localhost" && !strings.HasSuffix(host, ".localhost") {
			t.Fatalf("%q is let in with host %q", origin, host)
		}
	})
}
