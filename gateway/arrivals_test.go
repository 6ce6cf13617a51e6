package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/access"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// TestFloodOfSilentConnections: beyond the limit the oldest is dropped, and a page that was invited gets in all
// the time. So it does past those that begin a header and do not end it.
func TestFloodOfSilentConnections(t *testing.T) {
	const limit = 8
	h, control := guarded(t, gateway.Config{MaxArrivals: limit})
	credential := h.grant(control, shop, shopManifest)
	var flood []*net.TCPConn
	for i := range 5 * limit {
		conn := h.dial(h.addr)
		if i%2 == 1 {
			h.write(conn, []byte("GET / HTTP/1.1\r\nHost:"))
		}
		flood = append(flood, conn)
		if i%limit == 0 {
			page, err := wire.Dial(h.ctx, h.url(), wire.Options{Origin: shop, Credential: credential})
			if err != nil {
				t.Fatalf("after %d connections: %v", i+1, err)
			}
			_ = page.Close()
		}
	}
	for i, conn := range flood[:len(flood)-limit] {
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("connection %d of %d read %d bytes, %v; want it dropped", i, len(flood), n, err)
		}
	}
	// The newest still waits, as one does whose browser asks its user.
	newest := flood[len(flood)-2]
	h.write(newest, []byte("GET /v1/hello HTTP/1.1\r\nHost: "+h.addr+"\r\nConnection: close\r\n\r\n"))
	if answer, err := io.ReadAll(newest); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Errorf("the newest is answered %q, %v", answer, err)
	}
}

// TestTimesOfArrival in virtual time: long without a byte, short from the first one on, for each request of a
// connection.
func TestTimesOfArrival(t *testing.T) {
	inBubble(t, gateway.Config{}, func(t *testing.T, ln *pipeListener) {
		dial := func() net.Conn {
			conn, _ := ln.dial(t.Context(), "", "")
			return conn
		}
		write := func(conn net.Conn, text string) {
			t.Helper()
			if _, err := conn.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		wantDropped := func(why string, conn net.Conn, after time.Duration) {
			t.Helper()
			began := time.Now()
			if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, io.ErrClosedPipe) {
				t.Fatal(err)
			}
			if lived := time.Since(began); lived != after {
				t.Errorf("%s: dropped after %v, want %v", why, lived, after)
			}
			_ = conn.Close()
		}
		wantDropped("silent", dial(), 120*time.Second)

		slow := dial()
		time.Sleep(119 * time.Second) // a user who thinks about the browser's question
		write(slow, "GET / HTTP/1.1\r\n")
		wantDropped("slow header", slow, 10*time.Second)

		request := "GET /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:7717\r\n\r\n"
		again := dial()
		write(again, request)
		answer := make([]byte, 4096)
		if n, err := again.Read(answer); err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200") {
			t.Fatalf("answered %q, %v", answer[:n], err)
		}
		time.Sleep(100 * time.Second)
		write(again, request[:20])
		wantDropped("slow header of a second request", again, 10*time.Second)
	})
}

// TestFloodOfStrangers: pages that were not invited fill the lobby, and keep out nobody who was.
func TestFloodOfStrangers(t *testing.T) {
	h, control := guarded(t, gateway.Config{})
	credential := h.grant(control, shop, shopManifest)
	for i := range 2 * access.DefaultStrangers {
		conn, err := wire.DialRaw(h.ctx, h.url(), wire.Options{Origin: fmt.Sprintf("https://a%d.example", i/access.DefaultStrangersOfOrigin)})
		if err != nil {
			break
		}
		defer conn.Close()
	}
	h.wantHandshake("the lobby is full", "https://evil.example", http.StatusTooManyRequests)
	_, port, _ := strings.Cut(h.addr, ":")
	for origin, credential := range map[string]string{shop: credential, "http://127.0.0.1:" + port: ""} {
		page, err := wire.Dial(h.ctx, h.url(), wire.Options{Origin: origin, Credential: credential})
		if err != nil {
			t.Errorf("%s is kept out: %v", origin, err)
			continue
		}
		h.listen(page)
		_ = page.Close()
	}
}
