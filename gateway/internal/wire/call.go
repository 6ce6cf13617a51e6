package wire

import (
	"context"
	"encoding/json"
	"strconv"
)

// A call waits for its answer.
type call struct {
	reply func(result json.RawMessage, err error)
	// before is run by the reader ahead of reply when the call has succeeded, for what the answer itself
	// changes: bytes that follow it must find it done.
	before func()
}

func (k *call) finish(result json.RawMessage, err error) {
	if err == nil && k.before != nil {
		k.before()
	}
	if k.reply != nil {
		k.reply(result, err)
	}
}

// Call makes a call and decodes the answer into result, which may be nil, as may params. An error answer
// is an [*Error]. When ctx is done first the answer is dropped. Not for callbacks.
func (c *Client) Call(ctx context.Context, method string, params, result any) error {
	return c.call(ctx, method, params, result, nil)
}

func (c *Client) call(ctx context.Context, method string, params, result any, before func()) error {
	type answer struct {
		result json.RawMessage
		err    error
	}
	ch := make(chan answer, 1)
	err := c.start(method, params, &call{before: before, reply: func(r json.RawMessage, err error) {
		ch <- answer{append(json.RawMessage(nil), r...), err}
	}})
	if err != nil {
		return err
	}
	select {
	case a := <-ch:
		if a.err != nil || result == nil {
			return a.err
		}
		return json.Unmarshal(a.result, result)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Go makes a call without waiting. If it returns nil, reply (unless nil) is run exactly once by the reader,
// with the answer, which is valid until reply returns, or with the reason why none came.
func (c *Client) Go(method string, params any, reply func(result json.RawMessage, err error)) error {
	return c.start(method, params, &call{reply: reply})
}

// Notify sends a JSON-RPC notification: a call that is not answered.
func (c *Client) Notify(method string, params any) error {
	b, err := request(nil, method, params)
	if err != nil {
		return err
	}
	return c.sendText(b)
}

// start sends the request and files the call. It sends from the calling goroutine if nobody else is
// sending, because the hop to the writer would be the larger part of a call.
func (c *Client) start(method string, params any, k *call) error {
	c.mu.Lock()
	if err := c.endedLocked(); err != nil {
		c.mu.Unlock()
		return err
	}
	c.lastCall++
	id := c.lastCall
	c.calls[id] = k
	c.mu.Unlock()

	b, err := request(strconv.AppendUint(nil, id, 10), method, params)
	if err == nil {
		err = c.sendText(b)
	}
	// Whoever takes the call out of the map answers it: here, or the reader when it ends.
	if err != nil && c.takeCall(id) == nil {
		return nil
	}
	return err
}

func (c *Client) sendText(b []byte) error {
	c.mu.Lock()
	if err := c.endedLocked(); err != nil {
		c.mu.Unlock()
		return err
	}
	c.out.text(b)
	c.mu.Unlock()
	c.flush()
	return nil
}

// request writes a request, or with a nil id a notification.
func request(id []byte, method string, params any) ([]byte, error) {
	b := append(make([]byte, 0, 128), `{"jsonrpc":"2.0"`...)
	if id != nil {
		b = append(append(b, `,"id":`...), id...)
	}
	b = strconv.AppendQuote(append(b, `,"method":`...), method)
	if params != nil {
		p, err := json.Marshal(params)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"params":`...), p...)
	}
	return append(b, '}'), nil
}

// takeCall removes a call; nil if there is none.
func (c *Client) takeCall(id uint64) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.calls[id]
	delete(c.calls, id)
	return k
}

// failCalls answers every open call, after the client has failed: no more can be started.
func (c *Client) failCalls() {
	c.mu.Lock()
	calls := c.calls
	c.calls = make(map[uint64]*call)
	err := c.err
	c.mu.Unlock()
	for _, k := range calls {
		k.finish(nil, err)
	}
}
