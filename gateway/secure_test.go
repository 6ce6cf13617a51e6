package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/socketgate/socketgate/gateway"
	"github.com/socketgate/socketgate/gateway/internal/wire"
)

// authority is a certificate authority of a test.
type authority struct {
	testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{TB: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	var der []byte
	der, a.key = a.sign(template, template, nil)
	a.cert, _ = x509.ParseCertificate(der) // it was just made
	return a
}

// sign makes a key and its certificate; a nil signer signs itself.
func (a *authority) sign(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey) {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.Fatal(err)
	}
	return der, key
}

// certificate is one for 127.0.0.1 and localhost, changed by change.
func (a *authority) certificate(change func(*x509.Certificate)) tls.Certificate {
	a.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	change(template)
	der, key := a.sign(template, a.cert, a.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// serveEcho answers each connection with what it sent, until the test ends.
func serveEcho(t testing.TB, ln net.Listener) (port int) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			// One at a time is enough. An error is the page's refusal, or its end.
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	return ln.Addr().(*net.TCPAddr).Port
}

func listenTLS(t testing.TB, config *tls.Config) net.Listener {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// pausedConnection connects a stream that was paused before, as secure wants it.
func (h *harness) pausedConnection(page *wire.Client, host string, port int) *wire.Stream {
	h.Helper()
	stream, err := page.CreateStream(h.ctx)
	if err != nil {
		h.Fatal(err)
	}
	if err := stream.SetPaused(h.ctx, true); err != nil {
		h.Fatal(err)
	}
	if err := stream.Connect(h.ctx, host, port); err != nil {
		h.Fatal(err)
	}
	return stream
}

func TestSecureStreamCarriesMegabytes(t *testing.T) {
	a := newAuthority(t)
	port := serveEcho(t, listenTLS(t, &tls.Config{Certificates: []tls.Certificate{a.certificate(func(*x509.Certificate) {})}}))
	h := newHarness(t, gateway.Config{RootCAs: a.pool()})
	page := h.page(wire.Options{})
	for _, host := range []string{"127.0.0.1", "localhost", "127.1"} {
		for _, version := range []string{"", "tls1.2", "tls1.3"} {
			stream := h.pausedConnection(page, host, port)
			params := map[string]any{"socketId": stream.ID()}
			if version != "" {
				params["options"] = map[string]any{"tlsVersion": map[string]any{"min": "tls1", "max": version}}
			}
			if err := h.call(page, "tcp.secure", params); err != nil {
				t.Fatalf("secure %s with %q: %v", host, version, err)
			}
			h.wantError("a second time", h.call(page, "tcp.secure", params), -4)
			h.unpause(stream)
			want := noise(3, 2*megabyte)
			go func() {
				h.write(stream, want)
				_ = stream.End()
			}()
			h.wantSum("the echo", stream, want)
			if err := stream.Close(h.ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSecureFailures(t *testing.T) {
	a := newAuthority(t)
	good := func(*x509.Certificate) {}
	plain := func(t testing.TB, serve func(net.Conn)) net.Listener {
		t.Helper()
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return &servedListener{Listener: ln, serve: serve}
	}
	with := func(change func(*x509.Certificate)) func(testing.TB) net.Listener {
		return func(t testing.TB) net.Listener {
			return listenTLS(t, &tls.Config{Certificates: []tls.Certificate{a.certificate(change)}})
		}
	}
	tests := []struct {
		name   string
		listen func(testing.TB) net.Listener
		roots  *x509.CertPool
		code   int64
	}{
		{"unknown authority", with(good), nil, -202},
		{"another name", with(func(c *x509.Certificate) { c.IPAddresses = nil }), a.pool(), -200},
		{"out of date", with(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), a.pool(), -201},
		{"no common version", func(t testing.TB) net.Listener {
			return listenTLS(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10,
				Certificates: []tls.Certificate{a.certificate(good)}})
		}, a.pool(), -113},
		{"plain text", func(t testing.TB) net.Listener {
			return plain(t, func(c net.Conn) { _, _ = c.Write([]byte("220 ready\r\n")) })
		}, a.pool(), -107},
		{"closes in the handshake", func(t testing.TB) net.Listener {
			return plain(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)); _ = c.Close() })
		}, a.pool(), -100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, gateway.Config{RootCAs: test.roots})
			page := h.page(wire.Options{})
			stream := h.pausedConnection(page, "127.0.0.1", serveEcho(t, test.listen(t)))
			h.wantError(test.name, h.call(page, "tcp.secure", []any{stream.ID()}), test.code)
			h.wantError("the socket is gone", h.call(page, "tcp.getInfo", []any{stream.ID()}), -32001)
		})
	}
}

