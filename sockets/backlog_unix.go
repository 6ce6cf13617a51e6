//go:build linux || darwin

package sockets

import (
	"net"
	"os"
	"syscall"
)

// setBacklog changes how many connections may wait to be accepted. A second listen(2) on a listening
// socket does that on Linux and macOS; a negative number is the kernel's maximum.
func setBacklog(ln *net.TCPListener, backlog int) error {
	raw, err := ln.SyscallConn()
	if err != nil {
		return err
	}
	var listenErr error
	err = raw.Control(func(fd uintptr) {
		listenErr = os.NewSyscallError("listen", syscall.Listen(int(fd), backlog))
	})
	if err != nil {
		return err
	}
	return listenErr
}
