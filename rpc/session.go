package rpc

import "github.com/socketgate/socketgate/sockets"

// Session is what the methods work on. All its methods are called from one goroutine and must not block.
type Session interface {
	// Open begins the session. Its errors are [ErrSessionAlreadyOpen], a [*ParamError], or a fault.
	Open(OpenParams) (OpenResult, error)
	// Close closes every socket. after runs when the answer has been queued and ends the connection.
	// Before Open it returns [ErrSessionNotOpen].
	Close() (after func(), err error)
	// Namespace returns the session's sockets, or [ErrSessionNotOpen].
	Namespace() (*sockets.Namespace, error)
}

// OpenParams are the parameters of session.open.
type OpenParams struct {
	// MaxFrame is the longest binary message, in bytes, that the page wants to receive. Nil means the
	// gateway's limit.
	MaxFrame *int32 `json:"maxFrame" doc:"Longest binary message, in bytes, that the page wants to receive; by default the gateway's limit."`
}

// OpenResult is the result of session.open. Sizes are in bytes.
type OpenResult struct {
	Session    string `json:"session" doc:"Opaque name of the session, for logs and support; it grants nothing."`
	Window     int    `json:"window" doc:"Bytes of credit per stream and direction."`
	MaxFrame   int    `json:"maxFrame" doc:"Longest binary message, in bytes."`
	MaxText    int    `json:"maxText" doc:"Longest text message from the page, in bytes."`
	MaxBatch   int    `json:"maxBatch" doc:"Most elements in a batch."`
	MaxCalls   int    `json:"maxCalls" doc:"Most calls waiting for an answer."`
	MaxSockets int    `json:"maxSockets" doc:"Most sockets in the session."`
}
