package sockets

import (
	"errors"
	"fmt"
)

// Errors of a call itself, as opposed to a [Result], the outcome of a network operation.
var (
	// ErrNotFound means that the namespace has no socket of that kind with that id.
	ErrNotFound = errors.New("sockets: Socket not found")
	// ErrNotPermitted means that the [Policy] forbids the address.
	ErrNotPermitted = errors.New("sockets: Does not have permission")
	// ErrNotConnected means that Secure needs a connection.
	ErrNotConnected = errors.New("sockets: Socket not connected")
	// ErrSecured means that the connection has TLS already.
	ErrSecured = errors.New("sockets: socket has TLS already")
)

// LimitError reports a call that would pass a limit of [Config].
type LimitError struct {
	What string // what there may not be more of, for people: "sockets in a session"
	Max  int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("sockets: limit reached: %d %s", e.Max, e.What)
}

// Result is the outcome of a network operation: one of Chrome's net error codes, 0 or negative.
// As an error its text is Chrome's lastError text, such as "net::ERR_ADDRESS_IN_USE".
type Result int32

// The results that this package gives. Numbers and names are Chrome's.
const (
	OK                    Result = 0
	Failed                Result = -2
	Aborted               Result = -3
	InvalidArgument       Result = -4
	InvalidHandle         Result = -5
	TimedOut              Result = -7
	AccessDenied          Result = -10
	NotImplemented        Result = -11
	InsufficientResources Result = -12
	OutOfMemory           Result = -13
	SocketNotConnected    Result = -15
	SocketIsConnected     Result = -23
	ConnectionClosed      Result = -100
	ConnectionReset       Result = -101
	ConnectionRefused     Result = -102
	ConnectionAborted     Result = -103
	ConnectionFailed      Result = -104
	NameNotResolved       Result = -105
	InternetDisconnected  Result = -106
	AddressInvalid        Result = -108
	SSLProtocolError      Result = -107
	AddressUnreachable    Result = -109
	SSLVersionMismatch    Result = -113
	ConnectionTimedOut    Result = -118
	NetworkAccessDenied   Result = -138
	MessageTooBig         Result = -142
	AddressInUse          Result = -147
	NoBufferSpace         Result = -176
	CertNameInvalid       Result = -200
	CertDateInvalid       Result = -201
	CertAuthorityInvalid  Result = -202
	CertInvalid           Result = -207
)

var resultNames = map[Result]string{
	OK:                    "OK",
	Failed:                "ERR_FAILED",
	Aborted:               "ERR_ABORTED",
	InvalidArgument:       "ERR_INVALID_ARGUMENT",
	InvalidHandle:         "ERR_INVALID_HANDLE",
	TimedOut:              "ERR_TIMED_OUT",
	AccessDenied:          "ERR_ACCESS_DENIED",
	NotImplemented:        "ERR_NOT_IMPLEMENTED",
	InsufficientResources: "ERR_INSUFFICIENT_RESOURCES",
	OutOfMemory:           "ERR_OUT_OF_MEMORY",
	SocketNotConnected:    "ERR_SOCKET_NOT_CONNECTED",
	SocketIsConnected:     "ERR_SOCKET_IS_CONNECTED",
	ConnectionClosed:      "ERR_CONNECTION_CLOSED",
	ConnectionReset:       "ERR_CONNECTION_RESET",
	ConnectionRefused:     "ERR_CONNECTION_REFUSED",
	ConnectionAborted:     "ERR_CONNECTION_ABORTED",
	ConnectionFailed:      "ERR_CONNECTION_FAILED",
	NameNotResolved:       "ERR_NAME_NOT_RESOLVED",
	InternetDisconnected:  "ERR_INTERNET_DISCONNECTED",
	AddressInvalid:        "ERR_ADDRESS_INVALID",
	SSLProtocolError:      "ERR_SSL_PROTOCOL_ERROR",
	AddressUnreachable:    "ERR_ADDRESS_UNREACHABLE",
	SSLVersionMismatch:    "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
	ConnectionTimedOut:    "ERR_CONNECTION_TIMED_OUT",
	NetworkAccessDenied:   "ERR_NETWORK_ACCESS_DENIED",
	MessageTooBig:         "ERR_MSG_TOO_BIG",
	AddressInUse:          "ERR_ADDRESS_IN_USE",
	NoBufferSpace:         "ERR_NO_BUFFER_SPACE",
	CertNameInvalid:       "ERR_CERT_COMMON_NAME_INVALID",
	CertDateInvalid:       "ERR_CERT_DATE_INVALID",
	CertAuthorityInvalid:  "ERR_CERT_AUTHORITY_INVALID",
	CertInvalid:           "ERR_CERT_INVALID",
}

func (r Result) Error() string {
	if name, ok := resultNames[r]; ok {
		return "net::" + name
	}
	return fmt.Sprintf("net::<unknown %d>", int32(r))
}
