package sockets

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
)

func TestErrnoTable(t *testing.T) {
	if got := resultOf(io.EOF); got != ConnectionClosed {
		t.Errorf("EOF is %v", got)
	}
	if got := resultOf(errors.New("something else")); got != Failed {
		t.Errorf("an unknown error is %v", got)
	}
	for errno, want := range errnoResults {
		err := fmt.Errorf("wrapped: %w", &net.OpError{Op: "read", Err: errno})
		if got := resultOf(err); got != want {
			t.Errorf("errno %d is %v, want %v", errno, got, want)
		}
		if want.Error() == fmt.Sprintf("net::<unknown %d>", int32(want)) {
			t.Errorf("result %d has no name", int32(want))
		}
	}
}
