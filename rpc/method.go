package rpc

import "reflect"

// method is one line of the method table. Dispatch, positional order and the OpenRPC document all come
// from it.
type method struct {
	name    string
	summary string
	params  paramList    // in positional order
	result  reflect.Type // what run finishes with
	errors  []errorDoc   // beside those that every method has

	// waits says that the call may be finished after run has returned, from any goroutine.
	waits bool
	// alone says that the call must be a message of its own: its answer changes what the next message means.
	alone bool
	// run decodes the parameters, starts the call and never blocks. It calls finish exactly once; what
	// params holds is not used after it has returned.
	run func(s Session, params []byte, finish finisher)
}

// finisher ends a call: see exchange.finish.
type finisher func(result any, after func(), err error)

// newMethod makes a line of the table from a function that answers at once.
func newMethod[P, R any](name, summary string, f func(s Session, p P) (R, error), errors ...errorDoc) method {
	return newMethodAfter(name, summary, func(s Session, p P) (R, func(), error) {
		result, err := f(s, p)
		return result, nil, err
	}, errors...)
}

// newMethodAfter makes a line of the table from a function that leaves a second one, or nil, to be run when
// its reply has been queued.
func newMethodAfter[P, R any](
	name, summary string, f func(s Session, p P) (result R, after func(), err error), errors ...errorDoc,
) method {
	m := newMethodWaiting(name, summary, func(s Session, p P, done func(R, func(), error)) {
		done(f(s, p))
	}, errors...)
	m.waits = false
	return m
}

// newMethodWaiting makes a line of the table from a function that calls done once, at any time.
func newMethodWaiting[P, R any](
	name, summary string,
	f func(s Session, p P, done func(result R, after func(), err error)),
	errors ...errorDoc,
) method {
	params := paramsOf(reflect.TypeFor[P]())
	return method{
		name:    name,
		summary: summary,
		params:  params,
		result:  reflect.TypeFor[R](),
		errors:  errors,
		waits:   true,
		run: func(s Session, raw []byte, finish finisher) {
			var p P
			if err := params.decode(raw, reflect.ValueOf(&p).Elem()); err != nil {
				finish(nil, nil, err)
				return
			}
			f(s, p, func(result R, after func(), err error) { finish(result, after, err) })
		},
	}
}

// void is the result of a method that has none. It is written as null.
type void struct{}

func (void) MarshalJSON() ([]byte, error) { return null, nil }

// success is the result of a network operation that succeeded, as Chrome passes it to a callback. It is
// always 0: a failed one is answered with an error.
type success int
