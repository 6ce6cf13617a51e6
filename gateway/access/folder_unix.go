//go:build unix

package access

import (
	"io/fs"
	"os"
	"syscall"
)

// noFollow keeps open from following a symbolic link.
const noFollow = syscall.O_NOFOLLOW

// isOwner says whether a file is this user's.
func isOwner(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// lock takes the file for this process, until it is closed.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// isWritableByOthers says whether other users may change a file.
func isWritableByOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }
