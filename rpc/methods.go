package rpc

import (
	"encoding/json"
	"slices"

	"github.com/socketgate/socketgate/sockets"
)

// newSocketMethods returns the method table of the gateway, in the order of the protocol document.
func newSocketMethods(s Session) []method {
	return slices.Concat(serverMethods(s), streamMethods(s), sessionMethods(s), []method{discover})
}

// discover answers before session.open too, so that a tool can ask any gateway what it offers.
var discover = newMethod("rpc.discover", "Returns this document.",
	func(struct{}) (json.RawMessage, error) { return document(), nil })

// socketParams are the parameters of methods that take nothing but a socket.
type socketParams struct {
	SocketID int32 `json:"socketId" doc:"Id of the socket."`
}

// createResult is the result of the create methods.
type createResult struct {
	SocketID uint32 `json:"socketId" doc:"Id of the new socket."`
}

// onSocket makes of an action on one socket a method function without a result.
func onSocket[P any](s Session, f func(*sockets.Namespace, P) error) func(P) (void, error) {
	return withResult[P, void](s, func(n *sockets.Namespace, p P) (void, error) { return void{}, f(n, p) })
}

// withResult makes of an action in the session's namespace a method function.
func withResult[P, R any](s Session, f func(*sockets.Namespace, P) (R, error)) func(P) (R, error) {
	return func(p P) (R, error) {
		n, err := s.Namespace()
		if err != nil {
			var none R
			return none, err
		}
		return f(n, p)
	}
}

// withAfter is withResult for an action that leaves a function to be run after the reply.
func withAfter[P, R any](
	s Session, f func(*sockets.Namespace, P) (R, func(), error),
) func(P) (R, func(), error) {
	return func(p P) (R, func(), error) {
		n, err := s.Namespace()
		if err != nil {
			var none R
			return none, nil, err
		}
		return f(n, p)
	}
}
