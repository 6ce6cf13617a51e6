// Bench measures the gateway against two baselines, in one run and turn by turn:
//
//	raw     a TCP connection over loopback with nothing in between
//	bridge  the least a WebSocket bridge can be: one TCP connection, one WebSocket, no JSON
//	ours    the gateway, with the wire client as its page
//
// The gateway and the bridge each run in a child process of their own (this program again), so that
// memory and CPU time are theirs alone; the TCP peers and the pages are in the parent. README.md says
// what each figure means. At the end the client is measured in a browser, see js-client/bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == childCommand {
		if err := childMain(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench child:", err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == peerCommand {
		if err := peerMain(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench peer:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	only       *regexp.Regexp
	rounds     int
	trial      time.Duration
	timeout    time.Duration
	cpuProfile string
	page       pageMode
}

func parse(args []string, out io.Writer) (settings, error) {
	s := settings{page: pageAuto}
	var only string
	var seconds float64
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(out)
	fs.StringVar(&only, "only", "", "measure only figures whose name matches this `regexp`")
	fs.IntVar(&s.rounds, "rounds", 7, "rounds; each measures every subject once, the median is shown")
	fs.Float64Var(&seconds, "seconds", 0.3, "length of one measurement")
	fs.DurationVar(&s.timeout, "timeout", 6*time.Minute, "give up after this time")
	fs.StringVar(&s.cpuProfile, "cpuprofile", "", "write a CPU profile of the gateway's process to this `file`")
	fs.Var(&s.page, "page", "measure the client in a browser at the end: auto (if it can be done), on or off")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	if s.rounds < 1 || seconds <= 0 {
		return s, fmt.Errorf("rounds and seconds must be more than 0")
	}
	s.trial = time.Duration(seconds * float64(time.Second))
	var err error
	s.only, err = regexp.Compile(only)
	return s, err
}

// run measures what the arguments ask for and prints the table, one row as soon as it is known.
func run(ctx context.Context, args []string, out io.Writer) error {
	set, err := parse(args, out)
	if err != nil {
		return err
	}
	// When the time is over the children are killed, which fails whatever waits for them.
	ctx, cancel := context.WithTimeoutCause(ctx, set.timeout, fmt.Errorf("not done after %v", set.timeout))
	defer cancel()
	subjects, err := startSubjects(ctx, set.cpuProfile)
	if err != nil {
		return err
	}
	t := newTable(out)
	for _, f := range figures() {
		if !set.only.MatchString(f.name) {
			continue
		}
		if err = f.measure(ctx, subjects, set, t); err != nil {
			err = fmt.Errorf("%s: %w", f.name, err)
			break
		}
	}
	t.end()
	for _, s := range subjects {
		if cerr := s.close(); err == nil {
			err = cerr
		}
	}
	if err == nil {
		err = measurePage(ctx, set, out)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return err
}
