package rpc

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/socketgate/socketgate/sockets"
)

func TestWireError(t *testing.T) {
	for _, test := range []struct {
		err  error
		code int64
		text string
		data string
	}{
		{sockets.AddressInUse, -147, "net::ERR_ADDRESS_IN_USE", ""},
		{sockets.ErrNotFound, -32001, "Socket not found", ""},
		{sockets.ErrNotPermitted, -32002, "Does not have permission", ""},
		{ErrSessionNotOpen, -32003, "Session not open", ""},
		{ErrSessionAlreadyOpen, -32004, "Session already open", ""},
		{&sockets.LimitError{What: "sockets in a session", Max: 1024}, -32005, "Limit reached: 1024 sockets in a session", ""},
		{&ParamError{Name: "port", Reason: "is required"}, -32602, "Invalid params: port is required", ""},
		{ErrSessionGone, -32006, "Session gone", ""},
		{&RefusedError{Reason: "origin-unknown", CanRequest: true}, -32010, "Origin not permitted", `{"reason":"origin-unknown","canRequest":true}`},
		{ErrDenied, -32011, "Permission denied", ""},
		{ErrMuted, -32011, "Permission denied", `{"reason":"muted"}`},
		{ErrRequestExpired, -32012, "Request expired", ""},
		{ErrRequestWithdrawn, -32013, "Request withdrawn", ""},
		{errMethodNotFound, -32601, "Method not found", ""},
		{io.ErrUnexpectedEOF, -32603, "Internal error", ""},
		{sockets.OK, -32603, "Internal error", ""}, // an error that says success is a fault
	} {
		for _, err := range []error{test.err, fmt.Errorf("wrapped: %w", test.err), errors.Join(test.err)} {
			got := wireError(err)
			data := ""
			if got.Data != nil {
				data = string(*got.Data)
			}
			if got.Code != test.code || got.Message != test.text || data != test.data {
				t.Errorf("%v: got %+v with data %s, want %d %q %s", err, got, data, test.code, test.text, test.data)
			}
		}
	}
}
