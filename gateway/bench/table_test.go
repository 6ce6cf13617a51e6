package main

import (
	"strings"
	"testing"
)

func TestTableRow(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    metric
		s    samples
		want string // with runs of blanks as one
	}{
		{
			name: "a ratio that is reached",
			m:    metric{"", bytesPerSecond, atLeast(0.9, "bridge")},
			s:    samples{"raw": {4 << 20, 8 << 20}, "bridge": {2 << 20, 4 << 20}, "ours": {2 << 20, 4 << 20}},
			want: "x 6 MiB/s 3 MiB/s 3 MiB/s 0.50 1.00 1.00..1.00 at least 0.9 of bridge ok",
		},
		{
			name: "a ratio that is missed",
			m:    metric{"p50", microseconds, atMost(1.2, "bridge")},
			s:    samples{"bridge": {10}, "ours": {13}},
			want: "x p50 10.0 µs 13.0 µs 1.30 1.30..1.30 at most 1.2 of bridge MISS",
		},
		{
			name: "an absolute target",
			m:    metric{"heap", bytes, atMost(8192, "")},
			s:    samples{"bridge": {40960}, "ours": {4096}},
			want: "x heap 40.0 KiB 4.0 KiB 0.10 0.10..0.10 at most 8.0 KiB ok",
		},
		{
			name: "no target, and nothing from raw",
			m:    metric{"CPU", cpuPerGiB, nil},
			s:    samples{"bridge": {0.5}, "ours": {0.25}},
			want: "x CPU 0.50 s/GiB 0.25 s/GiB 0.50 0.50..0.50",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			table := newTable(&out)
			out.Reset()
			table.row("x", tt.m, tt.s)
			if got := strings.Join(strings.Fields(out.String()), " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTableCountsMisses(t *testing.T) {
	var out strings.Builder
	table := newTable(&out)
	m := metric{"", perSecond, atLeast(1, "bridge")}
	table.row("good", m, samples{"bridge": {1}, "ours": {1}})
	table.row("bad", m, samples{"bridge": {2}, "ours": {1}})
	table.end()
	if !strings.HasSuffix(out.String(), "targets missed: 1\n") {
		t.Errorf("got %s", out.String())
	}
}
