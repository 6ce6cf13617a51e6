package main

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/sockets"
)

// maxSockets lets one session have the connections of the largest figure.
const maxSockets = 8192

// stopTimeout is how long the gateway may take to end its sessions.
const stopTimeout = 10 * time.Second

// serveOurs runs the gateway with its defaults, apart from the number of sockets.
func serveOurs(ln net.Listener) (stop func() error) {
	everyone, _ := access.NewControl(access.Config{Everyone: sockets.Loopback{}}) // it fails only with a folder
	srv := gateway.New(gateway.Config{MaxSockets: maxSockets, MaxSocketsInAll: maxSockets, Access: everyone})
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		return errors.Join(srv.Shutdown(ctx), <-done)
	}
}
