//go:build unix

package sockets

import (
	"errors"
	"syscall"
)

// directIO says that readDirect and writeDirect never wait: Go's descriptors are non-blocking here.
const directIO = true

func readDirect(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

func writeDirect(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Write(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

func isWouldBlock(err error) bool {
	return errors.Is(err, syscall.EAGAIN)
}
