package sockets

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
)

// DNSQuery says which address families a host name is resolved to.
type DNSQuery int

// The families of a [DNSQuery].
const (
	DNSAny DNSQuery = iota
	DNSIPv4
	DNSIPv6
)

func (q DNSQuery) network() string {
	return [...]string{DNSAny: "tcp", DNSIPv4: "tcp4", DNSIPv6: "tcp6"}[q]
}

// Connect connects a stream. done is called exactly once, at once or from another goroutine; when it
// has been told of success, start begins to read, so that the caller can answer first. Disconnecting
// while it runs answers it with [Aborted], closing with [ErrNotFound].
func (n *Namespace) Connect(id int32, host string, port int32, query DNSQuery, done func(start func(), err error)) {
	s, err := n.stream(id)
	if err != nil {
		done(nil, err)
		return
	}
	if port < 0 || port > 65535 {
		done(nil, InvalidArgument)
		return
	}
	if err := n.config.Policy.Connect(host, uint16(port)); err != nil {
		done(nil, err)
		return
	}
	address, err := dialAddress(host, uint16(port), query)
	if err != nil {
		done(nil, err)
		return
	}
	ctx, flushed, err := s.beginConnect()
	if err != nil {
		done(nil, err)
		return
	}
	n.background.Add(1)
	go func() {
		defer n.background.Done()
		conn, err := n.dial(ctx, flushed, query.network(), host, address)
		n.config.Policy.Dialled(host, uint16(port), err)
		if err := s.connected(ctx, host, conn, err); err != nil {
			done(nil, err)
		} else {
			done(s.resumeReading, nil)
		}
		n.config.Events.Flush(true)
	}()
}

// beginConnect makes the stream connecting. flushed is closed when the last bytes of the connection
// before have been written; nil if they have.
func (s *Stream) beginConnect() (ctx context.Context, flushed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state {
	case connected:
		return nil, nil, SocketIsConnected
	case connecting:
		return nil, nil, ConnectionFailed
	case gone:
		return nil, nil, ErrNotFound
	}
	s.state = connecting
	ctx, s.cancelConnect = context.WithCancel(context.Background())
	return ctx, s.flushedLocked(), nil
}

// dial waits for the connection before and makes a new one.
func (n *Namespace) dial(
	ctx context.Context, flushed <-chan struct{}, network, host, address string,
) (net.Conn, error) {
	if flushed != nil {
		select {
		case <-flushed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return n.config.Dial(ctx, network, address, func(address string) error {
		peer, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return n.config.Policy.Dial(host, peer)
	})
}

// connected ends a connect: the stream has conn, or is unconnected again.
func (s *Stream) connected(ctx context.Context, host string, conn net.Conn, err error) error {
	s.endDrain()
	s.mu.Lock()
	defer s.mu.Unlock()
	cancelled := ctx.Err() != nil
	s.cancelConnect()
	s.cancelConnect = nil
	if s.state == gone {
		err, cancelled = ErrNotFound, true
	} else if cancelled {
		err = Aborted
	}
	if cancelled && conn != nil {
		_ = conn.Close() // nobody knows it yet
	}
	if err != nil {
		if s.state != gone {
			s.state = unconnected
		}
		return connectError(err)
	}
	l := newLink(conn, false)
	l.host = host
	s.attachLocked(l)
	return nil
}

// dialAddress checks host as Chrome's resolver does. An IP literal in any spelling is normalised.
func dialAddress(host string, port uint16, query DNSQuery) (string, error) {
	if addr, ok := ParseLiteral(host); ok {
		if query == DNSIPv4 && !addr.Is4() || query == DNSIPv6 && !addr.Is6() {
			return "", NameNotResolved
		}
		return netip.AddrPortFrom(addr, port).String(), nil
	}
	if !isHostName(host) {
		return "", NameNotResolved
	}
	if IsLocalhost(host) {
		host = "localhost" // names below it are this machine too (RFC 6761, section 6.3)
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port))), nil
}

// isHostName keeps everything from the resolver that cannot be a name: empty labels, blanks, brackets.
func isHostName(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	label := 0
	for i, c := range host {
		switch {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
		case c <= ' ', c == 0x7f, c < 0x80 && !isNameByte(byte(c)):
			return false
		default:
			label = i + 1
		}
	}
	return true
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// connectError maps what dialling returned. Three errors are said differently than elsewhere, as in
// Chrome.
func connectError(err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrNotPermitted):
		return err
	case errors.As(err, &dns):
		return NameNotResolved
	}
	switch result := resultOf(err); result {
	case AccessDenied:
		return NetworkAccessDenied
	case TimedOut:
		return ConnectionTimedOut
	case Failed:
		return ConnectionFailed
	default:
		return result
	}
}
