package sockets

import (
	"context"
	"net"
	"syscall"
)

var keepAlive = net.KeepAliveConfig{Enable: true, Idle: keepAliveDelay, Interval: keepAliveDelay}

// listenTCP is the default of Config.Listen.
func listenTCP(network, address string, backlog *int32) (net.Listener, error) {
	config := net.ListenConfig{Control: prepareListener, KeepAliveConfig: keepAlive}
	if inheritsOptions {
		config.KeepAlive, config.KeepAliveConfig = -1, net.KeepAliveConfig{}
	}
	ln, err := config.Listen(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	if backlog != nil {
		if err := setBacklog(ln.(*net.TCPListener), int(*backlog)); err != nil {
			_ = ln.Close() // the error that matters is the other one
			return nil, err
		}
	}
	return ln, nil
}

// dialTCP is the default of Config.Dial. All addresses of a name are tried (Happy Eyeballs, RFC 6555,
// as the standard library does it).
func dialTCP(ctx context.Context, network, address string, permit func(address string) error) (net.Conn, error) {
	dialer := net.Dialer{
		KeepAliveConfig: keepAlive,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return permit(address)
		},
	}
	return dialer.DialContext(ctx, network, address)
}
