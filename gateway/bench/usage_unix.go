//go:build unix

package main

import (
	"fmt"
	"os"
	"syscall"
)

// systemUsage gives the CPU time of this process, and its resident memory where /proc tells it.
func systemUsage() (cpu float64, rss uint64) {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil {
		cpu = float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
	}
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, pages uint64
		if _, err := fmt.Sscan(string(b), &size, &pages); err == nil {
			rss = pages * uint64(os.Getpagesize())
		}
	}
	return cpu, rss
}
