package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// testTimeout ends a test that hangs.
const testTimeout = time.Minute

// build compiles the program once for a test.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "socketgate")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// launch runs the program and reads its greeting: what stands where, by its first word.
func launch(t *testing.T, binary string, args ...string) (program *exec.Cmd, greeting map[string]string) {
	t.Helper()
	return launchLines(t, 4, binary, args...)
}

// launchLines is launch for a greeting of so many lines.
func launchLines(t *testing.T, count int, binary string, args ...string) (program *exec.Cmd, greeting map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	args = append([]string{"--port", "0", "--console-port", "0", "--config", t.TempDir()}, args...)
	program = exec.CommandContext(ctx, binary, args...)
	t.Cleanup(func() {
		cancel()
		_ = program.Wait() // killed, or waited for already
	})
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	greeting = map[string]string{}
	lines := bufio.NewScanner(stdout)
	for len(greeting) < count && lines.Scan() {
		name, url, _ := strings.Cut(lines.Text(), " ")
		greeting[name] = strings.TrimSpace(url)
	}
	if len(greeting) != count {
		t.Fatalf("greeting is %v", greeting)
	}
	return program, greeting
}

func TestProgramServesAndStops(t *testing.T) {
	binary := build(t)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		program, greeting := launch(t, binary)
		for name, kind := range map[string]string{"page": "text/html", "client": "text/javascript"} {
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			response, err := client.Get(greeting[name])
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil || response.StatusCode != 200 || len(body) == 0 ||
				!strings.HasPrefix(response.Header.Get("Content-Type"), kind) {
				t.Errorf("%s: %v, %d bytes of %s, error %v", name, response.Status, len(body), response.Header.Get("Content-Type"), err)
			}
		}
		host := strings.TrimSuffix(strings.TrimPrefix(greeting["page"], "http://"), "/")
		if want := "ws://" + host + "/v1/ws"; greeting["gateway"] != want {
			t.Errorf("gateway is %s, want %s", greeting["gateway"], want)
		}
		if err := program.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := program.Wait(); err != nil {
			t.Errorf("after %v: %v, want a clean end", signal, err)
		}
	}
}

// TestSecondSignalEndsAtOnce: a clean end would wait for the page first.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	program, greeting := launch(t, build(t), "--dev")
	dialer := websocket.Dialer{Subprotocols: []string{"socketgate.v1"}}
	page, _, err := dialer.Dial(greeting["gateway"], http.Header{"Origin": {"http://localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	// The page does not answer the close frame, so the program waits for it until the second signal.
	page.SetCloseHandler(func(int, string) error { return nil })
	if err := program.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, _, err := page.NextReader(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the page read %v, want 1001", err)
	}
	if err := program.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := program.Wait(); !errors.As(err, &exit) || exit.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("after two signals: %v, want an end by the signal", err)
	}
}

func TestSecondProgramExplains(t *testing.T) {
	binary := build(t)
	program, greeting := launch(t, binary)
	_, port, err := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(greeting["page"], "http://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	second := exec.Command(binary, "--console-port", "0", "--config", t.TempDir())
	second.Env = append(os.Environ(), "SOCKETGATE_PORT="+port)
	out, err := second.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("port "+port+" is taken")) || !bytes.Contains(out, []byte("--port")) {
		t.Errorf("a second program on port %s: %v\n%s", port, err, out)
	}
	_ = program.Process.Kill()
	_ = program.Wait() // killed
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  string
		port int
		err  string
	}{
		{name: "default", port: 7717},
		{name: "flag", args: []string{"--port", "1234"}, port: 1234},
		{name: "environment", env: "4321", port: 4321},
		{name: "flag wins", args: []string{"-port=1"}, env: "2", port: 1},
		{name: "any free port", env: "0", port: 0},
		{name: "environment is no number", env: "http", err: `SOCKETGATE_PORT is "http"`},
		{name: "port too high", args: []string{"--port", "65536"}, err: "port is 65536"},
		{name: "port negative", env: "-1", err: "port is -1"},
		{name: "argument", args: []string{"serve"}, err: `unexpected argument "serve"`},
		{name: "console port too high", args: []string{"--console-port", "65536"}, err: "console-port is 65536"},
		{name: "beyond loopback", args: []string{"--insecure-bind", "0.0.0.0"}, err: "--policy"},
		{name: "beyond loopback in development", args: []string{"--insecure-bind", "0.0.0.0", "--policy", "p", "--dev"}, err: "--dev"},
		{name: "beyond loopback with files", args: []string{"--insecure-bind", "0.0.0.0", "--policy", "p", "--serve", "."}, err: "--serve"},
		{name: "beyond loopback with a policy", args: []string{"--insecure-bind", "0.0.0.0", "--policy", "p"}, port: 7717},
		{name: "sessions that end at once", args: []string{"--detached-life", "0s"}, err: "--detached-life"},
		{name: "a life that is none", args: []string{"--persistent-life", "24"}, err: "invalid value"},
		{name: "lives", args: []string{"--detached-life", "5m", "--persistent-life", "1h"}, port: 7717},
		{name: "unknown flag", args: []string{"--prot"}, err: "flag provided but not defined"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			getenv := func(name string) string {
				if name != "SOCKETGATE_PORT" {
					return ""
				}
				return test.env
			}
			o, err := parseOptions(test.args, getenv, io.Discard)
			switch {
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error is %v, want %q", err, test.err)
			case test.err == "" && (err != nil || o.port != test.port):
				t.Errorf("port is %d, error %v, want %d", o.port, err, test.port)
			}
		})
	}
}
