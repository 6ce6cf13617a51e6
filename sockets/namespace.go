package sockets

// Namespace stub: being written; signatures are final.
type Namespace struct{}

func (n *Namespace) CreateServer(p ServerProperties) (uint32, error) { panic("") }
func (n *Namespace) UpdateServer(id int32, p ServerProperties) error { panic("") }
func (n *Namespace) SetServerPaused(id int32, paused bool) error     { panic("") }
func (n *Namespace) Listen(id int32, address string, port int32, backlog *int32) (start func(), err error) {
	panic("")
}
func (n *Namespace) DisconnectServer(id int32) error         { panic("") }
func (n *Namespace) CloseServer(id int32) error              { panic("") }
func (n *Namespace) ServerInfo(id int32) (ServerInfo, error) { panic("") }
func (n *Namespace) Servers() []ServerInfo                   { panic("") }

func (n *Namespace) CreateStream(p StreamProperties) (uint32, error) { panic("") }
func (n *Namespace) UpdateStream(id int32, p StreamProperties) error { panic("") }
func (n *Namespace) SetStreamPaused(id int32, paused bool) (resume func(), err error) {
	panic("")
}
func (n *Namespace) SetKeepAlive(id int32, enable bool, delay int32) error { panic("") }
func (n *Namespace) SetNoDelay(id int32, noDelay bool) error               { panic("") }
func (n *Namespace) Connect(id int32, host string, port int32, query DNSQuery, done func(start func(), err error)) {
	panic("")
}
func (n *Namespace) DisconnectStream(id int32, finalOffset *uint64) error { panic("") }
func (n *Namespace) CloseStream(id int32, finalOffset *uint64) error      { panic("") }
func (n *Namespace) StreamInfo(id int32) (StreamInfo, error)              { panic("") }
func (n *Namespace) Streams() []StreamInfo                                { panic("") }

// DNSQuery says which address families a host name is resolved to.
type DNSQuery int

const (
	DNSAny DNSQuery = iota
	DNSIPv4
	DNSIPv6
)
