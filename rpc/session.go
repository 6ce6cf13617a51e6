package rpc

import (
	"encoding/json"
	"strconv"

	"github.com/socketgate/socketgate/sockets"
)

// Session is what the methods work on. All its methods are called from one goroutine and must not block.
type Session interface {
	// Open begins the session, or goes on with one. It calls done once, at once or from another goroutine;
	// start runs when the answer has been queued. Its errors are [ErrSessionAlreadyOpen], [ErrSessionGone], a
	// [*RefusedError], a [*ParamError], a [*sockets.LimitError], or a fault.
	Open(params OpenParams, done func(result OpenResult, start func(), err error))
	// Ask puts a wish before the user, who answers some time later. It calls done once, at once or from another
	// goroutine. Its errors are [ErrSessionAlreadyOpen], [ErrDenied], [ErrMuted], [ErrRequestExpired],
	// [ErrRequestWithdrawn], a [*ParamError], a [*sockets.LimitError], or a fault.
	Ask(params AskParams, done func(result AskResult, after func(), err error))
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
	// Session and Secret are what the page was answered before, if it comes back.
	Session *string `json:"session" doc:"Session to go on with; by default a new one."`
	Secret  *string `json:"secret" doc:"The secret of that session."`
	// Received is how many numbered messages the page has received from that session.
	Received *uint64 `json:"received" doc:"How many of the session's numbered messages the page has received."`
	// Page and Attempt tell connections apart by their age: the first is another for each page, also when it is
	// loaded again, and the second is higher for each later connection of it.
	Page    *string `json:"page" doc:"A random name of the page, new when it is loaded again."`
	Attempt *uint64 `json:"attempt" doc:"A number that is higher for each later connection of the page; one that arrives late is not taken up."`
	// Fresh says that the page has been loaded again: only persistent sockets are left.
	Fresh *bool `json:"fresh" doc:"Whether the page was loaded again and knows nothing but session and secret."`
	// After are the highest ids that the page knows from a session before, for a new one.
	After *LastIDs `json:"after" doc:"Highest ids of a session before; those of a new session come behind them."`
	// Credential is what permission.request was answered with. A new session needs it, unless the gateway lets
	// the page's origin in without.
	Credential *string `json:"credential" doc:"The credential of the page's origin, for a new session."`
}

// AskParams are the parameters of permission.request.
type AskParams struct {
	Name    string          `json:"name" doc:"What the page calls itself, 1 to 64 characters that can be seen."`
	Sockets json.RawMessage `json:"sockets" doc:"What it wants to do: the value of the key sockets in the manifest of a Chrome App."`
}

// AskResult is the result of permission.request.
type AskResult struct {
	Credential string `json:"credential" doc:"What session.open takes from now on. It is a secret of the page's origin."`
	Expires    Expiry `json:"expires" doc:"When it ends unless it is used before, in Unix seconds; null for never."`
}

// Expiry is a time in Unix seconds. Zero is never, and is written as null.
type Expiry int64

// MarshalJSON implements [json.Marshaler].
func (e Expiry) MarshalJSON() ([]byte, error) {
	if e == 0 {
		return null, nil
	}
	return strconv.AppendInt(nil, int64(e), 10), nil
}

// LastIDs are ids that must not be given out again.
type LastIDs struct {
	TCPServer int32 `json:"tcpServer" doc:"Highest id of a server."`
	TCP       int32 `json:"tcp" doc:"Highest id of a stream."`
}

// OpenResult is the result of session.open. Sizes are in bytes.
type OpenResult struct {
	Session    string    `json:"session" doc:"Opaque name of the session."`
	Secret     string    `json:"secret,omitempty" doc:"What the page must present to come back to a new session."`
	Received   uint64    `json:"received,omitempty" doc:"How many numbered messages of the page have arrived; left out if none."`
	Restored   *Restored `json:"restored,omitempty" doc:"The sockets that a page finds that was loaded again."`
	Window     int       `json:"window" doc:"Bytes of credit per stream and direction."`
	MaxFrame   int       `json:"maxFrame" doc:"Longest binary message, in bytes."`
	MaxText    int       `json:"maxText" doc:"Longest text message from the page, in bytes."`
	MaxBatch   int       `json:"maxBatch" doc:"Most elements in a batch."`
	MaxCalls   int       `json:"maxCalls" doc:"Most calls waiting for an answer."`
	MaxSockets int       `json:"maxSockets" doc:"Most sockets in the session."`
}

// Restored are the sockets that outlived their page.
type Restored struct {
	TCPServer []uint32         `json:"tcpServer" doc:"Ids of servers that listen."`
	TCP       []restoredStream `json:"tcp" doc:"Streams."`
}

// restoredStream is a stream with the offsets that a page goes on from.
type restoredStream struct {
	AllowHalfOpen bool   `json:"allowHalfOpen,omitempty" doc:"As given; left out if false."`
	BufferSize    int32  `json:"bufferSize,omitempty" doc:"As given; left out if the page's default."`
	Connected     bool   `json:"connected" doc:"Whether it is connected."`
	Down          uint64 `json:"down" doc:"Offset of the first byte that the page is sent."`
	Limit         uint64 `json:"limit" doc:"Offset up to which the page may send."`
	Paused        bool   `json:"paused" doc:"Whether nothing is received."`
	SocketID      uint32 `json:"socketId" doc:"Id of the socket."`
	Up            uint64 `json:"up" doc:"Offset that the page's bytes go on from."`
}

// NewRestored tells of the sockets that are left.
func NewRestored(left sockets.Survivors) *Restored {
	r := &Restored{TCPServer: append([]uint32{}, left.Listening...), TCP: []restoredStream{}}
	for _, s := range left.Streams {
		r.TCP = append(r.TCP, restoredStream{
			AllowHalfOpen: s.AllowHalfOpen,
			BufferSize:    max(s.BufferSize, 0),
			Connected:     s.Connected,
			Down:          s.Down,
			Limit:         s.Limit,
			Paused:        s.Paused,
			SocketID:      s.SocketID,
			Up:            s.Up,
		})
	}
	return r
}
