package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// dialPage connects a page of an origin and sends its messages.
func dialPage(t *testing.T, url, origin string, messages ...string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"socketgate.v1"}}
	page, _, err := dialer.Dial(url, http.Header{"Origin": {origin}})
	if err != nil {
		t.Fatalf("a page of %s: %v", origin, err)
	}
	t.Cleanup(func() { _ = page.Close() }) // some tests end it
	for _, message := range messages {
		if err := page.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	return page
}

// read returns what a regular expression finds in the page's next message.
func read(t *testing.T, page *websocket.Conn, pattern string) string {
	t.Helper()
	_, message, err := page.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(pattern).FindSubmatch(message)
	if match == nil {
		t.Fatalf("got %s, want %s", message, pattern)
	}
	return string(match[len(match)-1])
}

// TestProgramObeysCommands: what is said in a terminal counts at once in the gateway that runs.
func TestProgramObeysCommands(t *testing.T) {
	binary, config := build(t), t.TempDir()
	program, greeting := launch(t, binary, "--config", config)
	command := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(binary, append(args, "--config", config)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
		return string(out)
	}
	page := dialPage(t, greeting["gateway"], "https://shop.example",
		`{"jsonrpc":"2.0","id":1,"method":"permission.request","params":{"name":"Shop","sockets":{"tcpServer":{"listen":"127.0.0.1:*"}}}}`)
	code := read(t, page, `"code":"([^"]+)","url":"http://127.0.0.1:\d+/#request=`)
	if out := command("requests"); !strings.Contains(out, "https://shop.example") || !strings.Contains(out, "Accept connections on this computer, any port") {
		t.Errorf("requests printed %s", out)
	}
	command("approve", code, "--for", "always")
	credential := read(t, page, `"credential":"(sg1_[^"]+)","expires":null`)
	open := `{"jsonrpc":"2.0","id":2,"method":"session.open","params":{"credential":"` + credential + `"}}`
	if err := page.WriteMessage(websocket.TextMessage, []byte(open)); err != nil {
		t.Fatal(err)
	}
	read(t, page, `"result":\{"session"`)
	if out := command("list"); !strings.Contains(out, "https://shop.example  until it is revoked, calls itself \"Shop\", 1 open") {
		t.Errorf("list printed %s", out)
	}
	command("revoke", "https://shop.example")
	if _, _, err := page.ReadMessage(); !websocket.IsCloseError(err, 4523) {
		t.Errorf("after the revocation the page read %v, want 4523", err)
	}
	if err := program.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	out, err := exec.Command(binary, "list", "--config", config).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no gateway runs") {
		t.Errorf("a command without a gateway: %v\n%s", err, out)
	}
}

// TestProgramServesFiles: the user's own page has an origin of its own, and needs no permission.
func TestProgramServesFiles(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "index.html"), []byte("my app"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, greeting := launchLines(t, 5, build(t), "--serve", folder, "--serve-port", "0")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]string{"": "my app", "socketgate.js": "chrome"} {
		response, err := client.Get(greeting["app"] + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%q: %v, %v", path, response.Status, err)
		}
	}
	origin := strings.TrimSuffix(greeting["app"], "/")
	for _, url := range []string{greeting["gateway"], "ws" + strings.TrimPrefix(greeting["app"], "http") + "v1/ws"} {
		page := dialPage(t, url, origin, `{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
		read(t, page, `"result":\{"session"`)
	}
}

// TestProgramWithPolicy: the file says who gets in, and nobody else does.
func TestProgramWithPolicy(t *testing.T) {
	binary := build(t)
	policy := filepath.Join(t.TempDir(), "policy.json")
	text := `{"origins":[{"origin":"https://kiosk.example","sockets":{"tcpServer":{"listen":"127.0.0.1:*"}}}]}`
	if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, greeting := launch(t, binary, "--policy", policy, "--insecure-bind", "0.0.0.0")
	page := dialPage(t, greeting["gateway"], "https://kiosk.example", `{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
	read(t, page, `"result":\{"session"`)
	dialer := websocket.Dialer{Subprotocols: []string{"socketgate.v1"}}
	for _, origin := range []string{"https://other.example", strings.TrimSuffix(greeting["page"], "/"), "http://localhost"} {
		_, response, err := dialer.Dial(greeting["gateway"], http.Header{"Origin": {origin}})
		if !errors.Is(err, websocket.ErrBadHandshake) || response.StatusCode != http.StatusForbidden {
			t.Errorf("a page of %s: %v, want 403", origin, err)
		}
	}
	if err := os.WriteFile(policy, []byte(`{"origins":[],"allow":"all"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, "--port", "0", "--console-port", "0", "--config", t.TempDir(), "--policy", policy).CombinedOutput()
	if err == nil || !strings.Contains(string(out), `unknown key "allow"`) {
		t.Errorf("a policy that is not understood: %v\n%s", err, out)
	}
}

// TestProgramWithoutFolder: it runs, says so, and forgets what was granted.
func TestProgramWithoutFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, greeting := launch(t, build(t), "--config", file)
	if !strings.Contains(greeting["console"], "#key=") {
		t.Errorf("greeting is %v", greeting)
	}
}

// TestExampleOfPolicy: the file that the container starts with is one that the program reads.
func TestExampleOfPolicy(t *testing.T) {
	text, err := os.ReadFile("docs/policy.example.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Origins []struct{ Origin string } }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Origins) == 0 {
		t.Fatalf("%s: %v", text, err)
	}
	_, greeting := launch(t, build(t), "--policy", "docs/policy.example.json")
	page := dialPage(t, greeting["gateway"], file.Origins[0].Origin, `{"jsonrpc":"2.0","id":1,"method":"session.open"}`)
	read(t, page, `"result":\{"session"`)
}
