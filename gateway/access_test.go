package gateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

const (
	shop         = "https://shop.example"
	shopManifest = `{"tcpServer":{"listen":"127.0.0.1:*"},"tcp":{"connect":"127.0.0.1:*"}}`
)

// guarded is a gateway that lets in whom its user permits.
func guarded(t testing.TB, config gateway.Config) (*harness, *access.Control) {
	t.Helper()
	config.Access = newAccess(t, access.Config{})
	return newHarness(t, config), config.Access
}

// from is raw for a page of an origin.
func (h *harness) from(origin string) *rawPage {
	h.Helper()
	conn, err := wire.DialRaw(h.ctx, h.url(), wire.Options{Origin: origin})
	if err != nil {
		h.Fatalf("connect a page of %s: %v", origin, err)
	}
	h.Cleanup(func() { _ = conn.Close() }) // some tests end the connection themselves
	return &rawPage{harness: h, conn: conn}
}

func (p *rawPage) request(manifest string) {
	p.Helper()
	p.sendf(`{"jsonrpc":"2.0","id":"ask","method":"permission.request","params":{"name":"Shop","sockets":%s}}`, manifest)
}

// next returns the next text message.
func (p *rawPage) next() string {
	p.Helper()
	for len(p.texts) == 0 {
		if err := p.receive(); err != nil {
			p.Fatalf("nothing came: %v", err)
		}
	}
	text := p.texts[0]
	p.texts = p.texts[1:]
	return text
}

// pendingCode reads permission.pending.
func (p *rawPage) pendingCode() (code string) {
	p.Helper()
	var pending struct{ Params struct{ Code, URL string } }
	if err := json.Unmarshal([]byte(p.next()), &pending); err != nil || pending.Params.Code == "" {
		p.Fatalf("got %+v, %v; want permission.pending", pending, err)
	}
	return pending.Params.Code
}

// grant has the user approve what a page of origin asks for.
func (h *harness) grant(control *access.Control, origin, manifest string) (credential string) {
	h.Helper()
	page := h.from(origin)
	page.request(manifest)
	if err := control.Approve(page.pendingCode(), access.For30Days); err != nil {
		h.Fatal(err)
	}
	var answer struct{ Result struct{ Credential string } }
	if err := json.Unmarshal([]byte(page.next()), &answer); err != nil || answer.Result.Credential == "" {
		h.Fatalf("answer is %+v, %v", answer, err)
	}
	_ = page.conn.Close()
	return answer.Result.Credential
}

const refusedAs = `{"jsonrpc":"2.0","id":%d,"error":{"code":-32010,"message":"Origin not permitted","data":{"reason":"%s","canRequest":true}}}`

func TestStrangerAsksAndIsLetIn(t *testing.T) {
	h, control := guarded(t, gateway.Config{ConsoleURL: "http://127.0.0.1:7718"})
	page := h.from(shop)
	page.send(`{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
	page.wantText("no session", fmt.Sprintf(refusedAs, 1, "origin-unknown"))
	page.send(`{"jsonrpc":"2.0","id":2,"method":"tcpServer.create"}`)
	page.wantText("no socket", `{"jsonrpc":"2.0","id":2,"error":{"code":-32003,"message":"Session not open"}}`)
	page.request(shopManifest)
	text := page.next()
	code := control.State().Requests[0].Code
	if want := `{"jsonrpc":"2.0","method":"permission.pending","params":{"code":"` + code + `","url":"http://127.0.0.1:7718/#request=` + code + `","expiresIn":120}}`; text != want {
		t.Errorf("the page is told %s, want %s", text, want)
	}
	if err := control.Approve(strings.ToLower(strings.ReplaceAll(code, "-", "")), access.Always); err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Result struct {
			Credential string
			Expires    *int64
		}
	}
	if err := json.Unmarshal([]byte(page.next()), &answer); err != nil || answer.Result.Credential == "" || answer.Result.Expires != nil {
		t.Fatalf("answer is %+v, %v", answer, err)
	}
	page.send(`{"jsonrpc":"2.0","id":3,"method":"session.open"}`)
	page.wantText("without the credential", fmt.Sprintf(refusedAs, 3, "credential-missing"))
	page.sendf(`{"jsonrpc":"2.0","id":4,"method":"session.open","params":{"credential":"%sx"}}`, answer.Result.Credential)
	page.wantText("with another", fmt.Sprintf(refusedAs, 4, "credential-wrong"))
	page.sendf(`{"jsonrpc":"2.0","id":5,"method":"session.open","params":{"credential":%q}}`, answer.Result.Credential)
	if text := page.next(); !strings.Contains(text, `"result":{"session":`) {
		t.Fatalf("with the credential: %s", text)
	}
	page.acceptOne()
	page.send(`{"jsonrpc":"2.0","id":6,"method":"tcp.create"}`)
	page.send(`{"jsonrpc":"2.0","id":7,"method":"tcp.connect","params":[2,"localhost",80]}`)
	page.wantText("what was not granted", `{"jsonrpc":"2.0","id":7,"error":{"code":-32002,"message":"Does not have permission"}}`)
	if s := control.State(); s.Grants[0].Sessions != 1 {
		t.Errorf("state is %+v", s)
	}
}

// TestRevocationEndsWhatIsLive: ports, streams, the connection, and the way back.
func TestRevocationEndsWhatIsLive(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	credential := h.grant(control, shop, shopManifest)
	page := h.from(shop)
	page.sendf(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"credential":%q}}`, credential)
	var open struct {
		Result struct{ Session, Secret string }
	}
	if err := json.Unmarshal([]byte(page.next()), &open); err != nil {
		t.Fatal(err)
	}
	peer := page.acceptOne()
	if err := control.Revoke(shop); err != nil {
		t.Fatal(err)
	}
	page.wantClose("revoked", 4523, "revoked")
	if n, err := peer.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the peer read %d bytes, %v; want the end", n, err)
	}
	for _, state := range []string{"gone", "expired"} {
		again := h.from(shop)
		if state == "gone" {
			again.sendf(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"session":%q,"secret":%q}}`, open.Result.Session, open.Result.Secret)
			again.wantText("the session", `{"jsonrpc":"2.0","id":1,"error":{"code":-32006,"message":"Session gone"}}`)
		} else {
			again.sendf(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"credential":%q}}`, credential)
			again.wantText("the credential", fmt.Sprintf(refusedAs, 1, "credential-expired"))
		}
		_ = again.conn.Close()
	}
}

