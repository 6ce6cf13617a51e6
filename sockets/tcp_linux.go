package sockets

import (
	"syscall"
)

// inheritsOptions: on Linux an accepted socket has the options of the listening one, which saves system
// calls for each connection.
const inheritsOptions = true

// prepareListener sets, before bind, what accepted sockets shall have.
func prepareListener(_, _ string, raw syscall.RawConn) error {
	var err error
	seconds := int(keepAliveDelay.Seconds())
	controlErr := raw.Control(func(fd uintptr) {
		for _, option := range []struct{ level, name, value int }{
			{syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
			{syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, seconds},
			{syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, seconds},
		} {
			if e := syscall.SetsockoptInt(int(fd), option.level, option.name, option.value); e != nil && err == nil {
				err = e
			}
		}
	})
	if controlErr != nil {
		return controlErr
	}
	return err
}
