package gateway_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// TestAttacksInLobby: what a page without a session may say, and is answered.
func TestAttacksInLobby(t *testing.T) {
	const (
		notOpen = `"error":{"code":-32003,"message":"Session not open"}`
		wrong   = `"error":{"code":-32602,`
		gone    = `"error":{"code":-32006,"message":"Session gone"}`
		unknown = `"data":{"reason":"origin-unknown","canRequest":true}`
		expired = `"data":{"reason":"credential-expired","canRequest":true}`
		badShow = `"data":{"reason":"credential-wrong","canRequest":true}`
	)
	h, control := guarded(t, gateway.Config{})
	credential := h.grant(control, shop, shopManifest)
	ask := func(name, sockets string) string {
		return fmt.Sprintf(`"permission.request","params":{"name":%s,"sockets":%s}`, name, sockets)
	}
	open := func(params string) string { return `"session.open","params":` + params }
	page := h.from("https://evil.example")
	for _, attack := range []struct{ name, call, want string }{
		{"a socket", `"tcpServer.create"`, notOpen},
		{"a socket by another's id", `"tcp.close","params":[1]`, notOpen},
		{"a ping", `"session.ping"`, notOpen},
		{"an end", `"session.close"`, notOpen},
		{"an unknown method", `"gateway.shutdown"`, `-32601`},
		{"a session without a credential", open(`{}`), unknown},
		{"a session with no credential", open(`{"credential":null}`), unknown},
		{"a session with an empty credential", open(`{"credential":""}`), unknown},
		{"a credential that is no text", open(`{"credential":{"$ne":null}}`), wrong},
		{"a credential of nothing", open(`{"credential":"sg1_"}`), badShow},
		{"another origin's credential", open(`{"credential":"` + credential + `"}`), expired},
		{"another session", open(`{"session":"A","secret":"B"}`), gone},
		{"a session without its secret", open(`{"session":"A"}`), gone},
		{"a parameter that is not known", open(`{"origin":"` + shop + `"}`), wrong},
		{"a nameless request", ask(`""`, `{}`), wrong},
		{"a name that ends the line", ask(`"a\nb"`, `{}`), wrong},
		{"a name that clears the terminal", ask(`"\u001b[2J"`, `{}`), wrong},
		{"a name that runs backwards", ask(`"\u202egpj.exe"`, `{}`), wrong},
		{"a name of nothing that is seen", ask(`"\u200b"`, `{}`), wrong},
		{"a name that fills the page", ask(`"`+strings.Repeat("x", 65)+`"`, `{}`), wrong},
		{"a manifest that is none", ask(`"x"`, `"*"`), wrong},
		{"a manifest with an IPv6 address as it is", ask(`"x"`, `{"tcp":{"connect":"::1"}}`), wrong},
		{"a manifest with a range of ports", ask(`"x"`, `{"tcp":{"connect":"a:1-2"}}`), wrong},
		{"a manifest with too many patterns", ask(`"x"`, `{"tcp":{"connect":[`+strings.Repeat(`"a",`, 64)+`"a"]}}`), wrong},
		{"a deep manifest", ask(`"x"`, strings.Repeat("[", 1000)+strings.Repeat("]", 1000)), wrong},
	} {
		page.send(`{"jsonrpc":"2.0","id":1,"method":` + attack.call + `}`)
		if text := page.next(); !strings.Contains(text, attack.want) {
			t.Errorf("%s: answered %s, want %s", attack.name, text, attack.want)
		}
	}
	if s := control.State(); len(s.Requests) != 0 || len(s.Grants) != 1 {
		t.Errorf("the attacks have changed something: %+v", s)
	}
}

// TestAttacksOnAddresses: a page that may connect to everything, as far as a user can permit it, reaches
// neither the gateway itself nor the metadata service of a cloud, however it writes them.
func TestAttacksOnAddresses(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	credential := h.grant(control, shop, `{"tcp":{"connect":["*","*:22","*:6379"]},"tcpServer":{"listen":["*","*:80"]}}`)
	page, err := wire.Dial(h.ctx, h.url(), wire.Options{Origin: shop, Credential: credential})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Abort()
	_, text, _ := strings.Cut(h.addr, ":")
	own, err := net.LookupPort("tcp", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{
		"127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1.",
		"0", "0.0.0.0", "0x0", "::1", "0:0:0:0:0:0:0:1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:0:0", "::127.0.0.1", "64:ff9b::7f00:1",
		"2002:7f00:1::", "localhost", "LOCALHOST", "localhost.", "gateway.localhost",
	} {
		wantForbidden(h, page, host, own)
	}
	for _, host := range []string{
		"169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "169.16689662", "169.254.169.254.",
		"::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "fd00:ec2::254",
		"fd00:0ec2:0000:0000:0000:0000:0000:0254", "100.100.100.200", "1684301000", "168.63.129.16", "::ffff:168.63.129.16",
	} {
		wantForbidden(h, page, host, 80)
	}
	for _, host := range []string{"224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1", "192.0.2.1", "2001:db8::1"} {
		wantForbidden(h, page, host, 80)
	}
	// A service here that the grant does not name by its port.
	wantForbidden(h, page, "127.0.0.1", 5432)

	for _, host := range []string{"127.0.0.1", "0.0.0.0", "::1", "::"} {
		_, _, err := page.Listen(h.ctx, host, own)
		h.wantError("listen on the gateway's port of "+host, err, -32002)
	}
}

// wantForbidden connects a page to where it must not get.
func wantForbidden(h *harness, page *wire.Client, host string, port int) {
	h.Helper()
	stream, err := page.CreateStream(h.ctx)
	if err != nil {
		h.Fatal(err)
	}
	h.wantError(fmt.Sprintf("connect to %s, port %d", host, port), stream.Connect(h.ctx, host, port), -32002)
	if err := stream.Close(h.ctx); err != nil {
		h.Fatal(err)
	}
}
