package sockets

import (
	"bytes"
	"testing"
)

// FuzzByteQueue compares the queue with a plain slice of bytes.
func FuzzByteQueue(f *testing.F) {
	f.Add([]byte{0, 10, 1, 20, 2, 5, 3, 7, 0, 255, 4, 0, 0, 1})
	f.Add([]byte{0, 1, 0, 2, 0, 3, 2, 2, 5, 0, 1, 255, 3, 100})
	f.Fuzz(func(t *testing.T, script []byte) {
		var (
			queue byteQueue
			model []byte
			next  byte
		)
		fresh := func(n int) []byte {
			p := make([]byte, n)
			for i := range p {
				p[i] = next
				next++
			}
			model = append(model, p...)
			return p
		}
		for len(script) >= 2 {
			move, n := script[0]%6, int(script[1])*37
			script = script[2:]
			switch move {
			case 0:
				queue.append(fresh(n))
			case 1:
				n = max(n, 1)
				p := fresh(n)
				b := newBuffer(n)
				b.end = copy(b.data, p)
				queue.push(b)
			case 2:
				moved := queue.moveTo([]byte("x"), n)
				want := append([]byte("x"), model[:min(n, len(model))]...)
				if !bytes.Equal(moved, want) {
					t.Fatalf("moveTo gave %d bytes that differ, want %d", len(moved), len(want))
				}
				model = model[len(moved)-1:]
			case 3:
				// A writer takes the first buffer, writes some of it, and puts the rest back.
				if b := queue.pop(); b != nil {
					k := min(n, b.len())
					if !bytes.Equal(b.bytes()[:k], model[:k]) {
						t.Fatal("pop gave the wrong bytes")
					}
					b.start += k
					model = model[k:]
					if b.len() > 0 {
						queue.unpop(b)
					} else {
						b.free()
					}
				}
			case 4:
				if got := queue.clear(); got != len(model) {
					t.Fatalf("clear dropped %d, want %d", got, len(model))
				}
				model = nil
			}
			if queue.size != len(model) {
				t.Fatalf("size is %d, want %d", queue.size, len(model))
			}
		}
		if got := queue.moveTo(nil, queue.size); !bytes.Equal(got, model) {
			t.Fatal("the rest differs")
		}
		if len(queue.buffers) != 0 {
			t.Fatalf("an empty queue holds %d buffers", len(queue.buffers))
		}
	})
}
