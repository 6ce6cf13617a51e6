package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Bounds of the audit's files.
const (
	auditSize = 1 << 20 // bytes of one file
	auditKept = 3       // files beside the one that is written
)

// rotating is a file that is put aside when it is long enough. It belongs to the audit's goroutine.
type rotating struct {
	folder *Folder
	file   *os.File // nil until something is written
	size   int64
}

// append writes lines to the end.
func (r *rotating) append(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if r.file == nil {
		if err := r.open(); err != nil {
			return err
		}
	}
	if r.size+int64(len(text)) > auditSize && r.size > 0 {
		if err := r.rotate(); err != nil {
			return err
		}
	}
	n, err := r.file.Write(text)
	r.size += int64(n)
	return err
}

func (r *rotating) open() error {
	file, err := r.folder.open(auditFile, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close() // the error that matters is the other one
		return err
	}
	r.file, r.size = file, info.Size()
	return nil
}

// rotate renames audit.log to audit.log.1, that to audit.log.2, and so on. The last is overwritten.
func (r *rotating) rotate() error {
	if err := r.close(); err != nil {
		return err
	}
	for i := auditKept; i > 0; i-- {
		from := auditFile
		if i > 1 {
			from = fmt.Sprintf("%s.%d", auditFile, i-1)
		}
		to := fmt.Sprintf("%s.%d", auditFile, i)
		err := os.Rename(filepath.Join(r.folder.path, from), filepath.Join(r.folder.path, to))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return r.open()
}

func (r *rotating) close() error {
	if r.file == nil {
		return nil
	}
	file := r.file
	r.file, r.size = nil, 0
	return file.Close()
}
