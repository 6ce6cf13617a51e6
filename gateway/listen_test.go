package gateway_test

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"log/slog"

	"github.com/socketgate/socketgate/gateway"
)

var setting = gateway.PortSetting{Flag: "--port", Environment: "SOCKETGATE_PORT"}

func TestListenOnBothFamilies(t *testing.T) {
	listeners, err := gateway.Listen(0, []string{"127.0.0.1", "::1"}, setting, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ports := map[string]bool{}
	for _, ln := range listeners {
		_, port, _ := net.SplitHostPort(ln.Addr().String())
		ports[port] = true
		_ = ln.Close()
	}
	if len(ports) != 1 {
		t.Errorf("ports %v, want one for both", ports)
	}
}

// TestListenOnTakenPort: the error says who has the port and what to do.
func TestListenOnTakenPort(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	_, err = gateway.Listen(port, []string{"127.0.0.1", "::1"}, setting, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Fatal("a taken port was opened")
	}
	wants := []string{strconv.Itoa(port), "--port", "SOCKETGATE_PORT"}
	if name, readErr := os.ReadFile("/proc/self/comm"); readErr == nil {
		wants = append(wants, strings.TrimSpace(string(name)), strconv.Itoa(os.Getpid()))
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not mention %q", err, want)
		}
	}
}
