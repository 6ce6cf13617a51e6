//go:build !unix

package access

import (
	"io/fs"
	"os"
)

// Here the access lists of the user's profile keep others from the folder, and are inherited.

const noFollow = 0

func isOwner(fs.FileInfo) bool { return true }

func lock(*os.File) error { return nil }

func isWritableByOthers(fs.FileInfo) bool { return false }
