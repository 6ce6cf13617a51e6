//go:build !linux && !darwin

package sockets

import "net"

// setBacklog does nothing here: the system's own maximum is in force.
func setBacklog(*net.TCPListener, int) error { return nil }
