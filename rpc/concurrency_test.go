package rpc

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Calls are finished and events sent by many goroutines while the reader goes on: every call is answered once,
// every batch is complete, and each hook runs after its answer.
func TestFinishFromManyGoroutines(t *testing.T) {
	const rounds = 50
	c, x := newMethodsConn(t, Limits{})
	var all sync.WaitGroup
	for round := range rounds {
		a, b := fmt.Sprintf("a%d", round), fmt.Sprintf("b%d", round)
		c.send(fmt.Sprintf(`[{"jsonrpc":"2.0","id":"same","method":"wait","params":[%q]},`+
			`{"jsonrpc":"2.0","id":"same","method":"wait","params":[%q]},`+
			`{"jsonrpc":"2.0","method":"start","params":["s%d"]}]`, a, b, round))
		all.Go(func() { x.finish(a, nil) })
		all.Go(func() { x.finish(b, nil); x.finish(a, nil) })
		all.Go(func() { c.conn.OnAccept(uint32(round), 1) })
	}
	all.Wait()

	const array = `[{"jsonrpc":"2.0","id":"same","result":0},{"jsonrpc":"2.0","id":"same","result":0}]`
	count := map[string]int{}
	arrays, hooks := 0, 0
	for _, message := range c.take() {
		count[message]++
		switch {
		case message == array:
			arrays++
		case strings.Contains(message, `"started"`), strings.Contains(message, `"finished"`):
			hooks++
			if hooks > 3*arrays {
				t.Fatalf("%d hooks have run after %d answers", hooks, arrays)
			}
		}
	}
	if arrays != rounds || hooks != 3*rounds || len(count) != 1+4*rounds {
		t.Errorf("got %d arrays, %d hooks and %d different messages, want %d, %d and %d",
			arrays, hooks, len(count), rounds, 3*rounds, 1+4*rounds)
	}
}
