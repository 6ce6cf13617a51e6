package sockets

import (
	"bytes"
	"testing"
)

// TestTakeBlock: what was read in one piece leaves as one record without a copy, but only if it is next,
// large, within credit and room, and not better sent together with what follows.
func TestTakeBlock(t *testing.T) {
	const window, room = 512 << 10, 256 << 10
	for _, test := range []struct {
		name     string
		pieces   []int
		credit   int
		room     int
		stopOwed bool
		want     int // bytes in the block; 0: none
		more     bool
	}{
		{name: "a whole read", pieces: []int{readSize}, credit: window, room: room, want: readSize},
		{name: "two", pieces: []int{readSize, readSize}, credit: window, room: room, want: readSize, more: true},
		{name: "credit ends", pieces: []int{readSize, 9}, credit: readSize, room: room, want: readSize},
		{name: "no credit", pieces: []int{readSize}, credit: readSize - 1, room: room},
		{name: "small", pieces: []int{minBlock - 1}, credit: window, room: room},
		{name: "no room", pieces: []int{readSize}, credit: window, room: readSize},
		{name: "many that fit", pieces: []int{minBlock, minBlock}, credit: window, room: room},
		{name: "STOP is first", pieces: []int{readSize}, credit: window, room: room, stopOwed: true},
		{name: "nothing", credit: window, room: room},
	} {
		t.Run(test.name, func(t *testing.T) {
			n, _ := newTestNamespace(t, Config{})
			l := &link{reading: true} // so that no pump is started
			if test.stopOwed {
				l.stopped = Failed
			}
			s := &Stream{id: 7, namespace: n, link: l, queued: true}
			s.out.limit = uint64(test.credit)
			var first []byte
			for i, size := range test.pieces {
				b := newRecordBuffer(size)
				b.end += size
				for k := range b.bytes() {
					b.bytes()[k] = byte(i + k)
				}
				if i == 0 {
					first = append(first, b.bytes()...)
				}
				n.config.Shared.Hold(size)
				s.down.push(b)
			}
			block, ok, more := s.TakeBlock(test.room)
			if ok != (test.want > 0) || more != test.more {
				t.Fatalf("taken %v, more %v; want %v, %v", ok, more, test.want > 0, test.more)
			}
			if !ok {
				return
			}
			want := append(appendRecordHeader(nil, recordData, test.want, 7), first...)
			if !bytes.Equal(block.Bytes(), want) {
				t.Errorf("the block is not a DATA record of the %d bytes that were read", test.want)
			}
			block.Free()
			if s.out.sent != uint64(test.want) || s.queued != more {
				t.Errorf("%d bytes counted as sent, want %d; queued %v", s.out.sent, test.want, s.queued)
			}
		})
	}
}
