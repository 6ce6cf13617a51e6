package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// keyBytes is how many random bytes the console's key has.
const keyBytes = 24

// ErrNotRunning means that no gateway has noted where its console is.
var ErrNotRunning = errors.New("no gateway runs that keeps its permissions here")

// NewKey returns a console key that is kept nowhere.
func NewKey() string { return newSecret(keyBytes) }

// ConsoleKey returns the key to the console. It stays the same, so that the console's page may remember it.
func (f *Folder) ConsoleKey() (string, error) {
	text, err := f.read(keyFile)
	if err != nil {
		return "", err
	}
	if key := strings.TrimSpace(string(text)); len(key) == len(NewKey()) {
		return key, nil
	}
	key := NewKey()
	return key, f.write(keyFile, []byte(key+"\n"))
}

// note says where the console of the gateway that runs is.
type note struct {
	Console string `json:"console"` // its URL
	Process int    `json:"process"`
}

// NoteConsole notes where the console is, for the commands that talk to it.
func (f *Folder) NoteConsole(url string) error {
	text, err := json.Marshal(note{url, os.Getpid()})
	if err != nil {
		return err
	}
	return f.write(consoleFile, append(text, '\n'))
}

// ForgetConsole removes the note.
func (f *Folder) ForgetConsole() error {
	return os.Remove(filepath.Join(f.path, consoleFile))
}

// Console returns what a command needs to talk to the gateway that runs. The error is [ErrNotRunning], or
// says what is wrong with the folder.
func (f *Folder) Console() (url, key string, err error) {
	text, err := f.read(consoleFile)
	if err != nil {
		return "", "", err
	}
	if text == nil {
		return "", "", ErrNotRunning
	}
	var n note
	if err := json.Unmarshal(text, &n); err != nil {
		return "", "", fmt.Errorf("read %s in %s: %w", consoleFile, f.path, err)
	}
	text, err = f.read(keyFile)
	return n.Console, strings.TrimSpace(string(text)), err
}
