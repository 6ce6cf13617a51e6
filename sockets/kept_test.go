package sockets

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// naivePage is a page of which nothing is known but what it was sent: bytes, by offset.
type naivePage struct {
	sent  []byte // since the stream was created
	given int    // how many of them its program has been given
}

// FuzzKept sends a persistent stream's bytes in pieces, with credit, and loads the page again at any moment: what
// comes then begins where its program had been given bytes up to, and nothing is lost or changed.
func FuzzKept(f *testing.F) {
	f.Add([]byte{10, 0, 1, 2, 0, 3, 2}, uint64(1))
	f.Add([]byte{200, 0, 0, 1, 3, 0, 50, 0, 1, 2, 3, 3}, uint64(2))
	f.Fuzz(func(t *testing.T, steps []byte, seed uint64) {
		const window = 500
		n := NewNamespace(Config{Events: newRecorder(), Window: window})
		s := &Stream{id: 1, namespace: n, persistent: true, state: connected, link: &link{readEnded: true}}
		s.out.begin(window)
		source := rand.NewChaCha8([32]byte{byte(seed)})
		var all []byte // what the peer has sent
		var page naivePage
		for i, step := range steps {
			switch step % 4 {
			case 0: // the peer sends
				p := make([]byte, step)
				_, _ = source.Read(p) // never fails
				all = append(all, p...)
				s.down.append(p)
				n.config.Shared.Hold(len(p))
			case 1: // the writer sends
				frame := s.appendDataLocked(nil, 8+int(step))
				if len(frame) > 0 {
					page.sent = append(page.sent, frame[recordHeaderLen:]...)
				}
			case 2: // the program reads
				page.given = min(page.given+int(step), len(page.sent))
				s.out.raise(uint64(page.given + window))
				s.forgetKeptLocked()
			case 3: // the page is loaded again
				s.takeBackLocked()
				page.sent = page.sent[:page.given]
				if s.out.sent != uint64(page.given) {
					t.Fatalf("step %d: it goes on at %d, want %d", i, s.out.sent, page.given)
				}
			}
			if !bytes.HasPrefix(all, page.sent) {
				t.Fatalf("step %d: the page has bytes that the peer has not sent", i)
			}
			if kept := len(page.sent) - page.given; s.kept.size != kept || kept > window {
				t.Fatalf("step %d: %d bytes are kept, want %d", i, s.kept.size, kept)
			}
			if waits := len(all) - len(page.sent); s.down.size != waits {
				t.Fatalf("step %d: %d bytes wait, want %d", i, s.down.size, waits)
			}
			if counted := n.config.Shared.bytes; counted != s.kept.size+s.down.size {
				t.Fatalf("step %d: %d bytes are counted, want %d", i, counted, s.kept.size+s.down.size)
			}
		}
	})
}

// TestStreamThatBecomesPersistent keeps what is sent from then on, and what was kept before is contiguous.
func TestStreamThatBecomesPersistent(t *testing.T) {
	n := NewNamespace(Config{Events: newRecorder(), Window: 100})
	s := &Stream{id: 1, namespace: n, state: connected, link: &link{readEnded: true}}
	s.out.begin(100)
	send := func(text string) {
		s.down.append([]byte(text))
		n.config.Shared.Hold(len(text))
		s.appendDataLocked(nil, 1000)
	}
	send("not kept")
	s.persistent = true
	send("kept")
	s.persistent = false
	send("again not")
	if s.kept.size != 0 {
		t.Fatalf("%d bytes are kept of a stream that is not persistent", s.kept.size)
	}
	s.persistent = true
	send("kept")
	s.takeBackLocked()
	if got := string(s.down.moveTo(nil, 100)); got != "kept" {
		t.Fatalf("%q comes again, want the end", got)
	}
}
