package rpc

import (
	"crypto/tls"

	"github.com/socketgate/socketgate/sockets"
)

type streamProperties struct {
	Persistent    *bool   `json:"persistent" doc:"Kept and shown."`
	Name          *string `json:"name" doc:"Kept and shown; empty removes it."`
	BufferSize    *int32  `json:"bufferSize" doc:"Most bytes that the page wants in one event; kept for the page. 0 or less means its default."`
	AllowHalfOpen *bool   `json:"allowHalfOpen" doc:"The page goes on sending after the peer has ended; kept for the page."`
}

type createStreamParams struct {
	Properties *streamProperties `json:"properties" doc:"Properties of the new socket."`
}

type updateStreamParams struct {
	SocketID   int32            `json:"socketId" doc:"Id of the socket."`
	Properties streamProperties `json:"properties" doc:"Properties to change; the others stay."`
}

type setKeepAliveParams struct {
	SocketID int32  `json:"socketId" doc:"Id of the socket."`
	Enable   bool   `json:"enable" doc:"Whether TCP asks a silent peer if it is still there."`
	Delay    *int32 `json:"delay" doc:"Seconds of silence before it asks."`
}

type setNoDelayParams struct {
	SocketID int32 `json:"socketId" doc:"Id of the socket."`
	NoDelay  bool  `json:"noDelay" doc:"Whether small pieces are sent at once (Nagle's algorithm is off)."`
}

type connectParams struct {
	SocketID     int32     `json:"socketId" doc:"Id of the socket."`
	PeerAddress  string    `json:"peerAddress" doc:"Host name or IP address."`
	PeerPort     int32     `json:"peerPort" doc:"Port."`
	DNSQueryType *dnsQuery `json:"dnsQueryType" doc:"Kind of addresses that a name is resolved to; by default any."`
}

// dnsQuery is the index of one of its words.
type dnsQuery int

func (dnsQuery) words() []string { return []string{"any", "ipv4", "ipv6"} }

// query returns the value that the sockets know; nil is any.
func (q *dnsQuery) query() sockets.DNSQuery {
	if q == nil {
		return sockets.DNSAny
	}
	return [...]sockets.DNSQuery{sockets.DNSAny, sockets.DNSIPv4, sockets.DNSIPv6}[*q]
}

type secureParams struct {
	SocketID int32          `json:"socketId" doc:"Id of the socket."`
	Options  *secureOptions `json:"options" doc:"Versions of TLS."`
}

type secureOptions struct {
	TLSVersion *tlsVersions `json:"tlsVersion" doc:"Versions of TLS that are offered."`
}

type tlsVersions struct {
	Min *string `json:"min" doc:"Lowest version: tls1, tls1.1, tls1.2 or tls1.3. Below tls1.2 it is raised to that; others are ignored."`
	Max *string `json:"max" doc:"Highest version. Others than tls1.2 and tls1.3 are ignored."`
}

// versions returns what the sockets know.
func (o *secureOptions) versions() sockets.SecureOptions {
	if o == nil || o.TLSVersion == nil {
		return sockets.SecureOptions{}
	}
	return sockets.SecureOptions{
		MinVersion: tlsVersion(o.TLSVersion.Min),
		MaxVersion: tlsVersion(o.TLSVersion.Max),
	}
}

// tlsVersion reads the name of a version, as Chrome does: what it does not know is ignored.
func tlsVersion(name *string) uint16 {
	if name == nil {
		return 0
	}
	return map[string]uint16{"tls1.2": tls.VersionTLS12, "tls1.3": tls.VersionTLS13}[*name]
}

type endStreamParams struct {
	SocketID    int32   `json:"socketId" doc:"Id of the socket."`
	FinalOffset *uint64 `json:"finalOffset" doc:"Offset at which the page's bytes end, if not all have been sent yet."`
}

// streamInfo is the result of tcp.getInfo, with the names in alphabetical order.
type streamInfo struct {
	AllowHalfOpen bool   `json:"allowHalfOpen,omitempty" doc:"As given; left out if false."`
	BufferSize    int32  `json:"bufferSize,omitempty" doc:"As given; left out if the page's default."`
	Connected     bool   `json:"connected" doc:"Whether it is connected."`
	LocalAddress  string `json:"localAddress,omitempty" doc:"IP address, while it is connected."`
	LocalPort     uint16 `json:"localPort,omitempty" doc:"Port, while it is connected."`
	Name          string `json:"name,omitempty" doc:"Name, if one has been given."`
	Paused        bool   `json:"paused" doc:"Whether nothing is received."`
	PeerAddress   string `json:"peerAddress,omitempty" doc:"IP address of the peer, while it is connected."`
	PeerPort      uint16 `json:"peerPort,omitempty" doc:"Port of the peer, while it is connected."`
	Persistent    bool   `json:"persistent" doc:"As given."`
	SocketID      uint32 `json:"socketId" doc:"Id of the socket."`
}

