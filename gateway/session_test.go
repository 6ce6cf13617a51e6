package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// ticket is what a page presents to come back.
type ticket struct{ Session, Secret string }

// open opens a session on a raw page and returns its ticket.
func (p *rawPage) openSession(params string) (t ticket) {
	p.Helper()
	p.sendf(`{"jsonrpc":"2.0","id":"open","method":"session.open","params":%s}`, params)
	for len(p.texts) == 0 {
		if err := p.receive(); err != nil {
			p.Fatalf("session.open %s: %v", params, err)
		}
	}
	var answer struct {
		Result ticket
		Error  *wire.Error
	}
	if err := json.Unmarshal([]byte(p.texts[0]), &answer); err != nil || answer.Error != nil {
		p.Fatalf("session.open %s: %s", params, p.texts[0])
	}
	p.texts = p.texts[1:]
	return answer.Result
}

// comeBack makes a new connection for the session of a raw page, which has received that many messages.
func (h *harness) comeBack(t ticket, received int) *rawPage {
	h.Helper()
	next := h.raw()
	next.received = uint64(received)
	next.openSession(fmt.Sprintf(`{"session":%q,"secret":%q,"received":%d}`, t.Session, t.Secret, received))
	return next
}

// TestNewestConnectionWins: the older one is told, and takes nothing with it.
func TestNewestConnectionWins(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	old := h.raw()
	ticket := old.openSession(`{}`)
	peer := old.acceptOne()
	next := h.comeBack(ticket, int(old.received))
	old.wantClose("the older connection", 4501, "taken-over")
	h.write(peer, []byte("hello"))
	next.wantData("bytes go to the newer one", 1, len("hello"))
	next.data(1, []byte("answer"))
	h.wantRead("and come from it", peer, "answer")
}

// TestSessionIsBoundToItsOrigin: the secret is worth nothing to a page of another.
func TestSessionIsBoundToItsOrigin(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	session := page.Session()
	conn, err := wire.DialRaw(h.ctx, h.url(), wire.Options{Origin: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	thief := &rawPage{harness: h, conn: conn}
	thief.sendf(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"session":%q,"secret":%q}}`,
		session.Session, session.Secret)
	thief.wantText("another origin", `{"jsonrpc":"2.0","id":1,"error":{"code":-32006,"message":"Session gone"}}`)
	if err := h.call(page, "session.ping", nil); err != nil {
		t.Fatalf("the page that it belongs to: %v", err)
	}
}

// TestMessageCutInItsMiddle: records that had arrived whole take effect once, the others when the message comes
// again.
func TestMessageCutInItsMiddle(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	ticket := raw.openSession(`{}`)
	peer := raw.acceptOne()
	var message []byte
	for i := range 20 {
		message = wire.AppendRecord(message, wire.TypeData, 1, bytes.Repeat([]byte{byte('a' + i)}, 3000))
	}
	want := ""
	for i := range 20 {
		want += strings.Repeat(string(rune('a'+i)), 3000)
	}
	received := raw.received
	// A frame of the page: final, binary, masked with zeros, length in 16 bits. Only a part of it leaves.
	frame := append([]byte{0x82, 0x80 | 126, byte(len(message) >> 8), byte(len(message)), 0, 0, 0, 0}, message...)
	if _, err := raw.conn.UnderlyingConn().Write(frame[:8+10*3008+1500]); err != nil {
		t.Fatal(err)
	}
	_ = raw.conn.Close()
	h.wantRead("what has arrived whole", peer, want[:30_000])
	next := h.comeBack(ticket, int(received))
	next.binary(message)
	h.wantRead("the rest, once", peer, want[30_000:])
	next.data(1, []byte("!"))
	h.wantRead("and nothing more", peer, "!")
}

// TestComingBackWithAnotherMessage breaks the protocol: a part of a message had taken effect.
func TestComingBackWithAnotherMessage(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	ticket := raw.openSession(`{}`)
	peer := raw.acceptOne()
	message := wire.AppendRecord(wire.AppendRecord(nil, wire.TypeData, 1, []byte("abc")), wire.TypeData, 1, []byte("def"))
	frame := append([]byte{0x82, 0x80 | byte(len(message)), 0, 0, 0, 0}, message...)
	if _, err := raw.conn.UnderlyingConn().Write(frame[:len(frame)-1]); err != nil {
		t.Fatal(err)
	}
	_ = raw.conn.Close()
	h.wantRead("the whole record", peer, "abc")
	next := h.comeBack(ticket, int(raw.received))
	next.send(`{"jsonrpc":"2.0","id":1,"method":"session.ping"}`)
	next.wantClose("text in its place", protocolError, "bad-resume")
	h.wantEOF("the session is over", peer)
}

// TestSlowPageComesBack: its connection ends when it reads nothing, and then it gets every answer.
func TestSlowPageComesBack(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	raw := h.raw()
	ticket := raw.openSession(`{}`)
	name := strings.Repeat("n", 60_000)
	sent := 0
	raw.sendf(`{"jsonrpc":"2.0","id":0,"method":"tcp.create","params":{"properties":{"name":%q}}}`, name)
	for sent++; ; sent++ {
		if raw.conn.SendText(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tcp.getInfo","params":[1]}`, sent)) != nil {
			break
		}
	}
	next := h.comeBack(ticket, 0)
	next.wantText("the first answer", `{"jsonrpc":"2.0","id":0,"result":{"socketId":1}}`)
	for i := 1; i <= 10; i++ { // a bound's worth of them was answered
		next.wantText("the answers that had waited", fmt.Sprintf(
			`{"jsonrpc":"2.0","id":%d,"result":{"connected":false,"name":%q,"paused":false,"persistent":false,"socketId":1}}`, i, name))
	}
}

