package main

import (
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

// bufferSize is the buffer of everything that reads or writes TCP, in all three subjects.
const bufferSize = 64 << 10

// serveBridge runs the bare bridge: /bridge?to=ADDR connects a WebSocket with a TCP connection, each
// with one goroutine per direction, and /echo gives text messages back.
func serveBridge(ln net.Listener) (stop func() error) {
	mux := http.NewServeMux()
	mux.HandleFunc("/bridge", bridgeOne)
	mux.HandleFunc("/echo", echoText)
	srv := &http.Server{Handler: mux}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	return func() error {
		_ = srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}
}

// The write buffer holds only headers and small messages: gorilla sends larger ones from where they are.
var upgrader = websocket.Upgrader{ReadBufferSize: bufferSize, WriteBufferSize: 4096}

func bridgeOne(w http.ResponseWriter, r *http.Request) {
	tcp, err := net.Dial("tcp", r.URL.Query().Get("to"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer tcp.Close()
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		toPage(ws, tcp)
		_ = ws.Close()
	}()
	toPeer(tcp, ws)
	_ = tcp.Close()
	<-done
}

func toPage(ws *websocket.Conn, tcp net.Conn) {
	b := make([]byte, bufferSize)
	for {
		n, err := tcp.Read(b)
		if err != nil {
			return
		}
		if err := ws.WriteMessage(websocket.BinaryMessage, b[:n]); err != nil {
			return
		}
	}
}

func toPeer(tcp net.Conn, ws *websocket.Conn) {
	b := make([]byte, bufferSize)
	for {
		_, r, err := ws.NextReader()
		if err != nil {
			return
		}
		for err == nil {
			var n int
			if n, err = r.Read(b); n > 0 {
				if _, werr := tcp.Write(b[:n]); werr != nil {
					return
				}
			}
		}
		if err != io.EOF {
			return
		}
	}
}

func echoText(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	for {
		typ, b, err := ws.ReadMessage()
		if err != nil {
			return
		}
		if err := ws.WriteMessage(typ, b); err != nil {
			return
		}
	}
}
