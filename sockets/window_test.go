package sockets

import "testing"

// FuzzWindow drives both ends of one direction against a naive model. The script is a list of moves:
// send, let the receiver take, let it announce, reconnect.
func FuzzWindow(f *testing.F) {
	f.Add([]byte{0, 200, 1, 100, 2, 0, 0, 255, 1, 255, 2, 0, 3, 0, 0, 9})
	f.Add([]byte{0, 255, 0, 255, 0, 255, 1, 1, 2, 0, 2, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		const window = 512
		var (
			out         outflow
			in          inflow
			sent, taken uint64 // the model: bytes ever sent, bytes done with
			announced   uint64
		)
		begin := func() { out.begin(window); in.begin(window); taken = sent; announced = sent + window }
		begin()
		for len(script) >= 2 {
			move, n := script[0]%4, int(script[1])
			script = script[2:]
			switch move {
			case 0:
				n = min(n, out.credit())
				if got := int(announced - sent); got != out.credit() {
					t.Fatalf("credit is %d, want %d", out.credit(), got)
				}
				out.sent += uint64(n)
				sent += uint64(n)
				if !in.admits(n) {
					t.Fatalf("%d bytes within credit refused", n)
				}
				in.receive(n)
				if sent-taken > window {
					t.Fatalf("%d bytes wait, more than a window", sent-taken)
				}
			case 1:
				n = min(n, int(sent-taken))
				in.take(n)
				taken += uint64(n)
			case 2:
				owed := taken + window - announced
				if want := owed > 0 && (taken == sent || owed >= window/2); in.due() != want {
					t.Fatalf("LIMIT due is %t, want %t: sent %d, taken %d, announced %d", in.due(), want, sent, taken, announced)
				}
				if in.due() {
					announced = in.announce()
					if announced != taken+window {
						t.Fatalf("LIMIT is %d, want %d", announced, taken+window)
					}
					out.raise(announced)
					out.raise(announced / 2) // an old one changes nothing
				}
			case 3:
				begin()
			}
		}
		// What is not within credit must be refused.
		if in.admits(int(announced-sent) + 1) {
			t.Fatalf("a byte beyond the limit %d was taken", announced)
		}
	})
}