// TestRevocationEndsDetachedSessions: a page that is away has no ports any more when it comes back.
func TestRevocationEndsDetachedSessions(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	credential := h.grant(control, shop, shopManifest)
	page, err := wire.Dial(h.ctx, h.url(), wire.Options{Origin: shop, Credential: credential})
	if err != nil {
		t.Fatal(err)
	}
	_, address := h.listen(page)
	page.Abort()
	if err := control.Revoke(shop); err != nil {
		t.Fatal(err)
	}
	for {
		conn, err := net.Dial("tcp", address)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err == nil {
			_ = conn.Close()
		}
		if h.ctx.Err() != nil {
			t.Fatalf("%s is still listened on", address)
		}
	}
}

func TestRequestsThatEndOtherwise(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	page := h.from(shop)
	for manifest, want := range map[string]string{
		`"*"`:                            "sockets: expected dictionary, got string",
		`{"tcp":{"connect":"*:0"}}`:      "sockets: Invalid host:port pattern '*:0'",
		`{"tcpServer":null}`:             "sockets: 'tcpServer': expected dictionary, got null",
		`{"tcp":{"connect":["a","b "]}}`: "sockets: Invalid host:port pattern 'b '",
	} {
		page.request(manifest)
		page.wantText(manifest, `{"jsonrpc":"2.0","id":"ask","error":{"code":-32602,"message":"Invalid params: `+want+`"}}`)
	}
	page.request(shopManifest)
	page.pendingCode()
	page.request(`{}`)
	page.wantText("the first is withdrawn", `{"jsonrpc":"2.0","id":"ask","error":{"code":-32013,"message":"Request withdrawn"}}`)
	for range 3 {
		if err := control.Deny(page.pendingCode(), false); err != nil {
			t.Fatal(err)
		}
		page.wantText("denied", `{"jsonrpc":"2.0","id":"ask","error":{"code":-32011,"message":"Permission denied"}}`)
		page.request(`{}`)
	}
	page.wantText("muted", `{"jsonrpc":"2.0","id":"ask","error":{"code":-32011,"message":"Permission denied","data":{"reason":"muted"}}}`)

	other := h.from("https://other.example")
	other.request(`{}`)
	other.pendingCode()
	_ = other.conn.Close()
	for len(control.State().Requests) > 0 { // the page has gone, and so does what it asked
		if h.ctx.Err() != nil {
			t.Fatal("the request of a page that has gone still waits")
		}
	}
}

// TestBlockedOrigin is turned away at the gate.
func TestBlockedOrigin(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	page := h.from(shop)
	page.request(`{}`)
	if err := control.Deny(page.pendingCode(), true); err != nil {
		t.Fatal(err)
	}
	page.wantText("denied", `{"jsonrpc":"2.0","id":"ask","error":{"code":-32011,"message":"Permission denied"}}`)
	h.wantHandshake("blocked", shop, http.StatusForbidden)
}

// wantHandshake connects a page that is refused.
func (h *harness) wantHandshake(why, origin string, status int) {
	h.Helper()
	conn, err := wire.DialRaw(h.ctx, h.url(), wire.Options{Origin: origin})
	if err == nil {
		_ = conn.Close()
	}
	var refused *wire.HandshakeError
	if !errors.As(err, &refused) || refused.Status != status {
		h.Errorf("%s: %v, want status %d", why, err, status)
	}
}

