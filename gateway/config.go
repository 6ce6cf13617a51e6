package gateway

import (
	"crypto/x509"
	"io/fs"
	"log/slog"
	"time"

	"github.com/socketgate/socketgate/gateway/access"
	jsclient "github.com/socketgate/socketgate/js-client"
	"github.com/socketgate/socketgate/rpc"
	"github.com/socketgate/socketgate/sockets"
	"github.com/socketgate/socketgate/web"
)

// Defaults of [Config].
const (
	DefaultMaxSessions    = 256
	DefaultMaxDetached    = 64
	DefaultDetachedLife   = time.Minute
	DefaultPersistentLife = 24 * time.Hour
	DefaultMaxFrame       = 256 << 10
	DefaultMaxText        = 64 << 10
	DefaultMaxArrivals    = 64
	// DefaultMaxSocketsOfOrigin is raised to MaxSockets where that is more.
	DefaultMaxSocketsOfOrigin = 2048
	DefaultOpenTimeout        = 10 * time.Second
	DefaultPingInterval       = 20 * time.Second
	DefaultPeerTimeout        = 50 * time.Second
)

// Times that are not settings.
const (
	// silenceTimeout is how long a connection may stay without a byte, or idle between requests. A
	// browser may hold one open while it asks its user for permission, so it is long.
	silenceTimeout = 120 * time.Second
	// headerTimeout is how long the rest of a request's header may take after its first byte.
	headerTimeout = 10 * time.Second
	// answerTimeout is how long a client may take to read an answer that is no WebSocket.
	answerTimeout = 45 * time.Second
	// writeTimeout is how long one write to a WebSocket may take.
	writeTimeout = 10 * time.Second
	// closeTimeout is how long the page has to answer a close frame.
	closeTimeout = 2 * time.Second
	// supersedeTimeout is how long a connection that is superseded may take to be told so. Its page waits, on
	// the new one; if the network of the old one is gone, that is all it waits for.
	supersedeTimeout = 500 * time.Millisecond
)

// maxHeader is the longest request header, in bytes.
const maxHeader = 16 << 10

// Bounds of the text that waits for a page. Beyond them the page is too slow to be served.
const (
	maxOutboxBytes    = 1 << 20
	maxOutboxMessages = 4096
)

// Config is what a [Server] is made with. Zero fields mean the default.
type Config struct {
	// Log receives what happens. Default: nothing is logged.
	Log *slog.Logger
	// Access decides who may do what. The gateway's own ports are denied in any case. Default: the gateway's
	// own page may use loopback addresses, others may ask, and nothing is kept.
	Access *access.Control
	// ConsoleURL is where the user decides about requests, as pages are told. Default: nowhere.
	ConsoleURL string
	// MaxArrivals is how many connections of a port may be without a request.
	MaxArrivals int
	// MaxSessions is how many sessions there may be. Beyond, the oldest that is detached has to go.
	MaxSessions int
	// MaxDetached is how many of them may be without a connection. Beyond, the oldest has to go, those with
	// persistent sockets last.
	MaxDetached int
	// DetachedLife is how long a session waits for its page to come back, and PersistentLife how long one with
	// persistent sockets does.
	DetachedLife, PersistentLife time.Duration
	// MaxSessionsOfOrigin is how many of them one origin may have.
	MaxSessionsOfOrigin int
	// MaxSocketsOfOrigin is how many sockets all sessions of one origin may have together.
	MaxSocketsOfOrigin int
	// MaxSockets is how many sockets a session may have.
	MaxSockets int
	// MaxSocketsInAll is how many sockets all sessions may have together.
	MaxSocketsInAll int
	// MaxBuffered is how many bytes all streams may have waiting together.
	MaxBuffered int
	// Window is the credit per stream and direction in bytes.
	Window int
	// MaxFrame is the longest binary message in bytes, at least [sockets.MinFrame].
	MaxFrame int
	// MaxText is the longest text message of a page in bytes, at most MaxFrame.
	MaxText int
	// RootCAs are the authorities that tcp.secure trusts. Default: the system's.
	RootCAs *x509.CertPool
	// OpenTimeout is how long a connection may stay without a session.
	OpenTimeout time.Duration
	// PingInterval is the time between pings.
	PingInterval time.Duration
	// PeerTimeout is how long a connection may be silent, answers to pings included.
	PeerTimeout time.Duration
	// Page are the files below /. Default: package web.
	Page fs.FS
	// Client are the files of the browser client. Default: package jsclient.
	Client fs.FS
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Access == nil {
		// It fails only where it has a folder to read.
		c.Access, _ = access.NewControl(access.Config{Log: c.Log})
	}
	setDefault(&c.MaxArrivals, DefaultMaxArrivals)
	setDefault(&c.MaxSessions, DefaultMaxSessions)
	setDefault(&c.MaxDetached, DefaultMaxDetached)
	setDefault(&c.DetachedLife, DefaultDetachedLife)
	setDefault(&c.PersistentLife, DefaultPersistentLife)
	setDefault(&c.MaxSockets, sockets.DefaultMaxSockets)
	setDefault(&c.MaxSessionsOfOrigin, access.DefaultMaxSessions)
	setDefault(&c.MaxSocketsOfOrigin, max(DefaultMaxSocketsOfOrigin, c.MaxSockets))
	setDefault(&c.Window, sockets.DefaultWindow)
	setDefault(&c.MaxFrame, DefaultMaxFrame)
	setDefault(&c.MaxText, DefaultMaxText)
	setDefault(&c.OpenTimeout, DefaultOpenTimeout)
	setDefault(&c.PingInterval, DefaultPingInterval)
	setDefault(&c.PeerTimeout, DefaultPeerTimeout)
	if c.Page == nil {
		c.Page = web.Files
	}
	if c.Client == nil {
		c.Client = jsclient.Files
	}
	return c
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// rpcLimits are the limits of the JSON-RPC layer that session.open tells the page.
var rpcLimits = rpc.Limits{MaxBatch: 50, MaxCalls: 256}
