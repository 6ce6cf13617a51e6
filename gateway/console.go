package gateway

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/web"
)

// Console is the port at which the user decides who may use the gateway: a page, and an API for it and for the
// commands. It has an origin of its own, and a key without which no other user of this computer, and no
// page, can decide.
type Console struct {
	// immutable
	config ConsoleConfig
	http   *http.Server
	// polls is done when those who wait for news are to be answered.
	polls  context.Context
	answer context.CancelFunc
}

// ConsoleConfig is what a [Console] is made with.
type ConsoleConfig struct {
	// Log receives what happens. Default: nothing is logged.
	Log *slog.Logger
	// Access is what the user decides about. Required.
	Access *access.Control
	// Key is what every request to the API must show. Default: one that nobody knows.
	Key string
	// Page are the files below /. Default: package web.
	Page fs.FS
}

// consolePaths are the paths of the console that change something.
var consolePaths = []knownPath{
	{http.MethodGet, statePath, ownPages},
	{http.MethodPost, keyed, ownPages},
}

// NewConsole returns a console that serves nothing yet.
func NewConsole(config ConsoleConfig) *Console {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Key == "" {
		config.Key = access.NewKey()
	}
	if config.Page == nil {
		config.Page = web.Console
	}
	c := &Console{config: config}
	c.polls, c.answer = context.WithCancel(context.Background())
	r := chi.NewRouter()
	r.Use(consoleHeaders)
	r.Get(statePath, c.getState)
	r.Group(func(r chi.Router) {
		r.Use(jsonOnly)
		r.Post("/v1/approve", c.approve)
		r.Post("/v1/deny", c.deny)
		r.Post("/v1/revoke", c.revoke)
		r.Post("/v1/allow", c.allow)
	})
	r.Method(http.MethodGet, "/*", http.FileServerFS(siteFS{config.Page}))
	c.http = newHTTPServer(&gate{next: r, control: config.Access, paths: consolePaths, key: config.Key}, config.Log)
	return c
}

// Serve answers connections of ln until Shutdown, then returns nil. It may be called for several
// listeners.
func (c *Console) Serve(ln net.Listener) error {
	if err := c.http.Serve(limitArrivals(ln, DefaultMaxArrivals)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops listening, answers those who wait, and returns when they have been answered or ctx is done.
func (c *Console) Shutdown(ctx context.Context) error {
	c.answer()
	return c.http.Shutdown(ctx)
}

// consoleHeaders keep the console from being framed, steered by the page that has opened it, or made to run
// what is not its own.
func consoleHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+
			"connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "+
			"require-trusted-types-for 'script'")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		commonHeaders(header)
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
