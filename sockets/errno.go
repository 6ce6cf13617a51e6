package sockets

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// resultOf maps an error of the operating system to the result that Chrome shows, by number and never
// by text.
func resultOf(err error) Result {
	var result Result
	if errors.As(err, &result) {
		return result
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errnoResult(errno)
	}
	var addr *net.AddrError
	switch {
	case errors.Is(err, io.EOF):
		return ConnectionClosed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return TimedOut
	case errors.As(err, &addr):
		return AddressUnreachable
	default:
		return Failed
	}
}

func errnoResult(errno syscall.Errno) Result {
	if result, ok := errnoResults[errno]; ok {
		return result
	}
	return Failed
}
