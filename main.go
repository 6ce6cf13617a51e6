// Socketgate lets web pages open and accept TCP connections with chrome.sockets.tcpServer and
// chrome.sockets.tcp. It listens on this machine's loopback addresses; see README.md.
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/socketgate/socketgate/gateway"
)

const defaultPort = 7717

// shutdownTimeout is how long sessions may take to flush their last bytes after a signal.
const shutdownTimeout = 10 * time.Second

func main() {
	err := run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "socketgate:", err)
		os.Exit(1)
	}
}

// options are what the user may choose.
type options struct {
	port    int
	bind    string
	ca      string
	verbose bool
}

func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	o := options{port: defaultPort}
	if text := getenv("SOCKETGATE_PORT"); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil {
			return o, fmt.Errorf("SOCKETGATE_PORT is %q; it must be a port number, or 0 for any free port", text)
		}
		o.port = port
	}
	flags := flag.NewFlagSet("socketgate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.port, "port", o.port, "TCP `port` of the gateway, 0 for any free one (environment: SOCKETGATE_PORT)")
	flags.StringVar(&o.bind, "insecure-bind", "",
		"listen on this `address` instead of 127.0.0.1 and ::1; only for containers whose port is published on 127.0.0.1")
	flags.StringVar(&o.ca, "ca", "",
		"PEM `file` with certificate authorities that tcp.secure trusts beside the system's")
	flags.BoolVar(&o.verbose, "verbose", false, "log every connection")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see --help", flags.Arg(0))
	}
	if o.port < 0 || o.port > 65535 {
		return o, fmt.Errorf("port is %d; it must be 0 to 65535", o.port)
	}
	return o, nil
}

func run(args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, getenv, stderr)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))

	hosts := []string{"127.0.0.1", "::1"}
	if o.bind != "" {
		hosts = []string{o.bind}
		log.Warn("listening beyond loopback: whoever reaches this address can open sessions", "bind", o.bind)
	}
	roots, err := rootCAs(o.ca)
	if err != nil {
		return err
	}
	listeners, err := gateway.Listen(o.port, hosts, log)
	if err != nil {
		return err
	}

	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := gateway.New(gateway.Config{Log: log, RootCAs: roots})
	served := make(chan error, len(listeners))
	for _, ln := range listeners {
		go func() { served <- server.Serve(ln) }()
	}
	greet(stdout, listeners[0])

	running := len(listeners)
	select {
	case <-interrupted.Done():
	case err = <-served:
		running--
	}
	stop() // a second signal ends the program at once
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ctx))
	for range running {
		err = errors.Join(err, <-served)
	}
	return err
}

// rootCAs returns the system's certificate authorities and those of a file; nil for the system's alone.
func rootCAs(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificate authorities: %w", err)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca: %s holds no certificate in PEM form", file)
	}
	return roots, nil
}

// greet prints where everything is.
func greet(w io.Writer, ln net.Listener) {
	host := ln.Addr().String()
	if tcp, ok := ln.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	fmt.Fprintf(w, "gateway  ws://%s/v1/ws\n", host)
	fmt.Fprintf(w, "page     http://%s/\n", host)
	fmt.Fprintf(w, "client   http://%s/socketgate.js\n", host)
}
