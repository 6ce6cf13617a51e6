package main

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// acceptor is a subject whose page can accept connections; the bare bridge cannot.
type acceptor interface {
	// acceptOne serves every connection to addr until stop: takes a byte, gives it back, closes.
	acceptOne(ctx context.Context) (addr string, stop func() error, err error)
}

// connections is figure 4: connections per second, each with one byte both ways, n peers at once.
func connections(name string, n int) figure {
	return figure{
		name:     name,
		metrics:  []metric{{"", perSecond, atLeast(0.6, "raw")}},
		subjects: []string{"raw", "ours"},
		trial: func(ctx context.Context, s subject, d time.Duration) ([]float64, error) {
			addr, stop, err := s.(acceptor).acceptOne(ctx)
			if err != nil {
				return nil, err
			}
			rate, err := connectRate(addr, d, n)
			if serr := stop(); err == nil {
				err = serr
			}
			return []float64{rate}, err
		},
	}
}

// connectRate counts the connections that ended within d, after a while for warming up.
func connectRate(addr string, d time.Duration, n int) (float64, error) {
	begin := time.Now().Add(d / 3)
	end := begin.Add(d)
	var ended atomic.Int64
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			for now := time.Now(); now.Before(end); now = time.Now() {
				if errs[i] = connectOnce(addr); errs[i] != nil {
					return
				}
				if now := time.Now(); now.After(begin) && now.Before(end) {
					ended.Add(1)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return float64(ended.Load()) / d.Seconds(), nil
}

// connectOnce is one connection, from connect to the end of the page's side.
func connectOnce(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	var b [2]byte
	if _, err := conn.Write(b[:1]); err != nil {
		return err
	}
	// One byte and then the end: ReadFull of two says so.
	if _, err := io.ReadFull(conn, b[:]); err != io.ErrUnexpectedEOF {
		return err
	}
	return nil
}
