package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
)

// childMain is the program as a child: args name what it runs and perhaps a file for a CPU profile.
func childMain(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("what to run is missing")
	}
	serve, ok := map[string]func(net.Listener) (stop func() error){"bridge": serveBridge, "ours": serveOurs}[args[0]]
	if !ok {
		return fmt.Errorf("unknown child %q", args[0])
	}
	if len(args) > 1 && args[1] != "" {
		f, err := os.Create(args[1])
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ln, err := listenPeer()
	if err != nil {
		return err
	}
	stop := serve(ln)
	answers := json.NewEncoder(out)
	err = answers.Encode(ln.Addr().String())
	requests := bufio.NewScanner(in)
	for err == nil && requests.Scan() {
		if requests.Text() == requestMemory {
			// Two collections, so that what pools let go in the first is gone too.
			runtime.GC()
			debug.FreeOSMemory()
		}
		err = answers.Encode(currentUsage())
	}
	if serr := stop(); err == nil {
		err = serr
	}
	return err
}

func currentUsage() usage {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	cpu, rss := systemUsage()
	return usage{CPU: cpu, Heap: m.HeapInuse, Stack: m.StackInuse, RSS: rss, Goroutines: runtime.NumGoroutine()}
}
