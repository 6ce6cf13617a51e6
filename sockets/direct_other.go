//go:build !unix

package sockets

import "errors"

// directIO is false where sockets are not descriptors that a program can try.
const directIO = false

var errNoDirectIO = errors.New("sockets: no direct input and output on this system")

func readDirect(uintptr, []byte) (int, error)  { return 0, errNoDirectIO }
func writeDirect(uintptr, []byte) (int, error) { return 0, errNoDirectIO }
func isWouldBlock(error) bool                  { return false }
