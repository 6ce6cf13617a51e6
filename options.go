package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/command"
)

// Ports that are taken unless the user chooses others.
const (
	defaultPort        = 7717
	defaultConsolePort = 7718
	defaultServePort   = 7719
)

// How the user chooses the ports.
var (
	portSetting    = gateway.PortSetting{Flag: "--port", Environment: "SOCKETGATE_PORT"}
	consoleSetting = gateway.PortSetting{Flag: "--console-port", Environment: "SOCKETGATE_CONSOLE_PORT"}
	serveSetting   = gateway.PortSetting{Flag: "--serve-port", Environment: "SOCKETGATE_SERVE_PORT"}
)

// options are what the user may choose.
type options struct {
	port, consolePort, servePort int
	bind                         string
	ca                           string
	config                       string
	policy                       string
	serve                        string
	dev                          bool
	verbose                      bool
	// how long a session without a connection waits for its page
	detachedLife, persistentLife time.Duration
}

func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	o := options{port: defaultPort, consolePort: defaultConsolePort, servePort: defaultServePort}
	flags := flag.NewFlagSet("socketgate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Usage: socketgate [flags], or socketgate COMMAND, which talks to the gateway that runs:")
		command.Help(stderr)
		fmt.Fprintln(stderr, "Flags:")
		flags.PrintDefaults()
	}
	ports := []struct {
		port    *int
		setting gateway.PortSetting
		what    string
	}{
		{&o.port, portSetting, "the gateway"},
		{&o.consolePort, consoleSetting, "the console, where you decide who may use the gateway"},
		{&o.servePort, serveSetting, "the files of --serve"},
	}
	for _, p := range ports {
		if err := fromEnvironment(p.port, p.setting, getenv); err != nil {
			return o, err
		}
		flags.IntVar(p.port, p.setting.Flag[2:], *p.port,
			fmt.Sprintf("TCP `port` of %s, 0 for any free one (environment: %s)", p.what, p.setting.Environment))
	}
	flags.StringVar(&o.config, "config", "", "`folder` where permissions are kept (default: in the user's configuration folder)")
	flags.StringVar(&o.policy, "policy", "", "JSON `file` with origins that are permitted beforehand; others are then turned away")
	flags.StringVar(&o.serve, "serve", "", "serve the files of this `folder` at a port of their own, as pages that may use loopback addresses")
	flags.BoolVar(&o.dev, "dev", false, "let every page of this computer use loopback addresses without asking; for development")
	flags.StringVar(&o.bind, "insecure-bind", "",
		"listen on this `address` instead of 127.0.0.1 and ::1; only for containers whose port is published on 127.0.0.1; needs --policy")
	flags.StringVar(&o.ca, "ca", "",
		"PEM `file` with certificate authorities that tcp.secure trusts beside the system's")
	flags.DurationVar(&o.detachedLife, "detached-life", gateway.DefaultDetachedLife,
		"how long the sockets of a page whose connection is gone wait for it; at least 1s")
	flags.DurationVar(&o.persistentLife, "persistent-life", gateway.DefaultPersistentLife,
		"the same for a page with persistent sockets, which may also be loaded again")
	flags.BoolVar(&o.verbose, "verbose", false, "log every connection")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see --help", flags.Arg(0))
	}
	for _, p := range ports {
		if *p.port < 0 || *p.port > 65535 {
			return o, fmt.Errorf("%s is %d; it must be 0 to 65535", p.setting.Flag[2:], *p.port)
		}
	}
	if min(o.detachedLife, o.persistentLife) < time.Second {
		return o, errors.New("--detached-life and --persistent-life must be at least 1s")
	}
	return o, o.checkSafe()
}

// fromEnvironment reads a port from its environment variable, if that is set.
func fromEnvironment(port *int, setting gateway.PortSetting, getenv func(string) string) error {
	text := getenv(setting.Environment)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%s is %q; it must be a port number, or 0 for any free port", setting.Environment, text)
	}
	*port = n
	return nil
}

// checkSafe refuses settings that would let everybody in who reaches the address.
func (o options) checkSafe() error {
	switch {
	case o.bind == "":
		return nil
	case o.policy == "":
		return errors.New("--insecure-bind lets others than this computer's user reach the gateway, so say with --policy FILE which pages may use it")
	case o.dev:
		return errors.New("--insecure-bind and --dev together would let everybody in; leave one of them out")
	case o.serve != "":
		return errors.New("--insecure-bind and --serve do not go together; serve the files with a web server, and permit their origin with --policy")
	}
	return nil
}
