package main

import (
	"fmt"
	"io"
	"slices"
)

// unit says how the numbers of a metric are shown.
type unit int

const (
	bytesPerSecond unit = iota
	cpuPerGiB
	microseconds
	perSecond
	bytes
)

func (u unit) format(v float64) string {
	switch u {
	case bytesPerSecond:
		return fmt.Sprintf("%.0f MiB/s", v/(1<<20))
	case cpuPerGiB:
		return fmt.Sprintf("%.2f s/GiB", v)
	case microseconds:
		return fmt.Sprintf("%.1f µs", v)
	case perSecond:
		if v >= 1e5 {
			return fmt.Sprintf("%.0fk/s", v/1e3)
		}
		return fmt.Sprintf("%.0f/s", v)
	default:
		return fmt.Sprintf("%.1f KiB", v/(1<<10))
	}
}

// table prints the results, a row as soon as it is known.
type table struct {
	out    io.Writer
	missed int
}

const rowFormat = "%-33s %-11s %10s %10s %10s %9s %8s %12s  %-22s %s\n"

func newTable(out io.Writer) *table {
	t := &table{out: out}
	fmt.Fprintf(out, rowFormat, "figure", "", "raw", "bridge", "ours", "ours/raw", "/bridge", "in rounds", "target", "")
	return t
}

// row prints the medians of a metric, ours as a ratio to the others, and how far the ratio that the
// target is about (else that to the bridge) went in single rounds.
func (t *table) row(name string, m metric, s samples) {
	cells := make(map[string]string)
	for subject, v := range s {
		cells[subject] = m.unit.format(median(v))
	}
	against := "bridge"
	if m.target != nil && m.target.against != "" {
		against = m.target.against
	}
	var spread, goal, verdict string
	if r := ratios(s["ours"], s[against]); len(r) > 0 {
		spread = fmt.Sprintf("%.2f..%.2f", slices.Min(r), slices.Max(r))
	}
	if m.target != nil && len(s["ours"]) > 0 {
		goal, verdict = t.judge(m, s)
	}
	fmt.Fprintf(t.out, rowFormat, name, m.name, cells["raw"], cells["bridge"], cells["ours"],
		ratio(s, "raw"), ratio(s, "bridge"), spread, goal, verdict)
}

func (t *table) judge(m metric, s samples) (goal, verdict string) {
	v := median(s["ours"])
	bound := fmt.Sprintf("%.1f", m.target.bound)
	if m.target.against == "" {
		bound = m.unit.format(m.target.bound)
	} else {
		v /= median(s[m.target.against])
		bound += " of " + m.target.against
	}
	goal = "at least " + bound
	if m.target.atMost {
		goal = "at most " + bound
	}
	if m.target.met(v) {
		return goal, "ok"
	}
	t.missed++
	return goal, "MISS"
}

// end prints how many targets were missed.
func (t *table) end() {
	fmt.Fprintf(t.out, "targets missed: %d\n", t.missed)
}

func ratio(s samples, base string) string {
	if len(s["ours"]) == 0 || len(s[base]) == 0 || median(s[base]) == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", median(s["ours"])/median(s[base]))
}
