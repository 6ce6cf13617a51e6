package main

import (
	"bufio"
	"context"
	"net"
	"net/url"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// bridge is the baseline of what a WebSocket costs, in a child process. Its page end is as good as the
// wire client: the same buffers, and small messages gathered into large writes of the TCP connection.
type bridge struct{ c *child }

func startBridge(ctx context.Context) (*bridge, error) {
	c, err := startChild(ctx, "bridge")
	if err != nil {
		return nil, err
	}
	return &bridge{c}, nil
}

func (b *bridge) name() string    { return "bridge" }
func (b *bridge) blockSize() int  { return bridgeBlock }
func (b *bridge) process() *child { return b.c }
func (b *bridge) close() error    { return b.c.close() }

// bridgeBlock is the page's message for bulk. Of 32 KiB to 256 KiB it is the one that moves most bytes.
const bridgeBlock = 256 << 10

func (b *bridge) open(ctx context.Context, n int) ([]*link, error) {
	ln, err := listenPeer()
	if err != nil {
		return nil, err
	}
	defer ln.Close()
	var links []*link
	for range n {
		l, err := b.openOne(ctx, ln)
		if err != nil {
			closeAll(links)
			return nil, err
		}
		links = append(links, l)
	}
	return links, nil
}

func (b *bridge) openOne(ctx context.Context, ln net.Listener) (*link, error) {
	p, err := b.dial(ctx, "/bridge?to="+url.QueryEscape(ln.Addr().String()))
	if err != nil {
		return nil, err
	}
	peer, err := ln.Accept()
	if err != nil {
		p.close()
		return nil, err
	}
	return &link{peer, p}, nil
}

func (b *bridge) dial(ctx context.Context, path string) (*bridgePage, error) {
	p := &bridgePage{}
	d := websocket.Dialer{
		ReadBufferSize:  wire.ReadBufferSize,
		WriteBufferSize: bridgeBlock,
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			p.gather = &gatheringConn{Conn: conn, w: bufio.NewWriterSize(conn, bufferSize)}
			return p.gather, nil
		},
	}
	ws, _, err := d.DialContext(ctx, "ws://"+b.c.addr+path, nil)
	if err != nil {
		return nil, err
	}
	p.ws = ws
	p.gather.open = true
	return p, nil
}

// gatheringConn holds small writes back until flush, once it is open: during the handshake it does not.
type gatheringConn struct {
	net.Conn
	w    *bufio.Writer
	open bool
}

func (g *gatheringConn) Write(p []byte) (int, error) {
	if !g.open {
		return g.Conn.Write(p)
	}
	return g.w.Write(p)
}

// bridgePage is the page's end of one bridged connection.
type bridgePage struct {
	ws     *websocket.Conn
	gather *gatheringConn
	wg     sync.WaitGroup
}

func (p *bridgePage) receive(f func([]byte)) error {
	p.wg.Go(func() {
		b := make([]byte, bufferSize)
		for {
			_, r, err := p.ws.NextReader()
			if err != nil {
				return
			}
			for {
				n, err := r.Read(b)
				if n > 0 {
					f(b[:n])
				}
				if err != nil {
					break // the end of the message, or of the connection, which NextReader tells again
				}
			}
		}
	})
	return nil
}

func (p *bridgePage) reply(b []byte) error {
	if err := p.write(b); err != nil {
		return err
	}
	return p.flush()
}

func (p *bridgePage) write(b []byte) error {
	return p.ws.WriteMessage(websocket.BinaryMessage, b)
}

func (p *bridgePage) flush() error { return p.gather.w.Flush() }

func (p *bridgePage) close() {
	_ = p.ws.Close()
	p.wg.Wait()
}
