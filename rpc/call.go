package rpc

import "bytes"

// call is what the codec keeps of one request or notification until it is finished.
type call struct {
	// Immutable.
	number uint64 // the id that the library sees; 0 for a notification
	id     []byte // the page's id as it was written; nil for a notification
	batch  *batch // nil for a message of its own
	slot   int    // index in batch.replies

	// Owned by the reader goroutine. Both are parts of the frame, valid while the method is started.
	method []byte // JSON string
	params []byte // JSON object or array; nil if absent

	// Written by the goroutine that claimed the end of the call (router.finish), read by the codec
	// under mu when the reply is queued.
	after func() // runs when the reply has been queued

	// Guarded by router.mu.
	finished bool
	waiting  bool // counts against Limits.MaxCalls
}

// isNotification reports whether the call has no id: "A Notification is a Request object without an 'id'
// member." An id that is null is an id.
func (c *call) isNotification() bool { return c.id == nil }

// batch gathers the replies of one batch. It is guarded by codec.mu.
type batch struct {
	open    int      // elements that are not finished
	replies [][]byte // by element; nil for what is not answered
	held    int      // bytes of replies that count against Limits.MaxHeld
	after   []func() // to run when the array has been queued
}

// text joins the replies, or returns nil if there are none: "If there are no Response objects contained
// within the Response array as it is to be sent to the client, the server MUST NOT return an empty Array
// and should return nothing at all." Replies are in the order of the requests.
func (b *batch) text() []byte {
	size := 0
	for _, reply := range b.replies {
		size += len(reply)
	}
	if size == 0 {
		return nil
	}
	text := make([]byte, 0, size+len(b.replies)+1)
	text = append(text, '[')
	for _, reply := range b.replies {
		if reply == nil {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(text, reply...)
	}
	return append(text, ']')
}

// message is one element of the input, taken apart.
type message struct {
	version, id, method, params []byte // as written; nil if absent
	outcome                     bool   // has a member result or error
}

func splitMessage(object []byte) message {
	var m message
	for name, value := range members(object) {
		switch string(name) {
		case "jsonrpc":
			m.version = value
		case "id":
			m.id = value
		case "method":
			m.method = value
		case "params":
			m.params = value
		case "result", "error":
			m.outcome = true
		}
	}
	if isNull(m.params) {
		m.params = nil
	}
	return m
}

// isResponse reports whether the message is a reply. The gateway calls nobody, and an answer to an answer
// could go on for ever.
func (m *message) isResponse() bool { return m.method == nil && m.outcome }

// isRequest reports whether the message is a Request object (JSON-RPC 2.0, section 4). Members that the
// specification does not name are ignored, but one that makes the message a response as well is not.
func (m *message) isRequest() bool {
	return string(stringOf(m.version)) == "2.0" &&
		stringOf(m.method) != nil &&
		(m.params == nil || m.params[0] == '{' || m.params[0] == '[') &&
		(m.id == nil || m.hasID()) &&
		!m.outcome
}

// hasID reports whether there is an id to answer with. It "MUST contain a String, Number, or NULL value".
func (m *message) hasID() bool {
	if m.id == nil {
		return false
	}
	switch m.id[0] {
	case '{', '[', 't', 'f':
		return false
	}
	return true
}

// replyID is the id that an error is answered with: "If there was an error in detecting the id in the
// Request object (e.g. Parse error/Invalid Request), it MUST be Null."
func (m *message) replyID() []byte {
	if m.hasID() {
		return m.id
	}
	return null
}

var null = []byte("null")

func isNull(value []byte) bool { return bytes.Equal(value, null) }

// stringOf returns the text of value if it is a string, otherwise nil.
func stringOf(value []byte) []byte {
	if len(value) == 0 || value[0] != '"' {
		return nil
	}
	return stringBytes(value)
}
