package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/socketgate/socketgate/sockets"
)

// router is the library's handler: it finds the method of a call, runs it and sees to it that the call is
// finished exactly once.
type router struct {
	// Immutable.
	codec   *codec
	session Session
	methods methodTable
	log     *slog.Logger
	limits  Limits

	mu sync.Mutex // guards waiting, and call.finished and call.waiting
	// waiting counts the calls of methods that finish later.
	waiting int
}

func newRouter(c *codec, s Session, methods methodTable, log *slog.Logger, limits Limits) *router {
	return &router{codec: c, session: s, methods: methods, log: log, limits: limits}
}

// Handle runs a call on the reader goroutine. It never blocks.
func (r *router) Handle(_ context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	c := r.codec.current
	x := &exchange{router: r, conn: conn, request: req, call: c}
	x.protect(func() {
		m := r.methods.find(req.Method)
		if m == nil {
			x.finish(nil, nil, errMethodNotFound)
			return
		}
		if m.alone && c.batch != nil {
			x.finish(nil, nil, errNotAlone)
			return
		}
		if m.waits && !r.startWaiting(c) {
			x.finish(nil, nil, &sockets.LimitError{What: "calls waiting for an answer", Max: r.limits.MaxCalls})
			return
		}
		m.run(r.session, c.params, x.finish)
	})
}

// startWaiting counts a call that will be finished later, if there is room.
func (r *router) startWaiting(c *call) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting >= r.limits.MaxCalls {
		return false
	}
	r.waiting++
	c.waiting = true
	return true
}

// claimEnd reports whether the caller is the first to finish the call.
func (r *router) claimEnd(c *call) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.finished {
		return false
	}
	c.finished = true
	if c.waiting {
		r.waiting--
	}
	return true
}

// exchange is one call on its way through the router. It is immutable.
type exchange struct {
	router  *router
	conn    *jsonrpc2.Conn
	request *jsonrpc2.Request
	call    *call
}

// finish ends the call with its outcome; all but the first time it does nothing. after, which may be nil,
// runs when the reply has been queued: for an element of a batch, when the array has been queued. Any
// goroutine may call it.
func (x *exchange) finish(result any, after func(), err error) {
	if !x.router.claimEnd(x.call) {
		return
	}
	if err == nil {
		x.call.after = after
	}
	x.answer(result, err)
	for _, hook := range x.router.codec.takeHooks() {
		x.protect(hook)
	}
}

func (x *exchange) answer(result any, err error) {
	if err != nil {
		x.answerError(err)
		return
	}
	if x.call.isNotification() {
		x.router.codec.finishNotification(x.call)
		return
	}
	if err := x.conn.Reply(context.Background(), x.request.ID, result); err != nil &&
		!errors.Is(err, jsonrpc2.ErrClosed) {
		x.call.after = nil
		x.answerError(fmt.Errorf("reply: %w", err))
	}
}

func (x *exchange) answerError(err error) {
	wire := wireError(err)
	if wire.Code == jsonrpc2.CodeInternalError && !errors.Is(err, errPanic) {
		x.router.log.Error("call failed", "method", x.request.Method, "err", err)
	}
	if x.call.isNotification() {
		x.router.codec.finishNotification(x.call)
		return
	}
	// The connection may have ended meanwhile; then there is nobody to tell.
	_ = x.conn.ReplyWithError(context.Background(), x.request.ID, wire)
}

// errPanic stands for a panic, which has been logged.
var errPanic = errors.New("rpc: method panicked")

// protect runs f and turns a panic of it into an internal error. It is the only place that recovers.
func (x *exchange) protect(f func()) {
	defer func() {
		if p := recover(); p != nil {
			x.router.log.Error("panic in a call", "method", x.request.Method, "panic", p,
				"stack", string(debug.Stack()))
			x.finish(nil, nil, errPanic)
		}
	}()
	f()
}