// TestOwnPage needs nobody's permission, and has only loopback addresses.
func TestOwnPage(t *testing.T) {
	h, _ := guarded(t, gateway.Config{})
	_, port, _ := strings.Cut(h.addr, ":")
	for _, origin := range []string{"http://127.0.0.1:" + port, "http://localhost:" + port, "http://[::1]:" + port} {
		page, err := wire.Dial(h.ctx, h.url(), wire.Options{Origin: origin})
		if err != nil {
			t.Fatalf("the gateway's own page %s: %v", origin, err)
		}
		h.listen(page)
		_, _, err = page.Listen(h.ctx, "0.0.0.0", 0)
		h.wantError("beyond loopback", err, -32002)
		_ = page.Close()
	}
	for _, origin := range []string{"https://127.0.0.1:" + port, "http://127.0.0.2:" + port, "http://127.0.0.1", "http://a.localhost:" + port} {
		_, err := wire.Dial(h.ctx, h.url(), wire.Options{Origin: origin})
		h.wantError("another origin: "+origin, err, -32010)
	}
}

// TestProgramWithToken: what is no browser needs no origin.
func TestProgramWithToken(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	manifest, err := access.ParseManifest([]byte(shopManifest))
	if err != nil {
		t.Fatal(err)
	}
	token, err := control.AllowProgram("backup", manifest)
	if err != nil {
		t.Fatal(err)
	}
	options := wire.Options{Header: http.Header{"Origin": nil, "Authorization": {"Bearer " + token}}}
	program, err := wire.Dial(h.ctx, h.url(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Abort()
	h.listen(program)
	if err := control.Revoke("program:backup"); err != nil {
		t.Fatal(err)
	}
	<-program.Done()
	if code, _, _ := wire.CloseCode(program.Err()); code != 4523 {
		t.Errorf("the program was closed with %v, want 4523", program.Err())
	}
	options.Header.Set("Authorization", "Bearer "+token)
	_, err = wire.DialRaw(h.ctx, h.url(), options)
	var refused *wire.HandshakeError
	if !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized {
		t.Errorf("after the revocation: %v, want 401", err)
	}
}

// TestLimitsOfOrigin: one origin does not take everything.
func TestLimitsOfOrigin(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxSessionsOfOrigin: 2, MaxSocketsOfOrigin: 3, MaxSockets: 3})
	first, second := h.page(wire.Options{}), h.page(wire.Options{})
	_, err := wire.Dial(h.ctx, h.url(), wire.Options{})
	h.wantError("a third session", err, -32005)
	other := h.page(wire.Options{Origin: "http://localhost:3000"})
	for _, page := range []*wire.Client{first, first, second} {
		if err := h.call(page, "tcp.create", nil); err != nil {
			t.Fatal(err)
		}
	}
	h.wantError("a fourth socket", h.call(second, "tcp.create", nil), -32005)
	for range 3 {
		if err := h.call(other, "tcp.create", nil); err != nil {
			t.Errorf("another origin: %v", err)
		}
	}
}

// TestLobbyTimes in virtual time: 10 s to ask or to open, as long as the user takes, and 10 s again.
func TestLobbyTimes(t *testing.T) {
	inBubble(t, gateway.Config{}, func(t *testing.T, ln *pipeListener) {
		raw, err := wire.DialRaw(t.Context(), "ws://127.0.0.1:7717/v1/ws", wire.Options{Origin: shop, NetDial: ln.dial})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.Sleep(9 * time.Second)
		if err := raw.SendText(`{"jsonrpc":"2.0","id":1,"method":"permission.request","params":{"name":"Shop","sockets":{}}}`); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"permission.pending", "-32012"} {
			if m, err := raw.Next(t.Context()); err != nil || !strings.Contains(string(m.Data), want) {
				t.Fatalf("got %s, %v; want %s", m.Data, err, want)
			}
		}
		if after := time.Since(began); after != 9*time.Second+access.RequestLife {
			t.Errorf("the request expired after %v", after)
		}
		_, err = raw.Next(t.Context())
		if code, reason, _ := wire.CloseCode(err); code != 4408 || reason != "no-session" {
			t.Errorf("closed with %v, want 4408 no-session", err)
		}
		if after := time.Since(began); after != 19*time.Second+access.RequestLife {
			t.Errorf("closed after %v", after)
		}
		_ = raw.SendClose(4408, "")
		_ = raw.Close()
	})
}

// TestGuessing: a connection may not try credentials without end.
func TestGuessing(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	h.grant(control, shop, shopManifest)
	page := h.from(shop)
	for i := range 10 {
		page.sendf(`{"jsonrpc":"2.0","id":%d,"method":"session.open","params":{"credential":"sg1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}`, i)
		if i < 9 {
			page.wantText("a guess", fmt.Sprintf(refusedAs, i, "credential-wrong"))
		}
	}
	page.wantClose("too many guesses", 4503, "not-permitted")
}
