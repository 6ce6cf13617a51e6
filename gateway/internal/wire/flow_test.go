package wire

import "testing"

func TestSendFlow(t *testing.T) {
	f := sendFlow{window: 100}
	if f.acked() != 0 {
		t.Errorf("before a connection: acked %d, want 0", f.acked())
	}
	f.start()
	f.offset = 60
	for _, step := range []struct {
		limit         uint64
		ok            bool
		credit, acked uint64
	}{
		{110, true, 50, 10},
		{105, true, 50, 10}, // not higher: no change
		{160, true, 100, 60},
		{161, false, 100, 60}, // acknowledges a byte that was not sent
	} {
		if err := f.raise(step.limit); (err == nil) != step.ok {
			t.Errorf("raise(%d): error %v, want ok %v", step.limit, err, step.ok)
		}
		if f.credit() != step.credit || f.acked() != step.acked {
			t.Errorf("after LIMIT %d: credit %d, acked %d, want %d, %d", step.limit, f.credit(), f.acked(), step.credit, step.acked)
		}
	}
	f.offset = 90
	f.start()
	if f.credit() != 100 || f.limit != 190 {
		t.Errorf("second connection: credit %d up to %d, want 100 up to 190", f.credit(), f.limit)
	}
}

func TestReceiveFlow(t *testing.T) {
	f := receiveFlow{window: 100}
	if f.arrive(1) == nil {
		t.Error("a byte before the connection was allowed")
	}
	f.start()
	if err := f.arrive(100); err != nil {
		t.Error(err)
	}
	if f.arrive(1) == nil {
		t.Error("a byte beyond the window was allowed")
	}
	if _, due := f.consume(49); due {
		t.Error("LIMIT due before half a window is done")
	}
	if limit, due := f.consume(1); !due || limit != 150 {
		t.Errorf("at half a window: LIMIT %d, due %v, want 150, true", limit, due)
	}
	if f.arrive(51) == nil {
		t.Error("a byte beyond the new limit was allowed")
	}
	f.start() // the other 50 bytes were never read
	if f.done != 100 || f.limit != 200 {
		t.Errorf("second connection: done %d, limit %d, want 100, 200", f.done, f.limit)
	}
}
