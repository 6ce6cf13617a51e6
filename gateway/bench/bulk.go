package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// direction is where the bytes of a figure go.
type direction int

const (
	peerToPage direction = iota
	pageToPeer
)

// bulk is figures 1 and 6: bytes per second over n connections, and what they cost the process between.
func bulk(name string, n int, dir direction) figure {
	return figure{
		name:    name,
		metrics: []metric{{"", bytesPerSecond, atLeast(0.9, "bridge")}, {"CPU", cpuPerGiB, nil}},
		trial: func(ctx context.Context, s subject, d time.Duration) ([]float64, error) {
			size := bufferSize
			if dir == pageToPeer {
				size = s.blockSize()
			}
			r, err := flow(ctx, s, d, n, dir, size)
			if err != nil || s.process() == nil {
				return []float64{r.bytes}, err
			}
			return []float64{r.bytes, r.cpu * (1 << 30) / r.bytes}, err
		},
	}
}

// messages is figure 3: small messages per second in one direction of one connection, none waited for.
func messages(name string, dir direction, t *target) figure {
	const size = 64
	return figure{
		name:    name,
		metrics: []metric{{"", perSecond, t}},
		trial: func(ctx context.Context, s subject, d time.Duration) ([]float64, error) {
			r, err := flow(ctx, s, d, 1, dir, size)
			return []float64{r.bytes / size}, err
		},
	}
}

// flowRate is what a flow reached, per second.
type flowRate struct {
	bytes float64
	cpu   float64 // seconds of the subject's process
}

// flow sends messages of the given size over n connections, as many as go, and counts the bytes that
// arrive during d, after a while for warming up.
func flow(ctx context.Context, s subject, d time.Duration, n int, dir direction, size int) (r flowRate, err error) {
	links, err := s.open(ctx, n)
	if err != nil {
		return r, err
	}
	var arrived atomic.Int64
	var stopping atomic.Bool
	var wg sync.WaitGroup
	ended := make(chan error, 2*n)
	start := func(f func() error) {
		wg.Go(func() {
			// Closing the links ends everything with an error; one before that is worth telling.
			if err := f(); err != nil && !stopping.Load() {
				ended <- err
			}
		})
	}
	for _, l := range links {
		if dir == peerToPage {
			if err = l.page.receive(func(p []byte) { arrived.Add(int64(len(p))) }); err != nil {
				break
			}
			start(func() error { return send(l.peer.Write, size) })
		} else {
			start(func() error { return sendPage(l.page, size) })
			start(func() error { return count(l.peer.Read, &arrived) })
		}
	}
	if err == nil {
		r, err = observe(s.process(), d, &arrived, ended)
	}
	stopping.Store(true)
	closeAll(links)
	wg.Wait()
	return r, err
}

// stallTimeout is how long nothing may arrive before a measurement has failed.
const stallTimeout = 10 * time.Second

// observe counts for d after a third of it.
func observe(c *child, d time.Duration, arrived *atomic.Int64, ended <-chan error) (r flowRate, err error) {
	wait := func(d time.Duration) error {
		select {
		case err := <-ended:
			return err
		case <-time.After(d):
			return nil
		}
	}
	if err := wait(d / 3); err != nil {
		return r, err
	}
	cpu, err := cpuTime(c)
	if err != nil {
		return r, err
	}
	begin, before := time.Now(), arrived.Load()
	if err := wait(d); err != nil {
		return r, err
	}
	// On a busy machine a short time may be too short for the first bytes.
	for arrived.Load() == before && time.Since(begin) < stallTimeout {
		if err := wait(d); err != nil {
			return r, err
		}
	}
	seconds, bytes := time.Since(begin).Seconds(), arrived.Load()-before
	end, err := cpuTime(c)
	if bytes == 0 && err == nil {
		err = errors.New("nothing arrived")
	}
	return flowRate{float64(bytes) / seconds, (end - cpu) / seconds}, err
}

func cpuTime(c *child) (float64, error) {
	if c == nil {
		return 0, nil
	}
	u, err := c.ask(requestUsage)
	return u.CPU, err
}

// send writes messages until the connection is closed.
func send(write func([]byte) (int, error), size int) error {
	p := make([]byte, size)
	for {
		if _, err := write(p); err != nil {
			return err
		}
	}
}

func sendPage(p page, size int) error {
	return send(func(b []byte) (int, error) { return len(b), p.write(b) }, size)
}

// count reads until the connection is closed.
func count(read func([]byte) (int, error), arrived *atomic.Int64) error {
	p := make([]byte, bufferSize)
	for {
		n, err := read(p)
		arrived.Add(int64(n))
		if err != nil {
			return err
		}
	}
}
