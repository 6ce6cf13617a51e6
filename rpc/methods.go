package rpc

import (
	"encoding/json"
	"slices"

	"github.com/socketgate/socketgate/sockets"
)

// methods is the method table of the gateway, in the order of the protocol document.
var methods methodTable

// An initializer would be a cycle: rpc.discover describes the table that it is in.
func init() {
	methods = newMethodTable(slices.Concat(serverMethods(), streamMethods(), sessionMethods(), []method{
		newMethod("rpc.discover", "Returns this document.",
			func(Session, struct{}) (json.RawMessage, error) { return document(), nil }),
	}))
}

// methodTable holds methods in order and by name. It is immutable.
type methodTable struct {
	list   []method
	byName map[string]*method
}

func newMethodTable(list []method) methodTable {
	t := methodTable{list: list, byName: make(map[string]*method, len(list))}
	for i := range list {
		t.byName[list[i].name] = &list[i]
	}
	return t
}

// find returns the method of that name, or nil. Names are compared exactly.
func (t methodTable) find(name string) *method { return t.byName[name] }

// socketParams are the parameters of methods that take nothing but a socket.
type socketParams struct {
	SocketID int32 `json:"socketId" doc:"Id of the socket."`
}

// createResult is the result of the create methods.
type createResult struct {
	SocketID uint32 `json:"socketId" doc:"Id of the new socket."`
}

// onSocket makes of an action on one socket a method function without a result.
func onSocket[P any](f func(*sockets.Namespace, P) error) func(Session, P) (void, error) {
	return withResult(func(n *sockets.Namespace, p P) (void, error) { return void{}, f(n, p) })
}

// withResult makes of an action in the session's namespace a method function.
func withResult[P, R any](f func(*sockets.Namespace, P) (R, error)) func(Session, P) (R, error) {
	return func(s Session, p P) (R, error) {
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
	f func(*sockets.Namespace, P) (R, func(), error),
) func(Session, P) (R, func(), error) {
	return func(s Session, p P) (R, func(), error) {
		n, err := s.Namespace()
		if err != nil {
			var none R
			return none, nil, err
		}
		return f(n, p)
	}
}
