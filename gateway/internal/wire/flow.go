package wire

import "fmt"

// This file is the arithmetic of flow control, one type for each end of a direction. Offsets count the
// bytes of the direction since the socket was created and go on through disconnect and connect.

// sendFlow is a direction as its sender sees it.
type sendFlow struct {
	window uint64
	offset uint64 // bytes sent
	limit  uint64 // bytes that may be sent
}

// start begins a connection: a full window beyond what has been sent.
func (f *sendFlow) start() { f.limit = f.offset + f.window }

func (f *sendFlow) credit() uint64 { return f.limit - f.offset }

// acked is how many bytes the receiver is done with.
func (f *sendFlow) acked() uint64 {
	if f.limit < f.window {
		return 0 // never connected
	}
	return f.limit - f.window
}

// raise takes a LIMIT of the receiver. One that is not higher changes nothing.
func (f *sendFlow) raise(limit uint64) error {
	if limit > f.offset+f.window {
		return fmt.Errorf("LIMIT %d acknowledges %d bytes, %d were sent", limit, limit-f.window, f.offset)
	}
	f.limit = max(f.limit, limit)
	return nil
}

// receiveFlow is a direction as its receiver sees it.
type receiveFlow struct {
	window uint64
	offset uint64 // bytes received
	done   uint64 // bytes the program has been given
	limit  uint64 // bytes the sender was allowed
}

// start begins a connection; bytes of an earlier one that were never read count as done.
func (f *receiveFlow) start() {
	f.done = f.offset
	f.limit = f.offset + f.window
}

// arrive counts n bytes that came.
func (f *receiveFlow) arrive(n int) error {
	if uint64(n) > f.limit-f.offset {
		return fmt.Errorf("%d bytes at offset %d pass the limit %d", n, f.offset, f.limit)
	}
	f.offset += uint64(n)
	return nil
}

// consume counts n bytes as done. After half a window it is time to tell the sender: due.
func (f *receiveFlow) consume(n int) (limit uint64, due bool) {
	f.done += uint64(n)
	if limit = f.done + f.window; limit-f.limit < f.window/2 {
		return 0, false
	}
	f.limit = limit
	return limit, true
}
