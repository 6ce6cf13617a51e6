package sockets

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"time"
)

// SecureOptions are the versions of TLS that [Namespace.Secure] offers, such as tls.VersionTLS12. Zero is
// the lowest or highest that is safe; a lower minimum than that is raised.
type SecureOptions struct {
	MinVersion, MaxVersion uint16
}

// Secure makes a connected stream a TLS client. The stream must be paused, and what it sent must be
// written, as after a send that has completed: the handshake reads and writes by itself. The peer's
// certificate must be for the host that the page connected to; for an accepted stream, which Chrome
// refuses, for the peer's address.
//
// done is called exactly once, at once or from another goroutine; start is as in Connect. [ErrNotFound],
// [ErrNotConnected] and [ErrSecured] leave the stream as it is. A [Result] is the failure of the handshake, or of
// its conditions, and closes the stream, as in Chrome.
func (n *Namespace) Secure(id int32, options SecureOptions, done func(start func(), err error)) {
	s, err := n.stream(id)
	if err != nil {
		done(nil, err)
		return
	}
	l, relieved, ctx, err := s.beginSecure()
	if err != nil {
		var result Result
		if errors.As(err, &result) {
			_ = n.CloseStream(id, nil) // it is there
		}
		done(nil, err)
		return
	}
	n.background.Add(1)
	go func() {
		defer n.background.Done()
		conn := tls.Client(l.tcp, n.tlsConfig(l, options))
		err := s.relievePump(ctx, l, relieved)
		if err == nil {
			err = conn.HandshakeContext(ctx)
		}
		err = s.secured(l, conn, err)
		if err != nil {
			done(nil, err)
		} else {
			done(s.resumeReading, nil)
		}
		n.config.Events.Flush(true)
	}()
}

func (n *Namespace) tlsConfig(l *link, options SecureOptions) *tls.Config {
	name := l.host
	if name == "" {
		name = l.peer.Addr().Unmap().String()
	} else if addr, ok := ParseLiteral(name); ok {
		name = addr.Unmap().String()
	}
	return &tls.Config{
		ServerName: name,
		RootCAs:    n.config.RootCAs,
		MinVersion: max(options.MinVersion, tls.VersionTLS12),
		MaxVersion: options.MaxVersion,
	}
}

// beginSecure takes both directions of the connection away from the pumps. relieved is closed when the
// read pump has ended; nil if there is none.
func (s *Stream) beginSecure() (l *link, relieved <-chan struct{}, ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l = s.link
	switch {
	case s.state != connected:
		return nil, nil, nil, ErrNotConnected
	case l.secure:
		return nil, nil, nil, ErrSecured
	case !s.paused || s.down.size > 0 || l.readEnded || l.writing || l.upEnded || l.stopped != OK:
		return nil, nil, nil, Failed
	}
	s.readAhead = 0
	l.secure = true
	l.writing = true
	if l.reading {
		l.relieved = make(chan struct{})
	}
	ctx, l.cancelSecure = context.WithCancel(context.Background())
	return l, l.relieved, ctx, nil
}

// interrupted is a deadline that has passed.
var interrupted = time.Unix(1, 0)

// relievePump interrupts a read pump that waits for bytes, and waits until it has ended: what the peer sends
// from now on is TLS. It fails if the pump has got bytes after all.
func (s *Stream) relievePump(ctx context.Context, l *link, relieved <-chan struct{}) error {
	if relieved == nil {
		return nil
	}
	_ = l.tcp.SetReadDeadline(interrupted) // fails only on a closed connection, as the handshake does then
	select {
	case <-relieved:
	case <-ctx.Done():
		return ctx.Err()
	}
	_ = l.tcp.SetReadDeadline(time.Time{})
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.early {
		return Failed
	}
	return nil
}

// secured ends a handshake: from now on bytes go through conn, or the stream is closed.
func (s *Stream) secured(l *link, conn *tls.Conn, handshakeErr error) error {
	s.mu.Lock()
	l.cancelSecure()
	l.cancelSecure = nil
	l.writing = false
	released := l.released
	if handshakeErr == nil {
		l.conn = conn
		l.direct = nil
	} else {
		s.stopLocked(l, Failed)
	}
	isGone := s.state == gone
	s.settle(l)
	switch {
	case isGone:
		return ErrNotFound
	case released:
		return Aborted
	case handshakeErr != nil:
		_ = s.namespace.CloseStream(int32(s.id), nil) // the page may have been quicker
		return secureError(handshakeErr)
	}
	s.flush() // what the page sent meanwhile
	return nil
}

// closeSecureLocked ends the page's direction of a TLS connection: the alert and then FIN. Both may have to wait
// for the peer, so a goroutine does it, as the writer; it is counted by the namespace.
func (s *Stream) closeSecureLocked(l *link) {
	l.writing = true
	s.namespace.background.Add(1)
	go func() {
		defer s.namespace.background.Done()
		closeWrite(l.conn)
		closeWrite(l.tcp)
		s.mu.Lock()
		l.writing = false
		l.finSent = true
		s.settle(l)
	}()
}

// secureError maps the failure of a handshake to Chrome's codes.
func secureError(err error) Result {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		op        *net.OpError
	)
	switch {
	case errors.Is(err, Failed):
		return Failed
	case errors.As(err, &authority):
		return CertAuthorityInvalid
	case errors.As(err, &name):
		return CertNameInvalid
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return CertDateInvalid
	case errors.As(err, &invalid):
		return CertInvalid
	case errors.As(err, &record):
		return SSLProtocolError
	case errors.Is(err, io.EOF):
		return ConnectionClosed
	case errors.As(err, &op) && op.Op == "remote error":
		// The peer's alert. In a handshake it nearly always means that nothing fits both sides.
		return SSLVersionMismatch
	}
	if result := resultOf(err); result != Failed {
		return result
	}
	return SSLProtocolError
}
