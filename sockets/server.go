package sockets

import (
	"maps"
	"net"
	"net/netip"
	"slices"
	"time"
)

// server is a listening socket, or one that may become so. Namespace.mu guards all its fields.
type server struct {
	id         uint32
	persistent bool
	name       string
	paused     bool
	listening  *listening // nil while it does not listen
}

// CreateServer adds a server that does not listen yet.
func (n *Namespace) CreateServer(p ServerProperties) (uint32, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.addSocketLocked(); err != nil {
		return 0, err
	}
	n.lastServer++
	s := &server{id: n.lastServer}
	s.setProperties(p)
	n.servers[s.id] = s
	return s.id, nil
}

// UpdateServer changes the properties that p sets.
func (n *Namespace) UpdateServer(id int32, p ServerProperties) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, err := n.serverLocked(id)
	if err != nil {
		return err
	}
	s.setProperties(p)
	return nil
}

// SetServerPaused holds accepting back, or resumes it. Connections wait in the kernel's backlog.
func (n *Namespace) SetServerPaused(id int32, paused bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, err := n.serverLocked(id)
	if err != nil {
		return err
	}
	n.setServerPausedLocked(s, paused)
	return nil
}

func (n *Namespace) setServerPausedLocked(s *server, paused bool) {
	s.paused = paused
	if s.listening != nil {
		s.listening.interruptAccept(paused)
	}
	n.acceptCond.Broadcast()
}

// Listen begins to listen on an IP literal. Port 0 takes any free port; a nil backlog is the
// system's default. No connection is accepted before start has been called, so that the caller can
// answer first.
func (n *Namespace) Listen(id int32, host string, port int32, backlog *int32) (start func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, err := n.serverLocked(id)
	if err != nil {
		return nil, err
	}
	addr, literal := ParseLiteral(host)
	if port < 0 || port > 65535 {
		return nil, InvalidArgument
	}
	local := netip.AddrPortFrom(addr, uint16(port))
	if err := n.config.Policy.Listen(host, local); err != nil {
		return nil, err
	}
	if !literal || backlog != nil && *backlog == 0 {
		return nil, InvalidArgument
	}
	if s.listening != nil {
		// Listening twice: Chrome breaks here (reference, D2); the first listener stays as it is.
		if s.listening.isOn(local) {
			return nil, AddressInUse
		}
		return nil, Failed
	}
	l, err := n.openListener(host, local, backlog)
	if err != nil {
		return nil, err
	}
	s.listening = l
	l.interruptAccept(s.paused)
	return func() {
		n.background.Add(1)
		go n.acceptLoop(s, l)
	}, nil
}

// openListener binds and listens.
func (n *Namespace) openListener(host string, local netip.AddrPort, backlog *int32) (*listening, error) {
	ln, err := n.config.Listen(listenNetwork(local.Addr()), local.String(), backlog)
	if err != nil {
		return nil, resultOf(err)
	}
	return &listening{ln: ln, host: host, v6: local.Addr().Is6(), stop: make(chan struct{})}, nil
}

// listenNetwork chooses the family so that [::] takes both, as in Chrome, and other IPv6 only its own.
func listenNetwork(addr netip.Addr) string {
	switch {
	case addr.Is4():
		return "tcp4"
	case addr == netip.IPv6Unspecified(), addr.Is4In6():
		return "tcp"
	default:
		return "tcp6"
	}
}

// DisconnectServer stops listening. Connections that wait in the backlog are reset by the kernel,
// the port is free when it returns; accepted streams live on.
func (n *Namespace) DisconnectServer(id int32) error {
	n.mu.Lock()
	s, err := n.serverLocked(id)
	if err != nil {
		n.mu.Unlock()
		return err
	}
	l := n.stopListeningLocked(s)
	n.mu.Unlock()
	l.close()
	return nil
}

// CloseServer stops listening and forgets the id.
func (n *Namespace) CloseServer(id int32) error {
	n.mu.Lock()
	s, err := n.serverLocked(id)
	if err != nil {
		n.mu.Unlock()
		return err
	}
	l := n.stopListeningLocked(s)
	delete(n.servers, s.id)
	n.removedSocketLocked()
	n.mu.Unlock()
	l.close()
	return nil
}

// stopListeningLocked takes the listener away from s: nothing more is announced for it. The caller
// closes what it returns, nil included, without the lock.
func (n *Namespace) stopListeningLocked(s *server) *listening {
	l := s.listening
	s.listening = nil
	n.acceptCond.Broadcast()
	return l
}

// ServerInfo returns the state of a server.
func (n *Namespace) ServerInfo(id int32) (ServerInfo, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, err := n.serverLocked(id)
	if err != nil {
		return ServerInfo{}, err
	}
	return s.info(), nil
}

// Servers returns the state of all servers, by id.
func (n *Namespace) Servers() []ServerInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	infos := make([]ServerInfo, 0, len(n.servers))
	for _, id := range slices.Sorted(maps.Keys(n.servers)) {
		infos = append(infos, n.servers[id].info())
	}
	return infos
}

func (n *Namespace) serverLocked(id int32) (*server, error) {
	s, ok := n.servers[uint32(id)]
	if !ok {
		return nil, ErrNotFound
	}
	return s, nil
}

func (s *server) setProperties(p ServerProperties) {
	if p.Persistent != nil {
		s.persistent = *p.Persistent
	}
	if p.Name != nil {
		s.name = *p.Name
	}
}

func (s *server) info() ServerInfo {
	info := ServerInfo{SocketID: s.id, Persistent: s.persistent, Name: s.name, Paused: s.paused}
	if s.listening != nil {
		local := s.listening.local()
		info.Listening = true
		info.LocalAddress = formatAddr(local.Addr())
		info.LocalPort = local.Port()
	}
	return info
}

// listening is one period of a server between listen and disconnect.
type listening struct {
	// immutable
	ln net.Listener
	// host is the address as the page wrote it.
	host string
	// v6 says that the socket is IPv6, so that addresses of IPv4 peers are shown as mapped.
	v6   bool
	stop chan struct{} // closed by close
}

// local is the bound address.
func (l *listening) local() netip.AddrPort {
	return addrPortOf(l.ln.Addr(), l.v6)
}

func (l *listening) isOn(local netip.AddrPort) bool {
	return l.local() == local
}

// interruptAccept makes Accept return at once, or lets it wait again.
func (l *listening) interruptAccept(interrupt bool) {
	if ln, ok := l.ln.(interface{ SetDeadline(time.Time) error }); ok {
		deadline := time.Time{}
		if interrupt {
			deadline = interrupted
		}
		_ = ln.SetDeadline(deadline) // fails only on a closed listener, whose Accept returns anyway
	}
}

// close ends listening; nil does nothing.
func (l *listening) close() {
	if l == nil {
		return
	}
	close(l.stop)
	_ = l.ln.Close() // the descriptor is gone whatever it says
}

// addrPortOf reads the address of a TCP socket; the zero value for other kinds. With mapped, IPv4 is
// given as the IPv4-mapped IPv6 address that an IPv6 socket has.
func addrPortOf(addr net.Addr, mapped bool) netip.AddrPort {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if mapped {
		ip = netip.AddrFrom16(ip.As16())
	}
	return netip.AddrPortFrom(ip, uint16(tcp.Port))
}
