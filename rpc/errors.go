package rpc

import (
	"errors"
	"fmt"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/socketgate/socketgate/sockets"
)

// Errors that a [Session] returns.
var (
	// ErrSessionNotOpen means that session.open has not been called.
	ErrSessionNotOpen = errors.New("rpc: session not open")
	// ErrSessionAlreadyOpen means that session.open has been called before.
	ErrSessionAlreadyOpen = errors.New("rpc: session already open")
	// ErrSessionGone means that there is no session that the page could go on with: it has ended, or is not
	// this page's.
	ErrSessionGone = errors.New("rpc: session gone")
)

// ParamError reports a parameter that a method cannot take. The page sees Name and Reason.
type ParamError struct {
	Name   string // "port", "properties.name"; empty when it is about all parameters
	Reason string // reads on after the name: "must be a string, got 5"
}

func (e *ParamError) Error() string {
	if e.Name == "" {
		return "Invalid params: " + e.Reason
	}
	return "Invalid params: " + e.Name + " " + e.Reason
}

// Codes of our own, beside those of JSON-RPC 2.0, section 5.1. They lie in its range for
// "implementation-defined server-errors". Outcomes of network operations are codes of Chrome's, -1 to -999.
const (
	codeNotFound           = -32001
	codeNotPermitted       = -32002
	codeSessionNotOpen     = -32003
	codeSessionAlreadyOpen = -32004
	codeLimit              = -32005
	codeSessionGone        = -32006
)

var errMethodNotFound = errors.New("rpc: method not found")

// errHeld answers a call of a batch whose replies have become too large to keep.
func errHeld(limit int) error {
	return &sockets.LimitError{What: "bytes of answers in batches", Max: limit}
}

// wireError is the one place where an error of Go becomes one of JSON-RPC. An error that no caller is to
// see the text of is an internal error there.
func wireError(err error) *jsonrpc2.Error {
	var (
		result sockets.Result
		limit  *sockets.LimitError
		param  *ParamError
	)
	switch {
	case errors.As(err, &result) && result < 0:
		return &jsonrpc2.Error{Code: int64(result), Message: result.Error()}
	case errors.Is(err, sockets.ErrNotFound):
		return &jsonrpc2.Error{Code: codeNotFound, Message: "Socket not found"}
	case errors.Is(err, sockets.ErrNotPermitted):
		return &jsonrpc2.Error{Code: codeNotPermitted, Message: "Does not have permission"}
	case errors.Is(err, sockets.ErrNotConnected):
		return &jsonrpc2.Error{Code: int64(sockets.InvalidArgument), Message: "Socket not connected"}
	case errors.Is(err, sockets.ErrSecured):
		return &jsonrpc2.Error{Code: int64(sockets.InvalidArgument), Message: "Socket must be a connected client TCP socket."}
	case errors.Is(err, ErrSessionNotOpen):
		return &jsonrpc2.Error{Code: codeSessionNotOpen, Message: "Session not open"}
	case errors.Is(err, ErrSessionAlreadyOpen):
		return &jsonrpc2.Error{Code: codeSessionAlreadyOpen, Message: "Session already open"}
	case errors.Is(err, ErrSessionGone):
		return &jsonrpc2.Error{Code: codeSessionGone, Message: "Session gone"}
	case errors.As(err, &limit):
		return &jsonrpc2.Error{Code: codeLimit, Message: fmt.Sprintf("Limit reached: %d %s", limit.Max, limit.What)}
	case errors.As(err, &param):
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: param.Error()}
	case errors.Is(err, errMethodNotFound):
		return &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "Method not found"}
	}
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: "Internal error"}
}
