package gateway

import (
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/gateway/access"
)

// subprotocol is the version of the protocol that this gateway speaks.
const subprotocol = "socketgate.v1"

// readBuffer is how much is read from a WebSocket at once; longer payloads go past it.
const readBuffer = 16 << 10

var upgrader = websocket.Upgrader{
	HandshakeTimeout: writeTimeout,
	ReadBufferSize:   readBuffer,
	Subprotocols:     []string{subprotocol},
	CheckOrigin:      func(*http.Request) bool { return true }, // the gate has done it
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		http.Error(w, reason.Error(), status)
	},
}

// serveWebSocket upgrades a request and serves the connection until it ends. The handler's goroutine is
// the connection's writer.
func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	visitor, ok := r.Context().Value(visitorKey{}).(access.Visitor)
	switch {
	case !ok: // the gate has let nobody in without
		http.Error(w, refusedOrigin.text, refusedOrigin.status)
		return
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "This is a WebSocket endpoint.", http.StatusUpgradeRequired)
		return
	case !slices.Contains(websocket.Subprotocols(r), subprotocol):
		http.Error(w, "This gateway speaks the WebSocket subprotocol "+subprotocol+" only.", http.StatusBadRequest)
		return
	}
	leaveLobby, err := s.config.Access.Enter(visitor)
	if err != nil {
		http.Error(w, "Too many connections wait without a session. Try again later.", http.StatusTooManyRequests)
		return
	}
	defer leaveLobby()
	c, ok := s.registry.addConn(func() *conn { return newConn(s, visitor, leaveLobby) })
	if !ok {
		http.Error(w, "The gateway has as many connections as it may have, or is shutting down. Try again later.",
			http.StatusServiceUnavailable)
		return
	}
	defer s.registry.removeConn(c)

	corked := &corkHijacker{ResponseWriter: w}
	ws, err := upgrader.Upgrade(corked, r, nil)
	if err != nil {
		s.config.Log.Debug("websocket refused", "remote", r.RemoteAddr, "err", err)
		return
	}
	started := time.Now()
	log := s.config.Log.With("origin", visitor.Origin, "remote", r.RemoteAddr)
	log.Debug("connection opened")
	c.serve(ws, corked.cork, log)
	log.Debug("connection closed", "after", time.Since(started))
}
