package main

import (
	"context"
	"fmt"
	"time"
)

// A figure is one thing to measure: a trial gives a number for each metric.
type figure struct {
	name     string
	metrics  []metric
	subjects []string // whom it is measured on; nil means all
	rounds   int      // at most this many; 0 means as many as the flag says
	trial    func(ctx context.Context, s subject, d time.Duration) ([]float64, error)
}

// A metric is one row of the table.
type metric struct {
	name   string // added to the figure's
	unit   unit
	target *target // nil: none was set
}

// A target bounds ours, divided by what the named subject reaches; with no subject, ours itself.
type target struct {
	against string
	bound   float64
	atMost  bool // ours must be at most bound, else at least
}

func atLeast(bound float64, against string) *target { return &target{against, bound, false} }
func atMost(bound float64, against string) *target  { return &target{against, bound, true} }

func (t *target) met(v float64) bool {
	if t.atMost {
		return v <= t.bound
	}
	return v >= t.bound
}

// samples are the numbers of one metric, by subject, one per round.
type samples map[string][]float64

// measure runs the trials of all subjects turn by turn and adds the rows to the table. Each round begins
// with another subject, so that none always runs behind the same one.
func (f figure) measure(ctx context.Context, all []subject, set settings, t *table) error {
	var subjects []subject
	for _, s := range all {
		if f.measures(s.name()) {
			subjects = append(subjects, s)
		}
	}
	rows := make([]samples, len(f.metrics))
	for i := range rows {
		rows[i] = make(samples)
	}
	rounds := set.rounds
	if f.rounds > 0 {
		rounds = min(rounds, f.rounds)
	}
	for round := range rounds {
		for i := range subjects {
			s := subjects[(round+i)%len(subjects)]
			values, err := f.trial(ctx, s, set.trial)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.name(), err)
			}
			for m, v := range values {
				rows[m][s.name()] = append(rows[m][s.name()], v)
			}
		}
	}
	for i, m := range f.metrics {
		t.row(f.name, m, rows[i])
	}
	return nil
}

func (f figure) measures(name string) bool {
	if f.subjects == nil {
		return true
	}
	for _, s := range f.subjects {
		if s == name {
			return true
		}
	}
	return false
}

// figures are all of them, in the order of the table, with the targets of the project.
func figures() []figure {
	var fs []figure
	for _, n := range []int{1, 8} {
		fs = append(fs,
			bulk(fmt.Sprintf("bulk peer to page, %d streams", n), n, peerToPage),
			bulk(fmt.Sprintf("bulk page to peer, %d streams", n), n, pageToPeer))
	}
	return append(fs,
		echo("echo, 1 idle connection", 1, []metric{
			{"p50", microseconds, atMost(1.2, "bridge")},
			{"p99", microseconds, nil},
		}),
		echo("echo, 64 busy connections", 64, []metric{
			{"p50", microseconds, nil},
			{"p99", microseconds, nil},
			{"round trips", perSecond, atLeast(1.0, "bridge")},
		}),
		messages("64-byte messages, page to peer", pageToPeer, atLeast(5, "bridge")),
		messages("64-byte messages, peer to page", peerToPage, atLeast(1.0, "bridge")),
		connections("new connections, 1 at a time", 1),
		connections("new connections, 16 at a time", 16),
		info("getInfo against a text echo"),
		memory("memory per idle connection, 1000", 1000),
		memory("memory per idle connection, 5000", 5000),
	)
}
