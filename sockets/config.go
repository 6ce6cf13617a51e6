package sockets

import (
	"context"
	"crypto/x509"
	"net"
	"time"
)

// Defaults of [Config].
const (
	DefaultWindow       = 512 << 10
	DefaultMaxSockets   = 1024
	DefaultFlushTimeout = 5 * time.Second
)

// keepAliveDelay is the idle time and the interval of TCP keep-alive on every stream, as in Chrome.
const keepAliveDelay = 45 * time.Second

// Config is what a [Namespace] is made with. Zero fields mean the default.
type Config struct {
	// Events receives what happens. Required.
	Events Events
	// Policy is asked before each listen and connect. Default: [Loopback].
	Policy Policy
	// Shared bounds what all namespaces of a program use together. Default: a [Shared] of its own.
	Shared *Shared
	// Window is the credit per stream and direction in bytes.
	Window int
	// MaxSockets is how many sockets there may be, streams that are still flushing included.
	MaxSockets int
	// LastServer and LastStream are the highest ids that the page knows from a namespace before this one: ids
	// are counted on, so that none means two sockets.
	LastServer, LastStream uint32
	// RootCAs are the authorities that Secure trusts. Default: the system's.
	RootCAs *x509.CertPool
	// FlushTimeout is how long a closed stream may go without the peer taking a byte.
	FlushTimeout time.Duration
	// Listen opens a listening socket; tests put an in-memory one here. Default: the kernel's, with
	// the given backlog where the platform lets a program choose it.
	Listen func(network, address string, backlog *int32) (net.Listener, error)
	// Dial opens a connection; tests put an in-memory one here. permit is asked for each address
	// that a name stands for, right before it is dialled.
	Dial func(ctx context.Context, network, address string, permit func(address string) error) (net.Conn, error)
}

func (c Config) withDefaults() Config {
	if c.Policy == nil {
		c.Policy = Loopback{}
	}
	if c.Shared == nil {
		c.Shared = NewShared(0, 0)
	}
	if c.Window == 0 {
		c.Window = DefaultWindow
	}
	if c.MaxSockets == 0 {
		c.MaxSockets = DefaultMaxSockets
	}
	if c.FlushTimeout == 0 {
		c.FlushTimeout = DefaultFlushTimeout
	}
	if c.Listen == nil {
		c.Listen = listenTCP
	}
	if c.Dial == nil {
		c.Dial = dialTCP
	}
	return c
}
