package gateway

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// portSuspect says which program listens on port, as far as this user may know.
func portSuspect(port int) string {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		inode := listenerInode(table, port)
		if inode == "" {
			continue
		}
		if name, pid := socketOwner(inode); name != "" {
			return fmt.Sprintf("%s (process %s) listens on it", name, pid)
		}
	}
	return fmt.Sprintf("perhaps another socketgate runs, or a program of another user ('ss -ltnp sport = :%d' as root shows it)", port)
}

// listenerInode finds the socket that listens on port in a table of the kernel (proc_net_tcp(5)).
func listenerInode(table string, port int) string {
	const stateListen = "0A"
	text, err := os.ReadFile(table)
	if err != nil {
		return ""
	}
	suffix := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) > 9 && strings.HasSuffix(fields[1], suffix) && fields[3] == stateListen {
			return fields[9]
		}
	}
	return ""
}

// socketOwner looks for the process that has a socket open. It sees only this user's processes.
func socketOwner(inode string) (name, pid string) {
	descriptors, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return "", ""
	}
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err != nil || target != "socket:["+inode+"]" {
			continue
		}
		process := filepath.Dir(filepath.Dir(descriptor))
		if comm, err := os.ReadFile(filepath.Join(process, "comm")); err == nil {
			return strings.TrimSpace(string(comm)), filepath.Base(process)
		}
	}
	return "", ""
}
