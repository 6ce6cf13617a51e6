package rpc

import (
	"encoding/json"
	"reflect"
	"sync"
)

var (
	documentOnce sync.Once
	documentText json.RawMessage
)

// document returns the OpenRPC description of the method table, the result of rpc.discover.
func document() json.RawMessage {
	documentOnce.Do(func() {
		text, err := json.Marshal(newOpenRPC(methods.list, notifications))
		if err != nil {
			panic(err) // nothing in it depends on input
		}
		documentText = text
	})
	return documentText
}

// The types below are objects of the OpenRPC specification 1.3 (https://spec.open-rpc.org/), with the fields
// that are used here.
type (
	openRPC struct {
		OpenRPC    string           `json:"openrpc"`
		Info       openInfo         `json:"info"`
		Methods    []openMethod     `json:"methods"`
		Components openComponents   `json:"components"`
		Events     []openDescriptor `json:"x-notifications"`
	}
	openInfo struct {
		Title       string      `json:"title"`
		Version     string      `json:"version"`
		Description string      `json:"description"`
		License     openLicense `json:"license"`
	}
	openLicense struct {
		Name string `json:"name"`
	}
	openMethod struct {
		Name           string           `json:"name"`
		Summary        string           `json:"summary"`
		ParamStructure string           `json:"paramStructure"`
		Params         []openDescriptor `json:"params"`
		Result         openDescriptor   `json:"result"`
		Errors         []reference      `json:"errors,omitempty"`
	}
	openDescriptor struct {
		Name     string  `json:"name"`
		Summary  string  `json:"summary,omitempty"`
		Required bool    `json:"required,omitempty"`
		Schema   *schema `json:"schema"`
	}
	openComponents struct {
		Errors  map[string]errorDoc `json:"errors"`
		Schemas map[string]*schema  `json:"schemas"`
	}
	reference struct {
		Ref string `json:"$ref"`
	}
)

func newOpenRPC(methods []method, notifications []notification) openRPC {
	schemas := schemas{}
	errors := map[string]errorDoc{}
	doc := openRPC{
		OpenRPC: "1.3.2",
		Info: openInfo{
			Title:   "socketgate",
			Version: "1",
			Description: "TCP sockets for a web page: JSON-RPC 2.0 in the text messages of a WebSocket. " +
				"Bytes of streams travel in its binary messages; see gateway/PROTOCOL.md. " +
				"x-notifications are sent by the gateway; their schema is that of params.",
			License: openLicense{Name: "MIT"},
		},
		Components: openComponents{Errors: errors, Schemas: schemas},
	}
	for _, m := range methods {
		doc.Methods = append(doc.Methods, newOpenMethod(m, schemas, errors))
	}
	for _, n := range notifications {
		doc.Events = append(doc.Events, openDescriptor{
			Name:    n.name,
			Summary: n.summary,
			Schema:  schemas.object(n.params),
		})
	}
	return doc
}

func newOpenMethod(m method, schemas schemas, errors map[string]errorDoc) openMethod {
	open := openMethod{
		Name:           m.name,
		Summary:        m.summary,
		ParamStructure: "either",
		Params:         []openDescriptor{},
		Result:         openDescriptor{Name: "result", Schema: schemas.of(m.result)},
	}
	for _, p := range m.params {
		open.Params = append(open.Params, openDescriptor{
			Name:     p.name,
			Summary:  p.doc,
			Required: p.required,
			Schema:   schemas.of(p.typ),
		})
	}
	for _, e := range m.errors {
		errors[e.name] = e
		open.Errors = append(open.Errors, reference{"#/components/errors/" + e.name})
	}
	return open
}

// errorDoc describes an error that a method can be answered with, beside those of JSON-RPC itself.
type errorDoc struct {
	name    string
	Code    int    `json:"code"`
	Message string `json:"message"`
}

var (
	docNotFound           = errorDoc{"SocketNotFound", codeNotFound, "Socket not found"}
	docNotPermitted       = errorDoc{"NotPermitted", codeNotPermitted, "Does not have permission"}
	docSessionNotOpen     = errorDoc{"SessionNotOpen", codeSessionNotOpen, "Session not open"}
	docSessionAlreadyOpen = errorDoc{"SessionAlreadyOpen", codeSessionAlreadyOpen, "Session already open"}
	docSessionGone        = errorDoc{"SessionGone", codeSessionGone, "Session gone"}
	docOriginNotPermitted = errorDoc{"OriginNotPermitted", codeOriginNotPermitted, "Origin not permitted"}
	docPermissionDenied   = errorDoc{"PermissionDenied", codePermissionDenied, "Permission denied"}
	docRequestExpired     = errorDoc{"RequestExpired", codeRequestExpired, "Request expired"}
	docRequestWithdrawn   = errorDoc{"RequestWithdrawn", codeRequestWithdrawn, "Request withdrawn"}
	docLimit              = errorDoc{"LimitReached", codeLimit, "Limit reached"}
	docNetwork            = errorDoc{"NetworkError", -2, "net::ERR_FAILED, or another of Chrome's net error codes, -1 to -999, with its name"}
)

// schemaTypes are the schemas of types that do not explain themselves.
var schemaTypes = map[reflect.Type]*schema{
	reflect.TypeFor[void]():            {Type: "null"},
	reflect.TypeFor[success]():         {Const: new(int)},
	reflect.TypeFor[Expiry]():          {}, // a number or null
	reflect.TypeFor[json.RawMessage](): {Type: "object"},
}
