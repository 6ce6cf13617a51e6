package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/gateway/access"
)

// desk is a console that writes down what it is asked, and answers what a test wants.
type desk struct {
	t      *testing.T
	folder string
	key    string
	server *httptest.Server
	asked  string
	status int
	answer any
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, folder: t.TempDir(), status: http.StatusOK, answer: access.State{}}
	d.server = httptest.NewServer(d)
	t.Cleanup(d.server.Close)
	folder, err := access.HoldFolder(d.folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() }) // only to free the lock
	if d.key, err = folder.ConsoleKey(); err != nil {
		t.Fatal(err)
	}
	if err := folder.NoteConsole(d.server.URL); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Error(err)
	}
	if r.Header.Get("Authorization") != "Bearer "+d.key {
		d.t.Errorf("asked with %q", r.Header.Get("Authorization"))
	}
	if r.Method == http.MethodPost && (r.Header.Get("Origin") != d.server.URL || r.Header.Get("Content-Type") != "application/json") {
		d.t.Errorf("asked with %v", r.Header)
	}
	d.asked = strings.TrimSpace(r.Method + " " + r.URL.Path + " " + string(body))
	if d.status != http.StatusOK {
		http.Error(w, d.answer.(string), d.status)
		return
	}
	if err := json.NewEncoder(w).Encode(d.answer); err != nil {
		d.t.Error(err)
	}
}

// run carries out a command.
func (d *desk) run(args ...string) (stdout string, err error) {
	var out bytes.Buffer
	err = Run(context.Background(), append(args, "--config", d.folder), &out, io.Discard)
	return out.String(), err
}

func TestCommandsAsk(t *testing.T) {
	d := newDesk(t)
	for _, test := range []struct {
		args  []string
		asked string
	}{
		{[]string{"requests"}, `GET /v1/state`},
		{[]string{"list"}, `GET /v1/state`},
		{[]string{"approve", "K7Q2-PXWM"}, `POST /v1/approve {"code":"K7Q2-PXWM","duration":"30d"}`},
		{[]string{"approve", "K7Q2-PXWM", "--for", "session"}, `POST /v1/approve {"code":"K7Q2-PXWM","duration":"session"}`},
		{[]string{"approve", "--for=always", "K7Q2-PXWM"}, `POST /v1/approve {"code":"K7Q2-PXWM","duration":"always"}`},
		{[]string{"deny", "K7Q2-PXWM"}, `POST /v1/deny {"block":false,"code":"K7Q2-PXWM"}`},
		{[]string{"deny", "K7Q2-PXWM", "--block"}, `POST /v1/deny {"block":true,"code":"K7Q2-PXWM"}`},
		{[]string{"revoke", "https://a.example"}, `POST /v1/revoke {"origin":"https://a.example"}`},
		{
			[]string{"allow", "https://a.example", "--listen", "127.0.0.1:*", "--listen", "[::1]", "--connect", "B.example:80", "--for", "always"},
			`POST /v1/allow {"duration":"always","origin":"https://a.example","sockets":{"tcp":{"connect":["b.example:80"]},"tcpServer":{"listen":["127.0.0.1:*","[::1]:*"]}}}`,
		},
		{
			[]string{"allow", "--program", "backup", "--connect", "localhost:22"},
			`POST /v1/allow {"program":"backup","sockets":{"tcp":{"connect":["localhost:22"]}}}`,
		},
	} {
		d.asked = ""
		if _, err := d.run(test.args...); err != nil || d.asked != test.asked {
			t.Errorf("%s asked %s, %v; want %s", test.args, d.asked, err, test.asked)
		}
	}
}

func TestCommandsPrint(t *testing.T) {
	d := newDesk(t)
	expires := int64(1800000000)
	d.answer = access.State{
		Requests: []access.RequestState{{
			Code: "K7Q2-PXWM", Origin: "https://a.example", Name: "A", Seconds: 90,
			Permissions: []access.Permission{{Text: "Connect to any host", Risk: "internet"}},
		}},
		Grants: []access.GrantState{
			{Origin: "https://b.example", Name: "B", Kind: access.For30Days, Expires: &expires, Sessions: 2},
			{Origin: "https://c.example", Kind: access.ForSession, Expires: &expires},
			{Origin: "program:d", Kind: access.ForProgram},
		},
		Blocked: []string{"https://evil.example"},
	}
	for command, want := range map[string]string{
		"requests": "K7Q2-PXWM  https://a.example  calls itself \"A\", waits 90 s more\n    Connect to any host  [internet]\n",
		"list": "https://b.example  until 2027-01-15, calls itself \"B\", 2 open\nhttps://c.example  until the gateway stops\n" +
			"program:d  until it is revoked\nhttps://evil.example  blocked\n",
	} {
		if got, err := d.run(command); err != nil || got != want {
			t.Errorf("%s printed %q, %v; want %q", command, got, err, want)
		}
	}
	d.answer = map[string]string{"token": "sg1_secret"}
	if got, err := d.run("allow", "--program", "d", "--connect", "localhost:1"); err != nil || !strings.HasSuffix(got, "\nsg1_secret\n") {
		t.Errorf("allow --program printed %q, %v", got, err)
	}
}

func TestCommandsExplain(t *testing.T) {
	d := newDesk(t)
	d.status, d.answer = http.StatusNotFound, "no request with that code waits"
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"approve", "X"}, "no request with that code waits"},
		{[]string{"approve"}, "say which request"},
		{[]string{"deny"}, "say which request"},
		{[]string{"revoke"}, "say which origin"},
		{[]string{"list", "more"}, `unexpected argument "more"`},
		{[]string{"allow", "https://a.example"}, "--listen or --connect"},
		{[]string{"allow", "--listen", "*"}, "say either which origin"},
		{[]string{"allow", "https://a.example", "--program", "x", "--listen", "*"}, "say either which origin"},
		{[]string{"allow", "https://a.example", "--listen", "*:0"}, "--listen: Invalid host:port pattern '*:0'"},
		{[]string{"approve", "--fro", "x"}, "flag provided but not defined"},
	} {
		if _, err := d.run(test.args...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.args, err, test.want)
		}
	}
}

// TestNoGateway: the commands say that none runs, and how to start one.
func TestNoGateway(t *testing.T) {
	d := newDesk(t)
	d.server.Close()
	if _, err := d.run("list"); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a gateway that has ended without a word: %v", err)
	}
	d.folder = t.TempDir()
	if _, err := d.run("list"); err == nil || !strings.Contains(err.Error(), "no gateway runs") {
		t.Errorf("a gateway that has ended: %v", err)
	}
	d.folder += "/none"
	if _, err := d.run("list"); err == nil || !strings.Contains(err.Error(), "no gateway runs") {
		t.Errorf("no gateway ever: %v", err)
	}
}

func TestIs(t *testing.T) {
	var help bytes.Buffer
	Help(&help)
	for _, word := range []string{"requests", "approve", "deny", "allow", "list", "revoke"} {
		if !Is(word) || !strings.Contains(help.String(), "  "+word+" ") {
			t.Errorf("%s is a command: %v; help is\n%s", word, Is(word), help.String())
		}
	}
	if Is("serve") || Is("--port") {
		t.Error("more words are commands")
	}
}