// servedListener does something to each connection before it is handed on.
type servedListener struct {
	net.Listener
	serve func(net.Conn)
}

func (l *servedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.serve(conn)
	}
	return conn, err
}

func TestSecureConditions(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := serveEcho(t, ln)
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	h.wantError("no such socket", h.call(page, "tcp.secure", []any{99}), -32001)

	stream, err := page.CreateStream(h.ctx)
	if err != nil {
		t.Fatal(err)
	}
	h.wantError("unconnected", h.call(page, "tcp.secure", []any{stream.ID()}), -4)
	h.info(page, stream) // still there

	if err := stream.Connect(h.ctx, "127.0.0.1", port); err != nil {
		t.Fatal(err)
	}
	h.wantError("not paused", h.call(page, "tcp.secure", []any{stream.ID()}), -2)
	h.wantError("then the socket is gone", h.call(page, "tcp.getInfo", []any{stream.ID()}), -32001)
}

// TestCloseWhileSecuring answers the call, with a peer that says nothing.
func TestCloseWhileSecuring(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	h := newHarness(t, gateway.Config{})
	page := h.page(wire.Options{})
	for method, code := range map[string]int64{"tcp.close": -32001, "tcp.disconnect": -3} {
		stream := h.pausedConnection(page, "127.0.0.1", ln.Addr().(*net.TCPAddr).Port)
		outcome := make(chan error, 1)
		go func() { outcome <- h.call(page, "tcp.secure", []any{stream.ID()}) }()
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := peer.Read(make([]byte, 1)); err != nil { // the handshake has begun
			t.Fatal(err)
		}
		if err := h.call(page, method, []any{stream.ID()}); err != nil {
			t.Fatal(err)
		}
		h.wantError(method, <-outcome, code)
		_ = peer.Close()
	}
}

// TestSecureAcceptedStream: the page is the TLS client of a peer that connected to it. Chrome refuses that.
// Once the pump that waits for an accepted stream's first bytes took the first record of TLS for them, if it
// came to read as late as when the page had unpaused the stream again; hence the many connections.
func TestSecureAcceptedStream(t *testing.T) {
	a := newAuthority(t)
	h := newHarness(t, gateway.Config{RootCAs: a.pool()})
	page := h.page(wire.Options{})
	_, address := h.listen(page)
	config := &tls.Config{Certificates: []tls.Certificate{a.certificate(func(*x509.Certificate) {})}}
	for range 100 {
		peer := tls.Server(h.dial(address), config)
		echoed := make(chan struct{})
		go func() {
			defer close(echoed)
			_, _ = io.Copy(peer, peer)
			_ = peer.Close()
		}()
		accepted, err := page.Accept(h.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.call(page, "tcp.secure", []any{accepted.Stream.ID()}); err != nil {
			t.Fatal(err)
		}
		h.unpause(accepted.Stream)
		h.write(accepted.Stream, []byte("hello"))
		h.wantRead("through TLS and back", accepted.Stream, "hello")
		if err := h.call(page, "tcp.close", []any{accepted.Stream.ID()}); err != nil {
			t.Fatal(err)
		}
		<-echoed
	}
}
