package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gorilla/websocket"
)

// info is calls per second, one after the other: tcp.getInfo of a connection through the gateway, and a
// text message of the same length that the bridge's process gives back.
func info(name string) figure {
	return figure{
		name:     name,
		metrics:  []metric{{"", perSecond, nil}},
		subjects: []string{"bridge", "ours"},
		trial: func(ctx context.Context, s subject, d time.Duration) ([]float64, error) {
			var n int
			var err error
			if o, ok := s.(*ours); ok {
				n, err = o.calls(ctx, d)
			} else {
				n, err = s.(*bridge).textEchoes(ctx, d)
			}
			return []float64{float64(n) / d.Seconds()}, err
		},
	}
}

// counter counts what ends between a third of d and the end.
type counter struct {
	begin, end time.Time
	n          int
}

func newCounter(d time.Duration) *counter {
	begin := time.Now().Add(d / 3)
	return &counter{begin: begin, end: begin.Add(d)}
}

// more counts one and says whether there is time for another.
func (c *counter) more() bool {
	now := time.Now()
	if now.After(c.begin) && now.Before(c.end) {
		c.n++
	}
	return now.Before(c.end)
}

// calls makes each call in the answer of the one before, as a page's callback would.
func (o *ours) calls(ctx context.Context, d time.Duration) (int, error) {
	links, err := o.open(ctx, 1)
	if err != nil {
		return 0, err
	}
	defer closeAll(links)
	params := []any{links[0].page.(*oursPage).s.ID()}
	count := newCounter(d)
	done := make(chan error, 1)
	var next func(json.RawMessage, error)
	next = func(_ json.RawMessage, err error) {
		if err == nil && count.more() {
			err = o.ws.Go("tcp.getInfo", params, next)
			if err == nil {
				return
			}
		}
		done <- err
	}
	if err := o.ws.Go("tcp.getInfo", params, next); err != nil {
		return 0, err
	}
	err = <-done
	return count.n, err
}

func (b *bridge) textEchoes(ctx context.Context, d time.Duration) (int, error) {
	p, err := b.dial(ctx, "/echo")
	if err != nil {
		return 0, err
	}
	defer p.close()
	text := []byte(`{"jsonrpc":"2.0","id":12345,"method":"tcp.getInfo","params":[12345]}`)
	buf := make([]byte, len(text))
	for count := newCounter(d); ; {
		if err := p.ws.WriteMessage(websocket.TextMessage, text); err != nil {
			return 0, err
		}
		if err := p.flush(); err != nil {
			return 0, err
		}
		_, r, err := p.ws.NextReader()
		if err != nil {
			return 0, err
		}
		if n, err := io.ReadFull(r, buf); err != nil {
			return 0, fmt.Errorf("echo of %d bytes: %w", n, err)
		}
		if !count.more() {
			return count.n, nil
		}
	}
}
