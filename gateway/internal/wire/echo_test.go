package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// An echo is a client with one stream on a gateway that gives every byte back at once, with both
// limits kept, for tests and benchmarks that need more bytes than a script.
type echo struct {
	c *Client
	s *Stream
}

func dialEcho(t testing.TB) echo {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{Subprotocols: []string{Subprotocol}, CheckOrigin: func(*http.Request) bool { return true },
			ReadBufferSize: 64 << 10}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		serveEcho(ws)
	}))
	c, err := Dial(context.Background(), "ws"+strings.TrimPrefix(srv.URL, "http"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Abort()
		srv.Close()
	})
	a, err := c.Accept(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return echo{c, a.Stream}
}

// serveEcho keeps what the page's limit does not let back yet in pending.
func serveEcho(ws *websocket.Conn) {
	const window = 256 << 10
	if _, _, err := ws.ReadMessage(); err != nil {
		return
	}
	open := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"result":{"session":"s","window":%d,"maxFrame":65536}}`, window)
	_ = ws.WriteMessage(websocket.TextMessage, []byte(open))
	accept := `{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":{"socketId":1,"clientSocketId":1}}`
	_ = ws.WriteMessage(websocket.TextMessage, []byte(accept))
	var pending, out []byte
	var sent uint64
	limit := uint64(window)
	for {
		_, b, err := ws.ReadMessage()
		if err != nil {
			return
		}
		for len(b) > 0 {
			var r Record
			if r, b, err = NextRecord(b); err != nil {
				return
			}
			switch r.Type {
			case TypeData:
				pending = append(pending, r.Payload...)
			case TypeLimit:
				limit = r.Limit()
			}
		}
		for len(pending) > 0 && sent < limit {
			n := min(uint64(len(pending)), limit-sent, 32<<10)
			sent += n
			out = AppendLimit(AppendRecord(out[:0], TypeData, 1, pending[:n]), 1, sent+window)
			pending = pending[n:]
			if ws.WriteMessage(websocket.BinaryMessage, out) != nil {
				return
			}
		}
	}
}
