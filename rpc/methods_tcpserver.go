package rpc

import "github.com/socketgate/socketgate/sockets"

type serverProperties struct {
	Persistent *bool   `json:"persistent" doc:"Kept and shown."`
	Name       *string `json:"name" doc:"Kept and shown; empty removes it."`
}

type createServerParams struct {
	Properties *serverProperties `json:"properties" doc:"Properties of the new socket."`
}

type updateServerParams struct {
	SocketID   int32            `json:"socketId" doc:"Id of the socket."`
	Properties serverProperties `json:"properties" doc:"Properties to change; the others stay."`
}

type setPausedParams struct {
	SocketID int32 `json:"socketId" doc:"Id of the socket."`
	Paused   bool  `json:"paused" doc:"Whether nothing is accepted or received."`
}

type listenParams struct {
	SocketID int32  `json:"socketId" doc:"Id of the socket."`
	Address  string `json:"address" doc:"IP address or localhost."`
	Port     int32  `json:"port" doc:"Port to listen on, 0 for any free one."`
	Backlog  *int32 `json:"backlog" doc:"Length of the kernel's queue of connections not yet accepted."`
}

// serverInfo is the result of tcpServer.getInfo, with the names in alphabetical order.
type serverInfo struct {
	LocalAddress string `json:"localAddress,omitempty" doc:"IP address, while it listens."`
	LocalPort    uint16 `json:"localPort,omitempty" doc:"Port, while it listens."`
	Name         string `json:"name,omitempty" doc:"Name, if one has been given."`
	Paused       bool   `json:"paused" doc:"Whether it does not accept."`
	Persistent   bool   `json:"persistent" doc:"As given."`
	SocketID     uint32 `json:"socketId" doc:"Id of the socket."`
}

func newServerInfo(i sockets.ServerInfo) serverInfo {
	return serverInfo{
		LocalAddress: i.LocalAddress,
		LocalPort:    i.LocalPort,
		Name:         i.Name,
		Paused:       i.Paused,
		Persistent:   i.Persistent,
		SocketID:     i.SocketID,
	}
}

func serverMethods() []method {
	return []method{
		newMethod("tcpServer.create", "Creates a server.",
			withResult(func(n *sockets.Namespace, p createServerParams) (createResult, error) {
				var properties sockets.ServerProperties
				if p.Properties != nil {
					properties = sockets.ServerProperties(*p.Properties)
				}
				id, err := n.CreateServer(properties)
				return createResult{SocketID: id}, err
			}), docSessionNotOpen, docLimit),
		newMethod("tcpServer.update", "Changes properties of a server.",
			onSocket(func(n *sockets.Namespace, p updateServerParams) error {
				return n.UpdateServer(p.SocketID, sockets.ServerProperties(p.Properties))
			}), docSessionNotOpen, docNotFound),
		newMethod("tcpServer.setPaused", "Stops or resumes accepting; meanwhile connections wait in the kernel's backlog.",
			onSocket(func(n *sockets.Namespace, p setPausedParams) error {
				return n.SetServerPaused(p.SocketID, p.Paused)
			}), docSessionNotOpen, docNotFound),
		newMethodAfter("tcpServer.listen", "Listens on an address.",
			withAfter(func(n *sockets.Namespace, p listenParams) (success, func(), error) {
				start, err := n.Listen(p.SocketID, p.Address, p.Port, p.Backlog)
				return 0, start, err
			}), docSessionNotOpen, docNotFound, docNotPermitted, docNetwork),
		newMethod("tcpServer.disconnect", "Stops listening.",
			onSocket(func(n *sockets.Namespace, p socketParams) error {
				return n.DisconnectServer(p.SocketID)
			}), docSessionNotOpen, docNotFound),
		newMethod("tcpServer.close", "Stops listening and removes the server.",
			onSocket(func(n *sockets.Namespace, p socketParams) error {
				return n.CloseServer(p.SocketID)
			}), docSessionNotOpen, docNotFound),
		newMethod("tcpServer.getInfo", "Returns the state of a server.",
			withResult(func(n *sockets.Namespace, p socketParams) (serverInfo, error) {
				info, err := n.ServerInfo(p.SocketID)
				return newServerInfo(info), err
			}), docSessionNotOpen, docNotFound),
		newMethod("tcpServer.getSockets", "Returns the state of every server of the session.",
			withResult(func(n *sockets.Namespace, _ struct{}) ([]serverInfo, error) {
				infos := []serverInfo{}
				for _, info := range n.Servers() {
					infos = append(infos, newServerInfo(info))
				}
				return infos, nil
			}), docSessionNotOpen),
	}
}
