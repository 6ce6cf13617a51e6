package gateway

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"

	"github.com/socketgate/socketgate/sockets"
)

// Server is a gateway: its HTTP server, and the sessions of the pages that are connected to it.
type Server struct {
	// immutable
	config   Config
	http     *http.Server
	registry *registry
	shared   *sockets.Shared

	mu sync.Mutex // guards the fields below
	// sites are the HTTP servers of ServeSite.
	sites []*http.Server
	// pagePorts are those whose pages the gateway serves itself.
	pagePorts []uint16
	// forbidden are the ports that no page may reach through the gateway: all of its own.
	forbidden []uint16
}

// New returns a gateway that serves nothing yet.
func New(config Config) *Server {
	s := &Server{config: config.withDefaults()}
	s.registry = newRegistry(s.config.MaxSessions, s.config.MaxDetached)
	s.shared = sockets.NewShared(s.config.MaxSocketsInAll, s.config.MaxBuffered)
	s.http = newHTTPServer(s.handler(s.config.Page), s.config.Log)
	return s
}

// newHTTPServer returns a server with the bounds that every port has. Its listeners must be arrivals.
func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: silenceTimeout, // arrivals shorten it when a header has begun
		IdleTimeout:       silenceTimeout,
		WriteTimeout:      answerTimeout, // a WebSocket has times of its own
		MaxHeaderBytes:    maxHeader,
		// The gate answers OPTIONS * like all else.
		DisableGeneralOptionsHandler: true,
		ConnState:                    noteState,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// Serve answers connections of ln until Shutdown, then returns nil. It may be called for several
// listeners.
func (s *Server) Serve(ln net.Listener) error { return s.serve(s.http, ln) }

// ServeSite is Serve for a port at which files stand in the place of the gateway's own page. They have an
// origin of their own, with the rights of that page.
func (s *Server) ServeSite(ln net.Listener, files fs.FS) error {
	site := newHTTPServer(s.siteHandler(files), s.config.Log)
	s.mu.Lock()
	s.sites = append(s.sites, site)
	s.mu.Unlock()
	return s.serve(site, ln)
}

func (s *Server) serve(server *http.Server, ln net.Listener) error {
	if tcp, ok := ln.Addr().(*net.TCPAddr); ok {
		port := uint16(tcp.Port)
		s.Forbid(port)
		s.mu.Lock()
		s.pagePorts = append(s.pagePorts, port)
		s.mu.Unlock()
	}
	if err := server.Serve(limitArrivals(ln, s.config.MaxArrivals)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Forbid keeps pages from a port of this computer, whatever they are permitted: the console's.
func (s *Server) Forbid(port uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forbidden = append(s.forbidden, port)
}

// Shutdown stops listening, closes every connection with 1001 and waits until all sessions have ended or
// ctx is done.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	sites := slices.Clone(s.sites)
	s.mu.Unlock()
	err := s.http.Shutdown(ctx)
	for _, site := range sites {
		err = errors.Join(err, site.Shutdown(ctx))
	}
	return errors.Join(err, s.registry.shutdown(ctx))
}

// ownPorts are those whose pages the gateway serves itself.
func (s *Server) ownPorts() []uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pagePorts)
}

// forbiddenPorts are those that no page may reach.
func (s *Server) forbiddenPorts() []uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.forbidden)
}
