package access

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Names of the files in a [Folder].
const (
	grantsFile  = "grants.json"
	keyFile     = "console.key"
	consoleFile = "console.json"
	auditFile   = "audit.log"
	lockFile    = "lock"
)

// maxFile is the longest file that is read, in bytes.
const maxFile = 4 << 20

// Permissions of the folder and of what is in it: nobody but the user.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

// Folder is where a user's permissions are kept. It and its files must be the user's own and no symbolic
// links, so that no other user can have put them there.
type Folder struct {
	// immutable
	path string
	// lock is held by the one gateway that writes to the folder; nil for a command that reads.
	lock *os.File
}

// DefaultFolder is where the folder is unless the user chooses another place.
func DefaultFolder() (string, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the user's configuration folder: %w; choose one with --config DIR", err)
	}
	return filepath.Join(base, "socketgate"), nil
}

// OpenFolder opens the folder at path to read it.
func OpenFolder(path string) (*Folder, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if err := checkOwn(path, info); err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", path)
	}
	return &Folder{path: path}, nil
}

// HoldFolder opens the folder at path for the one gateway that may write to it, and makes it if need be.
func HoldFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, folderMode); err != nil {
		return nil, err
	}
	f, err := OpenFolder(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Perm()&^folderMode != 0 {
		if err := os.Chmod(path, folderMode); err != nil {
			return nil, err
		}
	}
	if f.lock, err = f.open(lockFile, os.O_RDWR|os.O_CREATE); err != nil {
		return nil, err
	}
	if err := lock(f.lock); err != nil {
		_ = f.lock.Close() // the error that matters is the other one
		return nil, fmt.Errorf("%s is used by another gateway that runs; choose another folder with --config DIR: %w", path, err)
	}
	return f, nil
}

// Path returns where the folder is; of a nil folder, a word for it.
func (f *Folder) Path() string {
	if f == nil {
		return "memory"
	}
	return f.path
}

// Close lets another gateway use the folder.
func (f *Folder) Close() error {
	if f == nil || f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

// open opens a file, which must be a regular one of the user's.
func (f *Folder) open(name string, flags int) (*os.File, error) {
	path := filepath.Join(f.path, name)
	if info, err := os.Lstat(path); err == nil {
		if err := checkOwn(path, info); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, flags|noFollow, fileMode)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = checkOwn(path, info)
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err == nil && info.Mode().Perm()&^fileMode != 0 {
		err = file.Chmod(fileMode)
	}
	if err != nil {
		_ = file.Close() // the error that matters is the other one
		return nil, err
	}
	return file, nil
}

// read returns what a file holds; nothing if there is none.
func (f *Folder) read(name string) ([]byte, error) {
	file, err := f.open(name, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", file.Name(), maxFile)
	}
	return text, err
}

// write replaces a file so that after a crash it is the old or the new one, and never a part.
func (f *Folder) write(name string, text []byte) error {
	path := filepath.Join(f.path, name)
	if info, err := os.Lstat(path); err == nil {
		if err := checkOwn(path, info); err != nil {
			return err
		}
	}
	temporary, err := os.CreateTemp(f.path, name+".*") // mode 0600, and no file that is there already
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone unless something has failed
	_, err = temporary.Write(text)
	if err == nil {
		err = temporary.Sync()
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// checkOwn refuses what another user may have put there.
func checkOwn(path string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s is a symbolic link, which is not safe here; put the folder itself there", path)
	}
	if !isOwner(info) {
		return fmt.Errorf("%s belongs to another user; choose a folder of your own with --config DIR", path)
	}
	return nil
}
