package gateway_test

import (
	"fmt"
	"net"
	"regexp"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// rawPage is a page that speaks the protocol by hand, message by message.
type rawPage struct {
	*harness
	conn    *wire.Raw
	records []wire.Record // received, not asked for yet
	texts   []string
	// received counts the numbered messages, unless the session is not open yet.
	open     bool
	received uint64
}

func (h *harness) raw() *rawPage {
	h.Helper()
	conn, err := wire.DialRaw(h.ctx, h.url(), wire.Options{})
	if err != nil {
		h.Fatalf("connect a page: %v", err)
	}
	h.Cleanup(func() { _ = conn.Close() }) // some tests end the connection themselves
	return &rawPage{harness: h, conn: conn}
}

func (p *rawPage) send(text string) {
	p.Helper()
	if err := p.conn.SendText(text); err != nil {
		p.Fatalf("send %s: %v", text, err)
	}
}

func (p *rawPage) sendf(format string, args ...any) {
	p.Helper()
	p.send(fmt.Sprintf(format, args...))
}

func (p *rawPage) binary(message []byte) {
	p.Helper()
	if err := p.conn.SendBinary(message); err != nil {
		p.Fatalf("send a binary message: %v", err)
	}
}

// data sends bytes of a stream in messages that are short enough.
func (p *rawPage) data(id uint32, payload []byte) {
	p.Helper()
	for len(payload) > 0 {
		n := min(len(payload), 128<<10)
		p.binary(wire.AppendRecord(nil, 0, id, payload[:n]))
		payload = payload[n:]
	}
}

func (p *rawPage) limit(id uint32, limit uint64) {
	p.Helper()
	p.binary(wire.AppendLimit(nil, id, limit))
}

// receive reads one message and keeps what it holds.
func (p *rawPage) receive() error {
	m, err := p.conn.Next(p.ctx)
	if err != nil {
		return err
	}
	if p.open {
		p.received++
		if p.received%16 == 0 {
			p.binary(wire.AppendAck(nil, p.received))
		}
	}
	if !m.Binary {
		p.texts = append(p.texts, string(m.Data))
		p.open = p.open || openAnswer.Match(m.Data)
		return nil
	}
	for rest := m.Data; len(rest) > 0; {
		var r wire.Record
		if r, rest, err = wire.NextRecord(rest); err != nil {
			return err
		}
		if r.Type != wire.TypeAck {
			p.records = append(p.records, r)
		}
	}
	return nil
}

// wantText reads until a text message is want; others before it are dropped.
func (p *rawPage) wantText(why, want string) {
	p.Helper()
	for {
		for i, text := range p.texts {
			if text == want {
				p.texts = p.texts[i+1:]
				return
			}
		}
		if err := p.receive(); err != nil {
			p.Fatalf("%s: want %s, got %q, then %v", why, want, p.texts, err)
		}
	}
}

// nextRecord returns the next record of a stream.
func (p *rawPage) nextRecord(why string, id uint32) wire.Record {
	p.Helper()
	for {
		if len(p.records) > 0 {
			r := p.records[0]
			p.records = p.records[1:]
			if r.ID != id {
				p.Fatalf("%s: record of socket %d, want %d", why, r.ID, id)
			}
			return r
		}
		if err := p.receive(); err != nil {
			p.Fatalf("%s: %v", why, err)
		}
	}
}

func (p *rawPage) wantRecord(why string, id uint32, kind byte) wire.Record {
	p.Helper()
	r := p.nextRecord(why, id)
	if r.Type != kind {
		p.Fatalf("%s: record of type %d, want %d", why, r.Type, kind)
	}
	return r
}

func (p *rawPage) wantLimit(why string, id uint32) uint64 {
	p.Helper()
	return p.wantRecord(why, id, 1).Limit()
}

func (p *rawPage) wantEnd(why string, id uint32, code int32) {
	p.Helper()
	if got := p.wantRecord(why, id, 2).Code(); got != code {
		p.Fatalf("%s: END carries %d, want %d", why, got, code)
	}
}

// wantData reads exactly n bytes of a stream.
func (p *rawPage) wantData(why string, id uint32, n int) []byte {
	p.Helper()
	var got []byte
	for len(got) < n {
		got = append(got, p.wantRecord(why, id, 0).Payload...)
	}
	if len(got) > n {
		p.Fatalf("%s: got %d bytes, want %d", why, len(got), n)
	}
	return got
}

// wantIdle checks that no record comes before the answers to many calls.
func (p *rawPage) wantIdle(why string, id uint32) {
	p.Helper()
	for i := range 20 {
		p.sendf(`{"jsonrpc":"2.0","id":"idle%d","method":"session.ping"}`, i)
		p.wantText(why, fmt.Sprintf(`{"jsonrpc":"2.0","id":"idle%d","result":null}`, i))
	}
	if len(p.records) > 0 {
		p.Fatalf("%s: got a record of type %d with %d bytes for socket %d", why, p.records[0].Type,
			len(p.records[0].Payload), p.records[0].ID)
	}
}

// wantClose reads to the end of the connection.
func (p *rawPage) wantClose(why string, code int, reason string) {
	p.Helper()
	for {
		err := p.receive()
		if err == nil {
			continue
		}
		gotCode, gotReason, ok := wire.CloseCode(err)
		if !ok || gotCode != code || gotReason != reason {
			p.Fatalf("%s: closed with %v, want %d %q", why, err, code, reason)
		}
		_ = p.conn.SendClose(code, "") // to be polite; the gateway may be gone
		return
	}
}

// openAnswer is what the numbered messages come behind.
var openAnswer = regexp.MustCompile(`"result":\{"session":"`)

var localPort = regexp.MustCompile(`"localPort":(\d+)`)

// acceptOne makes server 1 listen and stream 1 an accepted connection, paused.
func (p *rawPage) acceptOne() *net.TCPConn {
	p.Helper()
	p.send(`{"jsonrpc":"2.0","id":"a","method":"tcpServer.create"}`)
	p.send(`{"jsonrpc":"2.0","id":"b","method":"tcpServer.listen","params":[1,"127.0.0.1",0]}`)
	p.send(`{"jsonrpc":"2.0","id":"c","method":"tcpServer.getInfo","params":[1]}`)
	p.wantText("listening", `{"jsonrpc":"2.0","id":"b","result":0}`)
	for len(p.texts) == 0 {
		if err := p.receive(); err != nil {
			p.Fatal(err)
		}
	}
	match := localPort.FindStringSubmatch(p.texts[0])
	if match == nil {
		p.Fatalf("no port in %s", p.texts[0])
	}
	peer := p.dial("127.0.0.1:" + match[1])
	p.wantText("accepted", `{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":{"clientSocketId":1,"socketId":1}}`)
	return peer
}

// Close codes that tests name.
const (
	goingAway     = websocket.CloseGoingAway
	protocolError = websocket.CloseProtocolError
	invalidUTF8   = websocket.CloseInvalidFramePayloadData
	tooBig        = websocket.CloseMessageTooBig
	normalClose   = websocket.CloseNormalClosure
)
