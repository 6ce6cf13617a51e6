package web_test

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/web"
)

var (
	references = regexp.MustCompile(`\b(?:src|href)="([^"#?&<]+)"`)
	imports    = regexp.MustCompile(`\bfrom "([^"]+)"`)
	inline     = regexp.MustCompile(`<script>|<style|\sstyle=|\son[a-z]+=`)
)

// Pages and modules name only files that the gateway serves.
func TestReferencesExist(t *testing.T) {
	walk(t, func(files fs.FS, file, text string) {
		pattern := references
		switch path.Ext(file) {
		case ".html":
		case ".js":
			pattern = imports
		default:
			return
		}
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			name := match[1]
			if name == "/socketgate.js" || strings.HasPrefix(name, "http:") || strings.HasPrefix(name, "data:") {
				continue
			}
			if strings.HasSuffix(name, "/") {
				name += "index.html"
			}
			target := strings.TrimPrefix(name, "/")
			if target == name {
				target = path.Join(path.Dir(file), name)
			}
			if _, err := fs.Stat(files, target); err != nil {
				t.Errorf("%s refers to %q: %v", file, match[1], err)
			}
		}
	})
}

// The gateway's content security policy forbids scripts and styles inside of pages.
func TestPagesHaveNothingInline(t *testing.T) {
	walk(t, func(_ fs.FS, file, text string) {
		if path.Ext(file) != ".html" {
			return
		}
		if found := inline.FindString(text); found != "" {
			t.Errorf("%s contains %q", file, found)
		}
	})
}

// walk visits what the gateway serves and what its console serves, which know nothing of each other.
func walk(t *testing.T, visit func(files fs.FS, file, text string)) {
	t.Helper()
	for _, tree := range []struct {
		files fs.FS
		least int
	}{{web.Files, 20}, {web.Console, 10}} {
		files := 0
		err := fs.WalkDir(tree.files, ".", func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			files++
			text, err := fs.ReadFile(tree.files, file)
			visit(tree.files, file, string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if files < tree.least {
			t.Fatalf("there are %d files of at least %d", files, tree.least)
		}
	}
}
