package rpc

import (
	"encoding/json"
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
	// ErrDenied means that the user does not want to permit what the page has asked for.
	ErrDenied = errors.New("rpc: permission denied")
	// ErrMuted means that the user has denied so much that the page may not ask for a while.
	ErrMuted = errors.New("rpc: permission denied, the origin is muted")
	// ErrRequestExpired means that the user has not answered in time.
	ErrRequestExpired = errors.New("rpc: request expired")
	// ErrRequestWithdrawn means that the page has asked anew, or the gateway stops.
	ErrRequestWithdrawn = errors.New("rpc: request withdrawn")
)

// RefusedError means that the page's origin may not have a session. The page sees both fields.
type RefusedError struct {
	Reason     string `json:"reason"`     // stable
	CanRequest bool   `json:"canRequest"` // whether permission.request may help
}

func (e *RefusedError) Error() string { return "rpc: origin not permitted: " + e.Reason }

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
	codeOriginNotPermitted = -32010
	codePermissionDenied   = -32011
	codeRequestExpired     = -32012
	codeRequestWithdrawn   = -32013
)

var (
	errMethodNotFound = errors.New("rpc: method not found")
	// errNotAlone answers an element of a batch that must be a message of its own.
	errNotAlone = errors.New("rpc: in a batch")
)

// errHeld answers a call of a batch whose replies have become too large to keep.
func errHeld(limit int) error {
	return &sockets.LimitError{What: "bytes of answers in batches", Max: limit}
}

// wireError is the one place where an error of Go becomes one of JSON-RPC. An error that no caller is to
// see the text of is an internal error there.
func wireError(err error) *jsonrpc2.Error {
	var (
		result  sockets.Result
		limit   *sockets.LimitError
		param   *ParamError
		refused *RefusedError
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
	case errors.As(err, &refused):
		return withData(&jsonrpc2.Error{Code: codeOriginNotPermitted, Message: "Origin not permitted"}, refused)
	case errors.Is(err, ErrDenied):
		return &jsonrpc2.Error{Code: codePermissionDenied, Message: "Permission denied"}
	case errors.Is(err, ErrMuted):
		return withData(&jsonrpc2.Error{Code: codePermissionDenied, Message: "Permission denied"}, deniedData{"muted"})
	case errors.Is(err, ErrRequestExpired):
		return &jsonrpc2.Error{Code: codeRequestExpired, Message: "Request expired"}
	case errors.Is(err, ErrRequestWithdrawn):
		return &jsonrpc2.Error{Code: codeRequestWithdrawn, Message: "Request withdrawn"}
	case errors.As(err, &limit):
		return &jsonrpc2.Error{Code: codeLimit, Message: fmt.Sprintf("Limit reached: %d %s", limit.Max, limit.What)}
	case errors.As(err, &param):
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: param.Error()}
	case errors.Is(err, errNotAlone):
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "Invalid Request: not in a batch"}
	case errors.Is(err, errMethodNotFound):
		return &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "Method not found"}
	}
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: "Internal error"}
}

// deniedData tells more of a denial.
type deniedData struct {
	Reason string `json:"reason"`
}

// withData gives an error its data.
func withData(e *jsonrpc2.Error, data any) *jsonrpc2.Error {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // strings and booleans
	}
	raw := json.RawMessage(text)
	e.Data = &raw
	return e
}
