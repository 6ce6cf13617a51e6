package main

import (
	"context"
	"net"
	"sync"
)

// raw is the baseline of TCP itself: peer and page share a connection.
type raw struct{}

func (raw) name() string    { return "raw" }
func (raw) blockSize() int  { return bufferSize }
func (raw) process() *child { return nil }
func (raw) close() error    { return nil }

func (raw) open(_ context.Context, n int) ([]*link, error) {
	ln, err := listenPeer()
	if err != nil {
		return nil, err
	}
	defer ln.Close()
	var links []*link
	for range n {
		peer, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			closeAll(links)
			return nil, err
		}
		conn, err := ln.Accept()
		if err != nil {
			_ = peer.Close()
			closeAll(links)
			return nil, err
		}
		links = append(links, &link{peer, &rawPage{conn: conn}})
	}
	return links, nil
}

// acceptOne serves connections as figure 4 wants it: one byte in, one out, close.
func (raw) acceptOne(context.Context) (addr string, stop func() error, err error) {
	ln, err := listenPeer()
	if err != nil {
		return "", nil, err
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return // stop closed the listener
			}
			wg.Go(func() {
				defer conn.Close()
				var b [1]byte
				if _, err := conn.Read(b[:]); err == nil {
					_, _ = conn.Write(b[:])
				}
			})
		}
	})
	return ln.Addr().String(), func() error {
		err := ln.Close()
		wg.Wait()
		return err
	}, nil
}

// rawPage is the page's end of a plain connection.
type rawPage struct {
	conn net.Conn
	wg   sync.WaitGroup
}

func (p *rawPage) receive(f func([]byte)) error {
	p.wg.Go(func() {
		b := make([]byte, bufferSize)
		for {
			n, err := p.conn.Read(b)
			if err != nil {
				return
			}
			f(b[:n])
		}
	})
	return nil
}

func (p *rawPage) reply(b []byte) error { return p.write(b) }

func (p *rawPage) write(b []byte) error {
	_, err := p.conn.Write(b)
	return err
}

func (p *rawPage) flush() error { return nil }

func (p *rawPage) close() {
	_ = p.conn.Close()
	p.wg.Wait()
}
