package gateway

import (
	"math/rand/v2"
	"testing"
)

// naiveLog is a sentLog as one would write it without a bound on memory: every message is kept.
type naiveLog struct {
	messages []byte // their contents, one byte each
	acked    int
	written  int // on this connection, counted from the first message
}

// FuzzSentLog compares the log with the naive one under any order of adding, writing, acknowledging and
// reconnecting, and checks that memory is given back once, and never while it is read.
func FuzzSentLog(f *testing.F) {
	f.Add([]byte{0, 0, 1, 2, 12, 3, 3})
	f.Add([]byte{0, 1, 12, 2, 0, 0, 1, 2, 3, 1, 2})
	f.Add([]byte{0, 0, 0, 1, 2, 1, 2, 22, 0, 3, 1, 12})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var (
			log     sentLog
			naive   naiveLog
			freed   = map[int]int{}
			reading = -1
		)
		for i, step := range steps {
			switch n := int(step / 10); step % 10 {
			case 0:
				number := len(naive.messages)
				naive.messages = append(naive.messages, byte(i))
				log.add(sentMessage{bytes: []byte{byte(i)}, free: func() {
					if number == reading {
						t.Fatalf("step %d: message %d is freed while it is written", i, number)
					}
					freed[number]++
				}})
			case 1:
				if reading >= 0 {
					continue
				}
				m, ok := log.begin()
				if ok != (naive.written < len(naive.messages)) {
					t.Fatalf("step %d: begin says %v with %d of %d messages written", i, ok, naive.written, len(naive.messages))
				}
				if ok {
					if m.bytes[0] != naive.messages[naive.written] {
						t.Fatalf("step %d: begin gives another message than %d", i, naive.written)
					}
					reading = naive.written
					naive.written++
				}
			case 2:
				reading = -1
				log.finish()
			case 3:
				received := naive.acked + n
				reading = -1
				log.finish()
				if got, want := log.resume(uint64(received)), received <= len(naive.messages); got != want {
					t.Fatalf("step %d: resume(%d) is %v with %d messages", i, received, got, len(naive.messages))
				} else if got {
					naive.acked, naive.written = received, received
				}
			default:
				acked := naive.acked + n
				if got, want := log.acknowledge(uint64(acked)), acked <= naive.written; got != want {
					t.Fatalf("step %d: acknowledge(%d) is %v with %d messages written", i, acked, got, naive.written)
				} else if got {
					naive.acked = acked
				}
			}
			if log.bytes != len(naive.messages)-naive.acked {
				t.Fatalf("step %d: %d bytes are counted, want %d", i, log.bytes, len(naive.messages)-naive.acked)
			}
		}
		reading = -1
		log.finish()
		log.clear()
		for number := range naive.messages {
			if freed[number] != 1 {
				t.Fatalf("message %d was freed %d times", number, freed[number])
			}
		}
	})
}

// TestSentLogIsBounded: with no acknowledgement the log says that it is full.
func TestSentLogIsBounded(t *testing.T) {
	var log sentLog
	size := rand.IntN(1000) + 1
	for !log.full() {
		log.add(sentMessage{bytes: make([]byte, size)})
	}
	if len(log.messages) > maxUnackedMessages || log.bytes > maxUnackedBytes+size {
		t.Fatalf("%d messages of %d bytes are kept", len(log.messages), size)
	}
	for range log.messages {
		log.begin()
		log.finish()
	}
	if !log.acknowledge(1) || log.full() {
		t.Fatal("there is no room after an acknowledgement")
	}
}
