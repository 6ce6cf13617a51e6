package rpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// codec is the connection as the JSON-RPC library sees it, a jsonrpc2.ObjectStream, and the layer that
// makes the library conform: it answers everything malformed itself, splits batches and gathers their
// replies, and gives every call a number in place of its id.
type codec struct {
	// Immutable after Conn.Start.
	frames  Frames
	sink    Sink
	limits  Limits
	started <-chan struct{} // closed when the library's connection has been stored
	done    chan struct{}   // closed when reading has ended

	// Owned by the reader goroutine.
	queue   []*call // what the newest frame still asks for
	current *call   // what ReadObject has returned last
	scratch []byte  // the canonical message of current

	// Guarded by the library's send lock, which is held from onSend to the end of WriteObject.
	request  *jsonrpc2.Request  // the notification being sent, or nil
	response *jsonrpc2.Response // the reply being sent, or nil

	mu sync.Mutex // guards the fields below
	// seq is the number of the newest call.
	seq uint64
	// pending holds the calls that will be answered, by number: those of the newest frame and those
	// that wait, so MaxBatch + MaxCalls bounds it.
	pending map[uint64]*call
	// held is the size of the replies in batches that are not complete. Limits.MaxHeld bounds it; what
	// is answered to a malformed element may exceed it, as it is about as small as the element.
	held int
	// hooks are to run now: the reply that each one waited for has been queued.
	hooks []func()
}

func newCodec(frames Frames, sink Sink, limits Limits) *codec {
	return &codec{
		frames:  frames,
		sink:    sink,
		limits:  limits,
		done:    make(chan struct{}),
		pending: make(map[uint64]*call),
	}
}

// ReadObject gives the library the next call. It returns an error only when NextText does.
func (c *codec) ReadObject(v any) error {
	<-c.started
	for len(c.queue) == 0 {
		text, err := c.frames.NextText()
		switch {
		case errors.Is(err, ErrTextTooLong):
			c.refuse(null, jsonrpc2.CodeInvalidRequest, "Invalid Request: message too long")
		case err != nil:
			close(c.done)
			return err
		default:
			c.admit(text)
		}
	}
	next := c.queue[0]
	c.queue = c.queue[1:]
	c.current = next
	c.scratch = next.appendCanonical(c.scratch[:0])
	// Only json.Unmarshal can fill the library's own type.
	return json.Unmarshal(c.scratch, v)
}

// appendCanonical appends the message that stands for the call in the library. The parameters stay in the
// call record: the library would decode and rebuild them, which reorders names and merges duplicates.
func (c *call) appendCanonical(b []byte) []byte {
	b = append(b, `{"jsonrpc":"2.0","method":`...)
	b = append(b, c.method...)
	if !c.isNotification() {
		b = append(b, `,"id":`...)
		b = strconv.AppendUint(b, c.number, 10)
	}
	return append(b, '}')
}

// admit queues the calls of one text message and answers what is malformed.
func (c *codec) admit(text []byte) {
	// Beside its grammar this bounds the depth of nesting, at 10,000.
	if !json.Valid(text) {
		c.refuse(null, jsonrpc2.CodeParseError, "Parse error")
		return
	}
	c.queue = c.queue[:0]
	text = skipSpace(text)
	if text[0] == '[' {
		c.admitBatch(text)
	} else {
		c.admitOne(text, nil, 0)
	}
}

func (c *codec) admitBatch(array []byte) {
	n := 0
	for range elements(array) {
		n++
	}
	switch {
	case n == 0:
		c.refuse(null, jsonrpc2.CodeInvalidRequest, "Invalid Request")
		return
	case n > c.limits.MaxBatch:
		c.refuse(null, jsonrpc2.CodeInvalidRequest,
			fmt.Sprintf("Invalid Request: more than %d messages in a batch", c.limits.MaxBatch))
		return
	}
	// The splitting counts as an element, so that the array is not sent before all have been admitted.
	b := &batch{open: n + 1, replies: make([][]byte, n)}
	for i, value := range elements(array) {
		c.admitOne(value, b, i)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeElementLocked(b)
}

// admitOne queues one call, or answers it if it is not a request. b is nil outside a batch.
func (c *codec) admitOne(value []byte, b *batch, slot int) {
	var m message
	if value[0] == '{' {
		m = splitMessage(value)
	}
	element := &call{batch: b, slot: slot, method: m.method, params: m.params}
	if m.isRequest() {
		c.register(element, m.id)
		c.queue = append(c.queue, element)
		return
	}
	var reply []byte
	if !m.isResponse() {
		reply = appendError(m.replyID(), &jsonrpc2.Error{
			Code: jsonrpc2.CodeInvalidRequest, Message: "Invalid Request"})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finishLocked(element, reply)
}

// register gives a call its number. It copies the id, which outlives the frame.
func (c *codec) register(element *call, id []byte) {
	if id == nil {
		return
	}
	element.id = append(make([]byte, 0, len(id)), id...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	element.number = c.seq
	c.pending[c.seq] = element
}

// refuse answers a message that holds no call.
func (c *codec) refuse(id []byte, code int64, text string) {
	c.sink.Text(appendError(id, &jsonrpc2.Error{Code: code, Message: text}))
}

// onSend is the library's OnSend hook. It runs directly before WriteObject, under the same lock, and shows
// what WriteObject is given only as a value of an unexported type.
func (c *codec) onSend(req *jsonrpc2.Request, resp *jsonrpc2.Response) {
	c.request, c.response = req, resp
}

// WriteObject queues a notification, or the reply of a call under its own id. A reply for a call that has
// been finished is dropped.
func (c *codec) WriteObject(any) error {
	if c.request != nil {
		c.sink.Text(appendNotification(c.request))
		return nil
	}
	number := c.response.ID.Num
	c.mu.Lock()
	defer c.mu.Unlock()
	if element := c.pending[number]; element != nil {
		delete(c.pending, number)
		c.finishLocked(element, appendResponse(element.id, c.response))
	}
	return nil
}

// finishNotification ends a call that is not answered.
func (c *codec) finishNotification(element *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finishLocked(element, nil)
}

// finishLocked queues the reply of a call, or files it in its batch. A nil reply is none.
func (c *codec) finishLocked(element *call, reply []byte) {
	b := element.batch
	if b == nil {
		if reply != nil {
			c.sink.Text(reply)
		}
		if element.after != nil {
			c.hooks = append(c.hooks, element.after)
		}
		return
	}
	// An element without an id of its own is not a call: its error stays.
	if element.id == nil || c.held+len(reply) <= c.limits.MaxHeld {
		c.held += len(reply)
		b.held += len(reply)
	} else {
		reply = appendError(element.id, wireError(errHeld(c.limits.MaxHeld)))
	}
	b.replies[element.slot] = reply
	if element.after != nil {
		b.after = append(b.after, element.after)
	}
	c.closeElementLocked(b)
}

// closeElementLocked counts one element less and queues the array after the last.
func (c *codec) closeElementLocked(b *batch) {
	b.open--
	if b.open > 0 {
		return
	}
	if text := b.text(); text != nil {
		c.sink.Text(text)
	}
	c.held -= b.held
	c.hooks = append(c.hooks, b.after...)
}

// takeHooks returns the hooks whose reply has been queued. The caller runs them, with no lock held: the
// library's send lock is still taken in WriteObject, and a hook may lead to an event.
func (c *codec) takeHooks() []func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	hooks := c.hooks
	c.hooks = nil
	return hooks
}

// Close is called by the library when reading has ended. The owner of the frames closes them.
func (c *codec) Close() error { return nil }
