package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/socketgate/socketgate"

// mayImport is the direction of imports: main, gateway, rpc, sockets. A package may import what stands
// behind its name, and of the outside libraries only those.
var mayImport = map[string][]string{
	"":                               {"/gateway", "/gateway/access", "/gateway/command"},
	"/gateway":                       {"/gateway/access", "/rpc", "/sockets", "/web", "/js-client", "github.com/gorilla/websocket", "github.com/go-chi/chi/v5"},
	"/gateway/access":                {"/sockets"},
	"/gateway/command":               {"/gateway/access"},
	"/gateway/internal/opengate":     {"/gateway", "/gateway/access", "/sockets"},
	"/gateway/internal/wire":         {"github.com/gorilla/websocket"},
	"/gateway/bench":                 {"/gateway", "/gateway/access", "/gateway/internal/wire", "/sockets", "github.com/gorilla/websocket"},
	"/rpc":                           {"/sockets", "github.com/sourcegraph/jsonrpc2"},
	"/sockets":                       {},
	"/web":                           {},
	"/js-client":                     {},
	"/js-client/test/browser/client": {},
}

func TestImportDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("package %q has no place in the order of packages", name)
			continue
		}
		seen++
		for _, imported := range fields[1:] {
			if ours, ok := strings.CutPrefix(imported, module); ok {
				imported = ours
			} else if !strings.Contains(imported, ".") {
				continue // standard library
			}
			if !slices.Contains(allowed, imported) {
				t.Errorf("package %q must not import %q", name, imported)
			}
		}
	}
	if seen != len(mayImport) {
		t.Errorf("%d packages found, want %d", seen, len(mayImport))
	}
}

// TestSocketsKnowsNoWeb: package sockets is below JSON, HTTP and WebSockets, also in what it imports from
// the standard library.
func TestSocketsKnowsNoWeb(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports " "}}`, "./sockets").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range strings.Fields(string(out)) {
		if strings.HasPrefix(imported, "encoding/json") || strings.HasPrefix(imported, "net/http") {
			t.Errorf("package sockets imports %q", imported)
		}
	}
}
