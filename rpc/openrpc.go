package rpc

import "encoding/json"

func document() json.RawMessage { return json.RawMessage("{}") }

type errorDoc struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

var (
	docNotFound           = errorDoc{codeNotFound, "Socket not found"}
	docNotPermitted       = errorDoc{codeNotPermitted, "Does not have permission"}
	docSessionNotOpen     = errorDoc{codeSessionNotOpen, "Session not open"}
	docSessionAlreadyOpen = errorDoc{codeSessionAlreadyOpen, "Session already open"}
	docLimit              = errorDoc{codeLimit, "Limit reached"}
	docNetwork            = errorDoc{-2, "net::ERR_FAILED"}
)
