package gateway

import (
	"context"
	"errors"
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
	// ports are the gateway's own, which no page may reach through it.
	ports []uint16
}

// New returns a gateway that serves nothing yet.
func New(config Config) *Server {
	s := &Server{config: config.withDefaults()}
	s.registry = newRegistry(s.config.MaxSessions)
	s.shared = sockets.NewShared(s.config.MaxSocketsInAll, s.config.MaxBuffered)
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       headerTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers connections of ln until Shutdown, then returns nil. It may be called for several
// listeners.
func (s *Server) Serve(ln net.Listener) error {
	if tcp, ok := ln.Addr().(*net.TCPAddr); ok {
		s.mu.Lock()
		s.ports = append(s.ports, uint16(tcp.Port))
		s.mu.Unlock()
	}
	if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops listening, closes every connection with 1001 and waits until all sessions have ended or
// ctx is done.
func (s *Server) Shutdown(ctx context.Context) error {
	return errors.Join(s.http.Shutdown(ctx), s.registry.shutdown(ctx))
}

// policy is what decides for a new session.
func (s *Server) policy() sockets.Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sockets.Guard{Policy: s.config.Policy, Ports: slices.Clone(s.ports)}
}
