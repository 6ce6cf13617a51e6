package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// peerCommand is the first argument that makes this program the far end of the page figures, which
// js-client/bench measures: a TCP peer, and a bare WebSocket server as the baseline.
const peerCommand = "peer"

// peerRequest is one line of the peer's input; each is answered with one line.
type peerRequest struct {
	// Role is what the peer does with a connection: "source" sends messages until it ends, "sink" counts
	// bytes, "take" reads, "answer" gives a byte for each message, "return" gives what comes back, "echo"
	// measures round trips. Others: "connect" makes connections to Addr, "raw" the same without a page,
	// "end" waits until the connection has ended.
	Role string
	// Addr is where to connect to; if it is empty, the connection is the next WebSocket.
	Addr    string
	Size    int // of messages
	Seconds float64
}

type peerAnswer struct {
	Values []float64
	Error  string `json:",omitempty"`
}

// peer is the far end of all connections of a page.
type peer struct {
	sockets chan *websocket.Conn
	roles   map[string]func(end peerEnd, r peerRequest) ([]float64, error)
	wg      sync.WaitGroup // roles that go on after their answer
}

// peerEnd is a connection to a page, over TCP or a WebSocket of binary messages.
type peerEnd = io.ReadWriteCloser

// peerMain says in a first line where its WebSockets are, and ends with its input.
func peerMain(in io.Reader, out io.Writer) error {
	p := &peer{sockets: make(chan *websocket.Conn, 1)}
	p.roles = map[string]func(peerEnd, peerRequest) ([]float64, error){
		"source": p.source, "sink": p.sink, "take": p.take, "answer": p.answer, "return": p.giveBack, "echo": p.echo,
	}
	ln, err := listenPeer()
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: http.HandlerFunc(p.upgrade)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	answers := json.NewEncoder(out)
	err = answers.Encode("ws://" + ln.Addr().String())
	requests := json.NewDecoder(bufio.NewReader(in))
	for err == nil {
		var r peerRequest
		if err = requests.Decode(&r); err != nil {
			break
		}
		values, failure := p.do(r)
		a := peerAnswer{Values: values}
		if failure != nil {
			a.Error = failure.Error()
		}
		err = answers.Encode(a)
	}
	_ = srv.Close()
	<-served
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (p *peer) upgrade(w http.ResponseWriter, r *http.Request) {
	u := websocket.Upgrader{
		ReadBufferSize: bufferSize, WriteBufferSize: 4096,
		CheckOrigin: func(*http.Request) bool { return true }, // the page is from elsewhere
	}
	if ws, err := u.Upgrade(w, r, nil); err == nil {
		p.sockets <- ws
	}
}

func (p *peer) do(r peerRequest) ([]float64, error) {
	d := time.Duration(r.Seconds * float64(time.Second))
	switch r.Role {
	case "connect":
		rate, err := connectRate(r.Addr, d, r.Size)
		return []float64{rate}, err
	case "raw":
		addr, stop, err := raw{}.acceptOne(context.Background())
		if err != nil {
			return nil, err
		}
		rate, err := connectRate(addr, d, r.Size)
		return []float64{rate}, errors.Join(err, stop())
	case "end":
		p.wg.Wait()
		return nil, nil
	}
	role, ok := p.roles[r.Role]
	if !ok {
		return nil, fmt.Errorf("unknown role %q", r.Role)
	}
	if r.Addr == "" {
		return role(&socketEnd{ws: <-p.sockets}, r)
	}
	conn, err := net.Dial("tcp", r.Addr)
	if err != nil {
		return nil, err
	}
	return role(conn, r)
}

// goOn runs f until the page ends the connection, which f tells as an error.
func (p *peer) goOn(end peerEnd, f func() error) {
	p.wg.Go(func() {
		_ = f()
		_ = end.Close()
	})
}

func (p *peer) source(end peerEnd, r peerRequest) ([]float64, error) {
	// Whoever does not read from a WebSocket does not see that the page closes it.
	p.goOn(end, func() error {
		_, err := io.Copy(io.Discard, end)
		return err
	})
	p.goOn(end, func() error { return send(end.Write, r.Size) })
	return nil, nil
}

func (p *peer) sink(end peerEnd, r peerRequest) ([]float64, error) {
	var arrived atomic.Int64
	ended := make(chan error, 1)
	p.goOn(end, func() error {
		err := count(end.Read, &arrived)
		ended <- err
		return err
	})
	rate, err := observe(nil, time.Duration(r.Seconds*float64(time.Second)), &arrived, ended)
	return []float64{rate.bytes}, err
}

func (p *peer) take(end peerEnd, _ peerRequest) ([]float64, error) {
	p.goOn(end, func() error {
		_, err := io.Copy(io.Discard, end)
		return err
	})
	return nil, nil
}

func (p *peer) answer(end peerEnd, _ peerRequest) ([]float64, error) {
	return p.eachMessage(end, func(ws *websocket.Conn, _ int, _ []byte) error {
		return ws.WriteMessage(websocket.BinaryMessage, []byte{1})
	})
}

func (p *peer) giveBack(end peerEnd, _ peerRequest) ([]float64, error) {
	if conn, ok := end.(net.Conn); ok {
		p.goOn(end, func() error {
			_, err := io.Copy(conn, conn)
			return err
		})
		return nil, nil
	}
	return p.eachMessage(end, func(ws *websocket.Conn, typ int, b []byte) error {
		return ws.WriteMessage(typ, b)
	})
}

func (p *peer) eachMessage(end peerEnd, f func(ws *websocket.Conn, typ int, b []byte) error) ([]float64, error) {
	s, ok := end.(*socketEnd)
	if !ok {
		return nil, errors.New("TCP has no messages")
	}
	p.goOn(end, func() error {
		for {
			typ, b, err := s.ws.ReadMessage()
			if err == nil {
				err = f(s.ws, typ, b)
			}
			if err != nil {
				return err
			}
		}
	})
	return nil, nil
}

// echo gives the median and the 99th percentile of the round trips, in microseconds.
func (p *peer) echo(end peerEnd, r peerRequest) ([]float64, error) {
	defer end.Close()
	d := time.Duration(r.Seconds * float64(time.Second))
	begin := time.Now().Add(d / 3)
	times, err := roundTrips(end, nil, begin, begin.Add(d))
	return []float64{micros(percentile(times, 0.5)), micros(percentile(times, 0.99))}, err
}

// socketEnd gives a WebSocket the methods of a TCP connection: each Write is a message, and a Read takes
// what is there of one.
type socketEnd struct {
	ws *websocket.Conn
	r  io.Reader
}

func (s *socketEnd) Write(b []byte) (int, error) {
	return len(b), s.ws.WriteMessage(websocket.BinaryMessage, b)
}

func (s *socketEnd) Read(b []byte) (int, error) {
	for {
		if s.r == nil {
			_, r, err := s.ws.NextReader()
			if err != nil {
				return 0, err
			}
			s.r = r
		}
		n, err := s.r.Read(b)
		if err == io.EOF {
			s.r, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (s *socketEnd) Close() error { return s.ws.Close() }
