package sockets

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
)

func patternsOf(t *testing.T, texts ...string) []Pattern {
	t.Helper()
	var list []Pattern
	for _, text := range texts {
		p, err := ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// TestGrant: the manifest is not enough, the risk must have been shown as well.
func TestGrant(t *testing.T) {
	const all = RiskLoopback | RiskNetwork | RiskPrivate | RiskInternet | RiskPrivileged
	listen := func(address string) func(Grant) error {
		return func(g Grant) error {
			local := netip.MustParseAddrPort(address)
			return g.Listen(local.Addr().String(), local)
		}
	}
	accept := func(address, peer string) func(Grant) error {
		return func(g Grant) error {
			local := netip.MustParseAddrPort(address)
			return g.Accept(local.Addr().String(), local, netip.MustParseAddrPort(peer))
		}
	}
	dial := func(host, peer string) func(Grant) error {
		return func(g Grant) error { return g.Dial(host, netip.MustParseAddrPort(peer)) }
	}
	tests := []struct {
		name string
		act  func(Grant) error
		need Risks // 0: never permitted
	}{
		{"listen on loopback", listen("127.0.0.1:8000"), RiskLoopback},
		{"listen on IPv6 loopback", listen("[::1]:0"), RiskLoopback},
		{"listen on all addresses", listen("0.0.0.0:8000"), RiskNetwork},
		{"listen on all IPv6 addresses", listen("[::]:8000"), RiskNetwork},
		{"listen on a LAN address", listen("192.168.1.1:8000"), RiskNetwork},
		{"listen on a privileged port", listen("127.0.0.1:80"), RiskLoopback | RiskPrivileged},
		{"listen on a privileged port of the network", listen("0.0.0.0:1023"), RiskNetwork | RiskPrivileged},
		{"accept on loopback", accept("127.0.0.1:8000", "127.0.0.1:50000"), RiskLoopback},
		{"accept from the network", accept("0.0.0.0:8000", "192.168.1.9:50000"), RiskNetwork},
		{"accept from the internet", accept("0.0.0.0:8000", "8.8.8.8:50000"), 0},
		{"dial loopback", dial("127.0.0.1", "127.0.0.1:8000"), RiskLoopback},
		{"dial a name that is loopback", dial("rebound.example", "127.0.0.1:8000"), RiskLoopback},
		{"dial the unspecified address", dial("0.0.0.0", "0.0.0.0:8000"), RiskLoopback},
		{"dial a database here", dial("127.0.0.1", "127.0.0.1:6379"), 0},
		{"dial a named database here", dial("db.example", "127.0.0.1:5432"), RiskLoopback},
		{"dial another named port on a service port", dial("db.example", "127.0.0.1:6379"), 0},
		{"dial a database near by", dial("192.168.1.9", "192.168.1.9:6379"), RiskPrivate},
		{"dial a name that is near by", dial("rebound.example", "10.0.0.1:80"), RiskPrivate},
		{"dial the internet", dial("example.com", "1.1.1.1:443"), RiskInternet},
		{"dial multicast", dial("*", "224.0.0.1:80"), 0},
	}
	manifest := Manifest{ListenPatterns: patternsOf(t, "*"), ConnectPatterns: patternsOf(t, "*", "db.example:5432")}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for risks := range all + 1 {
				var want error
				if test.need == 0 || risks&test.need != test.need {
					want = ErrNotPermitted
				}
				if err := test.act(Grant{Manifest: manifest, Risks: risks}); !errors.Is(err, want) {
					t.Errorf("with risks %05b: %v, want %v", risks, err, want)
				}
			}
			if err := test.act(Grant{Risks: all}); err == nil && test.name[:4] != "dial" {
				t.Error("permitted without a pattern")
			}
		})
	}
}

// TestAcceptIsAskedAgain: a right that is taken away does not wait for the listening socket to close.
func TestAcceptIsAskedAgain(t *testing.T) {
	g := Grant{Manifest: Manifest{ListenPatterns: patternsOf(t, "127.0.0.1:8000")}, Risks: RiskLoopback}
	local, peer := netip.MustParseAddrPort("127.0.0.1:8000"), netip.MustParseAddrPort("127.0.0.1:9")
	if err := g.Accept("127.0.0.1", local, peer); err != nil {
		t.Errorf("accept: %v", err)
	}
	g.ListenPatterns = patternsOf(t, "127.0.0.1:8001")
	if err := g.Accept("127.0.0.1", local, peer); !errors.Is(err, ErrNotPermitted) {
		t.Errorf("accept with the right gone: %v, want %v", err, ErrNotPermitted)
	}
}

// refuseAccept permits everything but taking connections.
type refuseAccept struct{ anywhere }

func (refuseAccept) Accept(string, netip.AddrPort, netip.AddrPort) error { return ErrNotPermitted }

func TestRefusedConnectionIsReset(t *testing.T) {
	n, r := newTestNamespace(t, Config{Policy: refuseAccept{}})
	id := newServer(t, n)
	start, err := n.Listen(id, "127.0.0.1", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	start()
	info, err := n.ServerInfo(id)
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(t, fmt.Sprintf("127.0.0.1:%d", info.LocalPort))
	select {
	case event := <-r.events:
		t.Errorf("the page is told %v of a connection that was refused", event)
	default:
	}
}
