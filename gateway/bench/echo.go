package main

import (
	"context"
	"io"
	"sync"
	"time"
)

// echo is figure 2: a peer sends 64 bytes, the page gives them back, and the peer sends the next.
// The times are those the peers see; with more than one connection all are busy at once.
func echo(name string, n int, metrics []metric) figure {
	return figure{
		name:    name,
		metrics: metrics,
		trial: func(ctx context.Context, s subject, d time.Duration) ([]float64, error) {
			times, err := echoes(ctx, s, d, n)
			if err != nil {
				return nil, err
			}
			rate := float64(len(times)) / d.Seconds()
			p50, p99 := percentile(times, 0.5), percentile(times, 0.99)
			return []float64{micros(p50), micros(p99), rate}[:len(metrics)], nil
		},
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// echoes gives the times of all round trips that ended within d, after a while for warming up.
func echoes(ctx context.Context, s subject, d time.Duration, n int) ([]time.Duration, error) {
	links, err := s.open(ctx, n)
	if err != nil {
		return nil, err
	}
	defer closeAll(links)
	for _, l := range links {
		err := l.page.receive(func(p []byte) {
			if l.page.reply(p) != nil {
				_ = l.peer.Close() // the peer's next read tells it
			}
		})
		if err != nil {
			return nil, err
		}
	}
	begin := time.Now().Add(d / 3)
	end := begin.Add(d)
	all := make([][]time.Duration, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i, l := range links {
		all[i] = make([]time.Duration, 0, 1<<14)
		wg.Go(func() { all[i], errs[i] = roundTrips(l.peer, all[i], begin, end) })
	}
	wg.Wait()
	var times []time.Duration
	for i := range all {
		if errs[i] != nil {
			return nil, errs[i]
		}
		times = append(times, all[i]...)
	}
	return times, nil
}

func roundTrips(peer io.ReadWriter, times []time.Duration, begin, end time.Time) ([]time.Duration, error) {
	var b [64]byte
	last := time.Now()
	for last.Before(end) {
		if _, err := peer.Write(b[:]); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(peer, b[:]); err != nil {
			return nil, err
		}
		now := time.Now()
		if now.After(begin) && now.Before(end) {
			times = append(times, now.Sub(last))
		}
		last = now
	}
	return times, nil
}
