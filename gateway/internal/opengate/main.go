// Opengate is the gateway for tests: it lets pages listen on and connect to every address, like a
// Chrome App whose manifest permits "*". It says where it is as socketgate does, and stops when its
// standard input ends.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"

	"github.com/socketgate/socketgate/gateway"
)

// anywhere is a sockets.Policy that permits everything.
type anywhere struct{}

func (anywhere) Listen(string, netip.AddrPort) error { return nil }
func (anywhere) Connect(string, uint16) error        { return nil }
func (anywhere) Dial(netip.AddrPort) error           { return nil }

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	listeners, err := gateway.Listen(0, []string{"127.0.0.1"}, log)
	if err != nil {
		fmt.Fprintln(os.Stderr, "opengate:", err)
		os.Exit(1)
	}
	server := gateway.New(gateway.Config{Log: log, Policy: anywhere{}})
	go func() {
		// The pipe's end, or an error of it, means that the test has ended.
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Shutdown(context.Background())
	}()
	host := listeners[0].Addr()
	fmt.Printf("gateway  ws://%s/v1/ws\npage     http://%s/\nclient   http://%s/socketgate.js\n", host, host, host)
	if err := server.Serve(listeners[0]); err != nil {
		fmt.Fprintln(os.Stderr, "opengate:", err)
		os.Exit(1)
	}
}
