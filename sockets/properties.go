package sockets

// ServerProperties are what create and update may set on a server. A nil field is left as it is.
type ServerProperties struct {
	Persistent *bool
	Name       *string
}

// StreamProperties are what create and update may set on a stream. A nil field is left as it is.
type StreamProperties struct {
	Persistent *bool
	Name       *string
	// BufferSize is the most bytes the page wants in one event. It is kept for the page; 0 and less
	// mean the page's default.
	BufferSize *int32
	// AllowHalfOpen is kept for the page: it may go on sending after the peer has ended.
	AllowHalfOpen *bool
}

// ServerInfo is the state of a server. Local fields are set while it listens.
type ServerInfo struct {
	SocketID     uint32
	Persistent   bool
	Name         string
	Paused       bool
	Listening    bool
	LocalAddress string
	LocalPort    uint16
}

// StreamInfo is the state of a stream. Address fields are set while it is connected.
type StreamInfo struct {
	SocketID      uint32
	Persistent    bool
	Name          string
	BufferSize    int32
	AllowHalfOpen bool
	Paused        bool
	Connected     bool
	LocalAddress  string
	LocalPort     uint16
	PeerAddress   string
	PeerPort      uint16
}
