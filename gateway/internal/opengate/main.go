// Opengate is the gateway for tests: it lets pages listen on and connect to what patterns permit, every
// address by default, like a Chrome App with that manifest. It says where it is as socketgate does, and
// stops when its standard input ends.
//
//	opengate [-listen PATTERN]... [-connect PATTERN]... [-nothing]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/sockets"
)

// patterns is a flag that may be given several times.
type patterns []sockets.Pattern

func (p *patterns) String() string { return fmt.Sprint(*p) }

func (p *patterns) Set(text string) error {
	pattern, err := sockets.ParsePattern(text)
	*p = append(*p, pattern)
	return err
}

func main() {
	var listen, connect patterns
	flag.Var(&listen, "listen", "permit listening on `host:port`")
	flag.Var(&connect, "connect", "permit connecting to `host:port`")
	nothing := flag.Bool("nothing", false, "permit nothing but the patterns")
	flag.Parse()
	if len(listen)+len(connect) == 0 && !*nothing {
		listen, connect = patterns{{}}, patterns{{}}
	}
	if err := run(sockets.Manifest{ListenPatterns: listen, ConnectPatterns: connect}); err != nil {
		fmt.Fprintln(os.Stderr, "opengate:", err)
		os.Exit(1)
	}
}

func run(policy sockets.Policy) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	listeners, err := gateway.Listen(0, []string{"127.0.0.1"}, gateway.PortSetting{}, log)
	if err != nil {
		return err
	}
	control, err := access.NewControl(access.Config{Everyone: policy})
	if err != nil {
		return err
	}
	server := gateway.New(gateway.Config{Log: log, Access: control})
	go func() {
		// The pipe's end, or an error of it, means that the test has ended.
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Shutdown(context.Background())
	}()
	host := listeners[0].Addr()
	fmt.Printf("gateway  ws://%s/v1/ws\npage     http://%s/\nclient   http://%s/socketgate.js\n", host, host, host)
	return server.Serve(listeners[0])
}