// TestDetachedSessionsAreBounded: the oldest has to go, those with persistent sockets last.
func TestDetachedSessionsAreBounded(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxDetached: 2})
	lasting := h.raw()
	lastingTicket := lasting.openSession(`{}`)
	lasting.send(`{"jsonrpc":"2.0","id":1,"method":"tcpServer.create","params":[{"persistent":true}]}`)
	lasting.wantText("created", `{"jsonrpc":"2.0","id":1,"result":{"socketId":1}}`)
	_ = lasting.conn.Close()

	var tickets []ticket
	var addresses []string
	for range 3 {
		raw := h.raw()
		tickets = append(tickets, raw.openSession(`{}`))
		peer := raw.acceptOne()
		addresses = append(addresses, peer.RemoteAddr().String())
		_ = raw.conn.Close()
		h.wantDetached(tickets[len(tickets)-1])
	}
	for _, address := range addresses[:2] {
		h.wantFree(address)
	}
	h.comeBack(tickets[2], 4)
	h.comeBack(lastingTicket, 1)
}

// wantDetached waits until the gateway has noticed that a connection is gone: then another connection, whose
// message count is impossible, does not take its place.
func (h *harness) wantDetached(t ticket) {
	h.Helper()
	probe := h.raw()
	probe.sendf(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"session":%q,"secret":%q,"received":999}}`, t.Session, t.Secret)
	probe.wantText("not that many", `{"jsonrpc":"2.0","id":1,"error":{"code":-32006,"message":"Session gone"}}`)
	_ = probe.conn.Close()
}

// TestPersistentSocketsOutliveThePage that has left; the others close at once.
func TestPersistentSocketsOutliveThePage(t *testing.T) {
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	lasting, address := h.listen(page)
	_, brief := h.listen(page)
	_, peer := h.pair(page, address)
	if err := h.call(page, "tcpServer.update", []any{lasting, map[string]any{"persistent": true}}); err != nil {
		t.Fatal(err)
	}
	session := page.Session()
	if err := page.Close(); err != nil {
		t.Fatal(err)
	}
	h.wantEOF("an accepted stream is not persistent", peer)
	h.wantFree(brief)
	waiting := h.dial(address)
	h.write(waiting, []byte("first"))

	next := h.raw()
	next.openSession(fmt.Sprintf(`{"session":%q,"secret":%q,"fresh":true}`, session.Session, session.Secret))
	next.wantText("announced to the new page",
		`{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":{"clientSocketId":2,"socketId":1}}`)
	next.wantData("with what it has said", 2, len("first"))
}

// TestSessionsExpire exactly when their time is over, in virtual time.
func TestSessionsExpire(t *testing.T) {
	for _, test := range []struct {
		name, properties string
		life             time.Duration
	}{
		{"detached", `{}`, gateway.DefaultDetachedLife},
		{"persistent", `{"persistent":true}`, gateway.DefaultPersistentLife},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, gateway.Config{}, func(t *testing.T, ln *pipeListener) {
				h := &harness{TB: t, ctx: t.Context(), addr: pipeAddr.String()}
				first := h.rawOver(ln)
				ticket := first.openSession(`{}`)
				first.sendf(`{"jsonrpc":"2.0","id":1,"method":"tcp.create","params":[%s]}`, test.properties)
				first.wantText("created", `{"jsonrpc":"2.0","id":1,"result":{"socketId":1}}`)
				_ = first.conn.Close()
				synctest.Wait()
				time.Sleep(test.life - time.Nanosecond)
				synctest.Wait()
				second := h.rawOver(ln)
				second.openSession(fmt.Sprintf(`{"session":%q,"secret":%q,"received":1}`, ticket.Session, ticket.Secret))
				_ = second.conn.Close()
				synctest.Wait()
				time.Sleep(test.life)
				synctest.Wait()
				third := h.rawOver(ln)
				third.sendf(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"session":%q,"secret":%q,"received":1}}`, ticket.Session, ticket.Secret)
				third.wantText("too late", `{"jsonrpc":"2.0","id":1,"error":{"code":-32006,"message":"Session gone"}}`)
				_ = third.conn.Close()
			})
		})
	}
}

// rawOver is raw over a pipe.
func (h *harness) rawOver(ln *pipeListener) *rawPage {
	h.Helper()
	conn, err := wire.DialRaw(h.ctx, h.url(), wire.Options{NetDial: ln.dial})
	if err != nil {
		h.Fatal(err)
	}
	return &rawPage{harness: h, conn: conn}
}

// TestRestartFreesPorts: after a shutdown a new gateway, and a page's server, get the same ports at once.
func TestRestartFreesPorts(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	first := gateway.New(withEveryone(t, gateway.Config{}))
	served := make(chan error, 1)
	go func() { served <- first.Serve(ln) }()
	h := &harness{TB: t, ctx: t.Context(), addr: ln.Addr().String()}
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	h.pair(page, address)
	page.Abort() // it is detached
	if err := first.Shutdown(h.ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{h.addr, address} {
		again, err := net.Listen("tcp", port)
		if errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%s is still taken", port)
		} else if err != nil {
			t.Error(err)
		} else {
			_ = again.Close()
		}
	}
}

// TestMemoryOfMessagesIsGivenBack: what is kept until the page has it counts as buffered, and not for longer: much
// more than the bound passes through.
func TestMemoryOfMessagesIsGivenBack(t *testing.T) {
	h := newHarness(t, gateway.Config{MaxBuffered: 1 << 20})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	stream, peer := h.pair(page, address)
	want := noise(7, 16<<20)
	var writing sync.WaitGroup
	writing.Go(func() {
		h.write(peer, want)
		_ = peer.CloseWrite() // its end shows at the page
	})
	h.wantSum("sixteen times the bound", stream, want)
	writing.Wait()
}
