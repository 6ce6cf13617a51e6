//go:build !linux

package gateway

import (
	"fmt"
	"runtime"
)

// portSuspect says how to find the program that listens on port.
func portSuspect(port int) string {
	command := fmt.Sprintf("lsof -nP -iTCP:%d -sTCP:LISTEN", port)
	if runtime.GOOS == "windows" {
		command = fmt.Sprintf("netstat -ano | findstr :%d", port)
	}
	return fmt.Sprintf("perhaps another socketgate runs ('%s' shows the program)", command)
}