func newStreamInfo(i sockets.StreamInfo) streamInfo {
	return streamInfo{
		AllowHalfOpen: i.AllowHalfOpen,
		BufferSize:    max(i.BufferSize, 0),
		Connected:     i.Connected,
		LocalAddress:  i.LocalAddress,
		LocalPort:     i.LocalPort,
		Name:          i.Name,
		Paused:        i.Paused,
		PeerAddress:   i.PeerAddress,
		PeerPort:      i.PeerPort,
		Persistent:    i.Persistent,
		SocketID:      i.SocketID,
	}
}

func streamMethods() []method {
	return []method{
		newMethod("tcp.create", "Creates a stream.",
			withResult(func(n *sockets.Namespace, p createStreamParams) (createResult, error) {
				var properties sockets.StreamProperties
				if p.Properties != nil {
					properties = sockets.StreamProperties(*p.Properties)
				}
				id, err := n.CreateStream(properties)
				return createResult{SocketID: id}, err
			}), docSessionNotOpen, docLimit),
		newMethod("tcp.update", "Changes properties of a stream.",
			onSocket(func(n *sockets.Namespace, p updateStreamParams) error {
				return n.UpdateStream(p.SocketID, sockets.StreamProperties(p.Properties))
			}), docSessionNotOpen, docNotFound),
		newMethodAfter("tcp.setPaused", "Stops or resumes receiving.",
			withAfter(func(n *sockets.Namespace, p setPausedParams) (void, func(), error) {
				resume, err := n.SetStreamPaused(p.SocketID, p.Paused)
				return void{}, resume, err
			}), docSessionNotOpen, docNotFound),
		newMethod("tcp.setKeepAlive", "Turns TCP keep-alive on or off.",
			withResult(setKeepAlive), docSessionNotOpen, docNotFound, docNetwork),
		newMethod("tcp.setNoDelay", "Turns Nagle's algorithm off or on.",
			withResult(func(n *sockets.Namespace, p setNoDelayParams) (success, error) {
				return 0, n.SetNoDelay(p.SocketID, p.NoDelay)
			}), docSessionNotOpen, docNotFound, docNetwork),
		newMethodWaiting("tcp.connect", "Connects a stream to a peer.",
			connect, docSessionNotOpen, docNotFound, docNotPermitted, docLimit, docNetwork),
		newMethodWaiting("tcp.secure", "Makes a connected stream a TLS client.",
			secure, docSessionNotOpen, docNotFound, docLimit, docNetwork),
		newMethod("tcp.disconnect", "Ends the connection of a stream.",
			onSocket(func(n *sockets.Namespace, p endStreamParams) error {
				return n.DisconnectStream(p.SocketID, p.FinalOffset)
			}), docSessionNotOpen, docNotFound),
		newMethod("tcp.close", "Ends the connection of a stream and removes it.",
			onSocket(func(n *sockets.Namespace, p endStreamParams) error {
				return n.CloseStream(p.SocketID, p.FinalOffset)
			}), docSessionNotOpen, docNotFound),
		newMethod("tcp.getInfo", "Returns the state of a stream.",
			withResult(func(n *sockets.Namespace, p socketParams) (streamInfo, error) {
				info, err := n.StreamInfo(p.SocketID)
				return newStreamInfo(info), err
			}), docSessionNotOpen, docNotFound),
		newMethod("tcp.getSockets", "Returns the state of every stream of the session.",
			withResult(func(n *sockets.Namespace, _ struct{}) ([]streamInfo, error) {
				infos := []streamInfo{}
				for _, info := range n.Streams() {
					infos = append(infos, newStreamInfo(info))
				}
				return infos, nil
			}), docSessionNotOpen),
	}
}

func setKeepAlive(n *sockets.Namespace, p setKeepAliveParams) (success, error) {
	var delay int32
	if p.Delay != nil {
		delay = *p.Delay
	}
	return 0, n.SetKeepAlive(p.SocketID, p.Enable, delay)
}

func connect(s Session, p connectParams, done func(success, func(), error)) {
	n, err := s.Namespace()
	if err != nil {
		done(0, nil, err)
		return
	}
	n.Connect(p.SocketID, p.PeerAddress, p.PeerPort, p.DNSQueryType.query(),
		func(start func(), err error) { done(0, start, err) })
}

func secure(s Session, p secureParams, done func(success, func(), error)) {
	n, err := s.Namespace()
	if err != nil {
		done(0, nil, err)
		return
	}
	n.Secure(p.SocketID, p.Options.versions(), func(start func(), err error) { done(0, start, err) })
}
