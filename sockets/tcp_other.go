//go:build !linux

package sockets

import "syscall"

// inheritsOptions is false where an accepted socket may not have the options of the listening one.
const inheritsOptions = false

func prepareListener(_, _ string, _ syscall.RawConn) error { return nil }
