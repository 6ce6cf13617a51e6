package rpc

import (
	"encoding/json"
	"sync"
)

// testMethods are the methods of the specification's examples and of the codec's transcripts.
type testMethods struct {
	conn *testConn // set before the first call

	mu sync.Mutex // guards waiting
	// waiting finishes the calls of wait, by the name they were given.
	waiting map[string]func(success, func(), error)
}

func (x *testMethods) table() methodTable {
	type subtractParams struct {
		Minuend    int32 `json:"minuend"`
		Subtrahend int32 `json:"subtrahend"`
	}
	type nameParams struct {
		Name string `json:"name"`
	}
	return newMethodTable([]method{
		newMethod("subtract", "", func(_ Session, p subtractParams) (int, error) {
			return int(p.Minuend - p.Subtrahend), nil
		}),
		raw("update", func(json.RawMessage) any { return nil }),
		raw("notify_hello", func(json.RawMessage) any { return nil }),
		raw("notify_sum", func(json.RawMessage) any { return nil }),
		raw("get_data", func(json.RawMessage) any { return []any{"hello", 5} }),
		raw("sum", func(params json.RawMessage) any {
			var numbers []int
			if err := json.Unmarshal(params, &numbers); err != nil {
				panic(err)
			}
			sum := 0
			for _, n := range numbers {
				sum += n
			}
			return sum
		}),
		raw("echo", func(params json.RawMessage) any { return params }),
		raw("notify", func(json.RawMessage) any {
			for i := range 3 {
				x.conn.conn.notify("event", map[string]int{"i": i})
			}
			return true
		}),
		raw("panic", func(json.RawMessage) any { panic("secret detail") }),
		raw("channel", func(json.RawMessage) any { return make(chan int) }),
		newMethod("fail", "", func(Session, struct{}) (void, error) { return void{}, errTest }),
		newMethodAfter("start", "", func(_ Session, p nameParams) (void, func(), error) {
			return void{}, func() { x.conn.conn.notify("started", p.Name) }, nil
		}),
		newMethodAfter("panicLater", "", func(Session, struct{}) (void, func(), error) {
			return void{}, func() { panic("secret detail") }, nil
		}),
		newMethodWaiting("wait", "", func(_ Session, p nameParams, done func(success, func(), error)) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.waiting[p.Name] = done
		}),
	})
}

// raw makes a method that sees its parameters as they were written.
func raw(name string, f func(params json.RawMessage) any) method {
	return method{name: name, run: func(_ Session, params []byte, finish finisher) {
		if params == nil {
			params = null
		}
		finish(f(params), nil, nil)
	}}
}

// finish ends the call of wait that was given this name, from a goroutine of its own. The reply leads to an
// event.
func (x *testMethods) finish(name string, err error) {
	x.mu.Lock()
	done := x.waiting[name]
	x.mu.Unlock()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		done(0, func() { x.conn.conn.notify("finished", name) }, err)
	}()
	<-finished
}
