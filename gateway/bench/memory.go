package main

import (
	"context"
	"time"
)

// memory is figure 5: what the subject's process keeps for each of n connections over which nothing
// goes. Each trial has a process of its own, because one that was busy before keeps what it had then.
func memory(name string, n int) figure {
	return figure{
		name:     name,
		metrics:  []metric{{"heap+stack", bytes, atMost(8<<10, "")}, {"resident", bytes, nil}},
		subjects: []string{"bridge", "ours"},
		rounds:   1, // it hardly varies, and it is the slowest trial
		trial: func(ctx context.Context, s subject, _ time.Duration) ([]float64, error) {
			var fresh subject
			var err error
			if s.name() == "ours" {
				fresh, err = startOurs(ctx, "")
			} else {
				fresh, err = startBridge(ctx)
			}
			if err != nil {
				return nil, err
			}
			v, err := idleMemory(ctx, fresh, n)
			if cerr := fresh.close(); err == nil {
				err = cerr
			}
			return v, err
		},
	}
}

func idleMemory(ctx context.Context, s subject, n int) ([]float64, error) {
	// What the first connection brings with it once is not counted.
	first, err := s.open(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer closeAll(first)
	before, err := s.process().ask(requestMemory)
	if err != nil {
		return nil, err
	}
	links, err := s.open(ctx, n)
	if err != nil {
		return nil, err
	}
	defer closeAll(links)
	for _, l := range links {
		if err := l.page.receive(func([]byte) {}); err != nil {
			return nil, err
		}
	}
	after, err := s.process().ask(requestMemory)
	if err != nil {
		return nil, err
	}
	per := func(after, before uint64) float64 { return (float64(after) - float64(before)) / float64(n) }
	return []float64{per(after.Heap+after.Stack, before.Heap+before.Stack), per(after.RSS, before.RSS)}, nil
}
