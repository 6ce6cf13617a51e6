package rpc

import (
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"
)

// The functions of this file build what goes to the page. The parts have been marshalled by the library or
// were cut from valid JSON, so they are put together as they are.

func appendResponse(id []byte, resp *jsonrpc2.Response) []byte {
	if resp.Error != nil {
		return appendError(id, resp.Error)
	}
	b := make([]byte, 0, len(`{"jsonrpc":"2.0","id":,"result":}`)+len(id)+len(*resp.Result))
	b = append(b, `{"jsonrpc":"2.0","id":`...)
	b = append(b, id...)
	b = append(b, `,"result":`...)
	b = append(b, *resp.Result...)
	return append(b, '}')
}

func appendError(id []byte, e *jsonrpc2.Error) []byte {
	object, err := json.Marshal(e)
	if err != nil {
		panic(err) // a number, a string, and data of this package
	}
	b := make([]byte, 0, len(`{"jsonrpc":"2.0","id":,"error":}`)+len(id)+len(object))
	b = append(b, `{"jsonrpc":"2.0","id":`...)
	b = append(b, id...)
	b = append(b, `,"error":`...)
	b = append(b, object...)
	return append(b, '}')
}

func appendNotification(req *jsonrpc2.Request) []byte {
	const frame = `{"jsonrpc":"2.0","method":"","params":}`
	b := make([]byte, 0, len(frame)+len(req.Method)+len(*req.Params))
	b = append(b, `{"jsonrpc":"2.0","method":"`...)
	b = append(b, req.Method...) // a constant of this package that needs no escapes
	b = append(b, `","params":`...)
	b = append(b, *req.Params...)
	return append(b, '}')
}
