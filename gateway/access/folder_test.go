package access

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func holdFolder(t *testing.T, path string) *Folder {
	t.Helper()
	f, err := HoldFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // some tests close it themselves
	return f
}

// TestGrantsAreKept: across programs, with hashes only, and not those for the session.
func TestGrantsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config", "socketgate")
	folder := holdFolder(t, path)
	c, err := NewControl(Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	w := &tester{t, c}
	credential := w.grant(kiosk, loopbackManifest, Always)
	forgotten := w.grant("https://once.example", loopbackManifest, ForSession)
	r, _ := w.ask("https://evil.example", loopbackManifest)
	if err := c.Deny(r.Code(), true); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Close(context.Background()), folder.Close()); err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{grantsFile, auditFile} {
		text, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), credential) || strings.Contains(string(text), forgotten) {
			t.Errorf("%s holds a credential", name)
		}
		if info, err := os.Stat(filepath.Join(path, name)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != fileMode {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != folderMode {
		t.Errorf("the folder has mode %v, %v", info.Mode(), err)
	}

	w = newTester(t, Config{Folder: holdFolder(t, path)})
	w.mustAdmit(kiosk, credential)
	w.wantRefused("a grant for the session", "https://once.example", forgotten, ReasonExpired)
	if _, err := w.c.Visit("https://evil.example", false, ""); !errors.Is(err, ErrBlocked) {
		t.Errorf("a blocked origin: %v", err)
	}
}

func TestRevocationIsKept(t *testing.T) {
	path := t.TempDir()
	w := newTester(t, Config{Folder: holdFolder(t, path)})
	w.grant(kiosk, loopbackManifest, Always)
	if err := w.c.Revoke(kiosk); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(path, grantsFile))
	if err != nil || strings.Contains(string(text), kiosk) {
		t.Errorf("after the revocation is answered the file holds %s, %v", text, err)
	}
}

// TestFolderOfOthers: what another user can have put there is refused.
func TestFolderOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a right of their own there")
	}
	target := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if f, err := HoldFolder(link); err == nil {
		_ = f.Close()
		t.Error("a folder that is a symbolic link is taken")
	}
	for _, name := range []string{grantsFile, keyFile, lockFile, consoleFile} {
		path := t.TempDir()
		elsewhere := filepath.Join(target, name)
		if err := errors.Join(os.WriteFile(elsewhere, []byte("{}"), 0o600), os.Symlink(elsewhere, filepath.Join(path, name))); err != nil {
			t.Fatal(err)
		}
		f, err := HoldFolder(path)
		if err == nil {
			_, readErr := f.read(name)
			err = readErr
			if writeErr := f.write(name, nil); writeErr == nil {
				t.Errorf("%s, a symbolic link, is written", name)
			}
			_ = f.Close()
		}
		if err == nil {
			t.Errorf("%s, a symbolic link, is read", name)
		}
		if text, err := os.ReadFile(elsewhere); err != nil || string(text) != "{}" {
			t.Errorf("what %s points at holds %q, %v", name, text, err)
		}
	}
	if os.Geteuid() == 0 {
		path := t.TempDir()
		if err := os.Chown(path, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if f, err := HoldFolder(path); err == nil {
			_ = f.Close()
			t.Error("a folder of another user is taken")
		}
	}
}

func TestFolderIsMadePrivate(t *testing.T) {
	path := t.TempDir()
	if err := errors.Join(os.Chmod(path, 0o755), os.WriteFile(filepath.Join(path, keyFile), []byte("short"), 0o644)); err != nil {
		t.Fatal(err)
	}
	f := holdFolder(t, path)
	key, err := f.ConsoleKey()
	if err != nil || len(key) < 22 {
		t.Fatalf("key is %q, %v", key, err)
	}
	if again, err := f.ConsoleKey(); again != key || err != nil {
		t.Errorf("the key changes: %q, %v", again, err)
	}
	for name, want := range map[string]os.FileMode{"": folderMode, keyFile: fileMode} {
		if info, err := os.Stat(filepath.Join(path, name)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%q has mode %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
}

func TestOneGatewayHoldsTheFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not there")
	}
	path := t.TempDir()
	first := holdFolder(t, path)
	if second, err := HoldFolder(path); err == nil {
		_ = second.Close()
		t.Error("two gateways hold one folder")
	}
	if _, err := OpenFolder(path); err != nil {
		t.Errorf("a command cannot read it: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	holdFolder(t, path)
}

func TestConsoleNote(t *testing.T) {
	f := holdFolder(t, t.TempDir())
	if _, _, err := f.Console(); !errors.Is(err, ErrNotRunning) {
		t.Errorf("nothing runs: %v", err)
	}
	want, err := f.ConsoleKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.NoteConsole("http://127.0.0.1:7718"); err != nil {
		t.Fatal(err)
	}
	if url, key, err := f.Console(); err != nil || url != "http://127.0.0.1:7718" || key != want {
		t.Errorf("the note says %q, %q, %v", url, key, err)
	}
	if err := f.ForgetConsole(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Console(); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after it has ended: %v", err)
	}
}

// TestBrokenStoreIsNotOverwritten: permissions that cannot be read are a reason to stop.
func TestBrokenStoreIsNotOverwritten(t *testing.T) {
	for _, text := range []string{"{", `{"version":2}`, `{"version":1,"grants":[{"sockets":"x"}]}`} {
		path := t.TempDir()
		if err := os.WriteFile(filepath.Join(path, grantsFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := NewControl(Config{Folder: holdFolder(t, path)}); err == nil {
			_ = c.Close(context.Background())
			t.Errorf("%q was read", text)
		}
	}
}

// TestAudit: a line for each decision, in which no stranger's text can pretend to be another line.
func TestAudit(t *testing.T) {
	path := t.TempDir()
	folder := holdFolder(t, path)
	c, err := NewControl(Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	w := &tester{t, c}
	credential := w.grant(kiosk, loopbackManifest, Always)
	lease, _, err := w.admit(kiosk, credential)
	if err != nil {
		t.Fatal(err)
	}
	_ = lease.Policy().Connect("evil\n{\"act\":\"approve\"}\x1b[2J\u202e", 80) // refused
	lease.End()
	if err := c.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(path, auditFile))
	if err != nil {
		t.Fatal(err)
	}
	var acts []string
	for line := range strings.Lines(string(text)) {
		var l auditLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		acts = append(acts, string(l.Act)+" "+l.Verdict+" "+l.Rule)
	}
	want := "request allowed pending, approve allowed always, open allowed grant, connect refused manifest"
	if got := strings.Join(acts, ", "); got != want {
		t.Errorf("the audit says %s, want %s", got, want)
	}
}

// TestAuditRotates: the files together have a bound.
func TestAuditRotates(t *testing.T) {
	path := t.TempDir()
	r := &rotating{folder: holdFolder(t, path)}
	line := []byte(strings.Repeat("x", 64<<10))
	for range (auditKept + 3) * auditSize / len(line) {
		if err := r.append(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(path, auditFile+"*"))
	if err != nil || len(files) != auditKept+1 {
		t.Errorf("files are %v, %v; want %d", files, err, auditKept+1)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Size() > auditSize {
			t.Errorf("%s has %d bytes, %v", file, info.Size(), err)
		}
	}
}
