package rpc

import "reflect"

// Names of the notifications to the page.
const (
	onAccept      = "tcpServer.onAccept"
	onAcceptError = "tcpServer.onAcceptError"
	onPending     = "permission.pending"
)

type acceptParams struct {
	ClientSocketID uint32 `json:"clientSocketId" doc:"Id of the new stream, which is connected and paused."`
	SocketID       uint32 `json:"socketId" doc:"Id of the server."`
}

type acceptErrorParams struct {
	ResultCode int32  `json:"resultCode" doc:"Net error code, negative."`
	SocketID   uint32 `json:"socketId" doc:"Id of the server, which is now paused."`
}

type pendingParams struct {
	Code      string `json:"code" doc:"What the user finds the request by, to be shown by the page."`
	URL       string `json:"url,omitempty" doc:"Where the user answers it."`
	ExpiresIn int    `json:"expiresIn" doc:"Seconds until it expires."`
}

// notification is one line of the table of notifications, for the OpenRPC document.
type notification struct {
	name    string
	summary string
	params  reflect.Type
}

var notifications = []notification{
	{onAccept, "A connection was accepted.", reflect.TypeFor[acceptParams]()},
	{onPending, "The user can see what permission.request has asked for.", reflect.TypeFor[pendingParams]()},
	{onAcceptError, "Accepting failed; the server is now paused.", reflect.TypeFor[acceptErrorParams]()},
}
