package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
)

// program is a gateway with its console, and what they keep.
type program struct {
	// immutable after start
	log     *slog.Logger
	folder  *access.Folder // nil if permissions are kept in memory
	control *access.Control
	server  *gateway.Server
	console *gateway.Console
	app     *os.Root // what --serve serves; nil if nothing
	key     string
	// running counts the goroutines that serve a listener; each ends with one value in served.
	running int
	served  chan error
}

var loopback = []string{"127.0.0.1", "::1"}

// start opens what the options say and begins to serve. It greets on stdout.
func start(o options, log *slog.Logger, stdout io.Writer) (p *program, err error) {
	p = &program{log: log, served: make(chan error)}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close(context.Background()))
		}
	}()
	roots, err := rootCAs(o.ca)
	if err != nil {
		return p, err
	}
	if err := p.decideAccess(o); err != nil {
		return p, err
	}
	hosts := loopback
	if o.bind != "" {
		hosts = []string{o.bind}
		log.Warn("listening beyond loopback: whoever reaches this address can say that it is a page of the policy file", "bind", o.bind)
	}
	gates, err := gateway.Listen(o.port, hosts, portSetting, log)
	if err != nil {
		return p, err
	}
	desks, err := gateway.Listen(o.consolePort, loopback, consoleSetting, log)
	if err != nil {
		return p, errors.Join(err, closeAll(gates))
	}
	var sites []net.Listener
	if o.serve != "" {
		if p.app, err = os.OpenRoot(o.serve); err == nil {
			sites, err = gateway.Listen(o.servePort, loopback, serveSetting, log)
		}
		if err != nil {
			return p, errors.Join(fmt.Errorf("--serve: %w", err), closeAll(gates), closeAll(desks))
		}
	}
	p.serve(o, roots, gates, desks, sites)
	greet(stdout, o, p.key, gates, desks, sites)
	return p, nil
}

// decideAccess opens the user's permissions.
func (p *program) decideAccess(o options) error {
	var policy *access.PolicyFile
	var err error
	if o.policy != "" {
		if policy, err = access.ReadPolicyFile(o.policy); err != nil {
			return fmt.Errorf("--policy: %w", err)
		}
	}
	if p.folder, err = holdFolder(o.config); err != nil {
		p.log.Warn("permissions are kept in memory, until the gateway stops", "err", err)
	}
	p.control, err = access.NewControl(access.Config{
		Log: p.log, Folder: p.folder, Dev: o.dev, Policy: policy, NoOwnPage: o.bind != "",
	})
	if err != nil {
		return err
	}
	p.key = access.NewKey()
	if p.folder != nil {
		if p.key, err = p.folder.ConsoleKey(); err != nil {
			return fmt.Errorf("the console's key: %w", err)
		}
	}
	return nil
}

func holdFolder(path string) (*access.Folder, error) {
	if path == "" {
		var err error
		if path, err = access.DefaultFolder(); err != nil {
			return nil, err
		}
	}
	return access.HoldFolder(path)
}

// serve begins to serve all listeners.
func (p *program) serve(o options, roots *x509.CertPool, gates, desks, sites []net.Listener) {
	consoleURL := "http://" + address(desks[0])
	p.server = gateway.New(gateway.Config{
		Log: p.log, RootCAs: roots, Access: p.control, ConsoleURL: consoleURL,
		DetachedLife: o.detachedLife, PersistentLife: o.persistentLife,
	})
	p.server.Forbid(uint16(desks[0].Addr().(*net.TCPAddr).Port))
	p.console = gateway.NewConsole(gateway.ConsoleConfig{Log: p.log, Access: p.control, Key: p.key})
	for _, ln := range gates {
		p.run(func() error { return p.server.Serve(ln) })
	}
	for _, ln := range desks {
		p.run(func() error { return p.console.Serve(ln) })
	}
	for _, ln := range sites {
		p.run(func() error { return p.server.ServeSite(ln, p.app.FS()) })
	}
	if p.folder != nil {
		if err := p.folder.NoteConsole(consoleURL); err != nil {
			p.log.Warn("commands will not find this gateway", "err", err)
		}
	}
}

// run serves one listener, until close.
func (p *program) run(serve func() error) {
	p.running++
	go func() { p.served <- serve() }()
}

// wait returns when the context is done, or a listener has failed.
func (p *program) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.served:
		p.running--
		return err
	}
}

// close ends everything in the order in which it depends on each other.
func (p *program) close(ctx context.Context) error {
	var err error
	if p.server != nil {
		err = errors.Join(p.server.Shutdown(ctx), p.console.Shutdown(ctx))
	}
	for ; p.running > 0; p.running-- {
		err = errors.Join(err, <-p.served)
	}
	if p.app != nil {
		err = errors.Join(err, p.app.Close())
	}
	if p.control != nil {
		err = errors.Join(err, p.control.Close(ctx))
	}
	if p.folder != nil {
		if p.server != nil {
			err = errors.Join(err, p.folder.ForgetConsole())
		}
		err = errors.Join(err, p.folder.Close())
	}
	return err
}

func closeAll(listeners []net.Listener) error {
	var err error
	for _, ln := range listeners {
		err = errors.Join(err, ln.Close())
	}
	return err
}

// address is where a listener is reached from this computer.
func address(ln net.Listener) string {
	if tcp, ok := ln.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return ln.Addr().String()
}

// greet prints where everything is.
func greet(w io.Writer, o options, key string, gates, desks, sites []net.Listener) {
	host := address(gates[0])
	fmt.Fprintf(w, "gateway  ws://%s/v1/ws\n", host)
	fmt.Fprintf(w, "page     http://%s/\n", host)
	fmt.Fprintf(w, "client   http://%s/socketgate.js\n", host)
	fmt.Fprintf(w, "console  http://%s/#key=%s\n", address(desks[0]), key)
	if len(sites) > 0 {
		fmt.Fprintf(w, "app      http://%s/\n", address(sites[0]))
	}
	if o.dev {
		fmt.Fprintln(w, "dev      every page of this computer may use loopback addresses, without asking, until this program ends")
	}
}
