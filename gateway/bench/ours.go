package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// ours is the gateway in a child process, with one session of the wire client as the page.
type ours struct {
	c  *child
	ws *wire.Client

	mu     sync.Mutex
	accept map[uint32]func(*wire.Stream) // guarded by mu; what a server's connections go to
}

func startOurs(ctx context.Context, cpuProfile string) (*ours, error) {
	c, err := startChild(ctx, "ours", cpuProfile)
	if err != nil {
		return nil, err
	}
	o := &ours{c: c, accept: make(map[uint32]func(*wire.Stream))}
	o.ws, err = wire.Dial(ctx, "ws://"+c.addr+"/v1/ws", wire.Options{OnAccept: o.onAccept})
	if err != nil {
		_ = c.close()
		return nil, err
	}
	return o, nil
}

func (o *ours) name() string    { return "ours" }
func (o *ours) process() *child { return o.c }
func (o *ours) blockSize() int  { return o.ws.Session().MaxFrame - wire.HeaderSize }

func (o *ours) close() error {
	err := o.ws.Close()
	if cerr := o.c.close(); err == nil {
		err = cerr
	}
	return err
}

func (o *ours) onAccept(server uint32, s *wire.Stream) {
	o.mu.Lock()
	f := o.accept[server]
	o.mu.Unlock()
	if f != nil {
		f(s)
	}
}

// listen makes a server whose connections go to f, and stop, which closes it.
func (o *ours) listen(ctx context.Context, f func(*wire.Stream)) (addr string, stop func() error, err error) {
	// The id is not known before the server exists, so the server is filed before it listens.
	var created struct{ SocketID uint32 }
	if err := o.ws.Call(ctx, "tcpServer.create", nil, &created); err != nil {
		return "", nil, err
	}
	id := created.SocketID
	o.mu.Lock()
	o.accept[id] = f
	o.mu.Unlock()
	stop = func() error {
		err := o.ws.Call(ctx, "tcpServer.close", []any{id}, nil)
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.accept, id)
		return err
	}
	if err := o.ws.Call(ctx, "tcpServer.listen", []any{id, "127.0.0.1", 0, 1024}, nil); err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	var info struct{ LocalPort int }
	if err := o.ws.Call(ctx, "tcpServer.getInfo", []any{id}, &info); err != nil {
		return "", nil, err
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(info.LocalPort)), stop, nil
}

func (o *ours) open(ctx context.Context, n int) (links []*link, err error) {
	streams := make(chan *wire.Stream, 1)
	addr, stop, err := o.listen(ctx, func(s *wire.Stream) { streams <- s })
	if err != nil {
		return nil, err
	}
	defer func() {
		if serr := stop(); err == nil {
			err = serr
		}
		if err != nil {
			closeAll(links)
		}
	}()
	for range n {
		peer, err := net.Dial("tcp", addr)
		if err != nil {
			return links, err
		}
		select {
		case s := <-streams:
			links = append(links, &link{peer, &oursPage{ctx, s}})
		case <-o.ws.Done():
			_ = peer.Close()
			return links, o.ws.Err()
		}
	}
	return links, nil
}

// acceptOne serves connections as figure 4 wants it: one byte in, one out, close.
func (o *ours) acceptOne(ctx context.Context) (addr string, stop func() error, err error) {
	return o.listen(ctx, func(s *wire.Stream) {
		s.Handle(wire.Handler{Data: func(p []byte) {
			s.TryWrite(p)
			_ = s.GoClose(nil) // fails only with the connection, which the peers notice
		}})
		_ = s.GoUnpause()
	})
}

// oursPage is the page's end of one stream of the gateway.
type oursPage struct {
	ctx context.Context // of the whole run
	s   *wire.Stream
}

func (p *oursPage) receive(f func([]byte)) error {
	p.s.Handle(wire.Handler{Data: f})
	return p.s.SetPaused(p.ctx, false)
}

func (p *oursPage) reply(b []byte) error {
	if !p.s.TryWrite(b) {
		return fmt.Errorf("no credit for a reply of %d bytes", len(b))
	}
	return nil
}

func (p *oursPage) write(b []byte) error {
	_, err := p.s.Write(b)
	return err
}

func (p *oursPage) flush() error { return nil }

func (p *oursPage) close() { _ = p.s.Close(p.ctx) }
