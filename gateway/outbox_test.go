package gateway

import (
	"bytes"
	"strings"
	"testing"
)

// TestOutboxIsBounded: a page that does not read its text is closed, and keeps no more than the bound.
func TestOutboxIsBounded(t *testing.T) {
	for name, msg := range map[string][]byte{
		"messages": []byte("x"),
		"bytes":    bytes.Repeat([]byte("x"), 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			o := newOutbox()
			for range 2 * maxOutboxMessages {
				o.Text(msg)
			}
			var got turn
			o.take(&got)
			if len(got.texts) > maxOutboxMessages || len(got.texts)*len(msg) > maxOutboxBytes {
				t.Errorf("%d messages of %d bytes are kept", len(got.texts), len(msg))
			}
			if got.closing == nil || *got.closing != (closing{closeSlow, reasonSlow}) {
				t.Errorf("closing is %v, want 4408 slow", got.closing)
			}
		})
	}
}

// TestOutboxTellsWhenThereIsRoom: accepting waits while the text is more than half of the bound.
func TestOutboxTellsWhenThereIsRoom(t *testing.T) {
	o := newOutbox()
	stop := make(chan struct{})
	if !o.waitForRoom(stop) {
		t.Fatal("an empty outbox has no room")
	}
	for range maxOutboxMessages/2 + 1 {
		o.Text([]byte("x"))
	}
	room := make(chan bool)
	go func() { room <- o.waitForRoom(stop) }()
	o.take(&turn{})
	if !<-room {
		t.Fatal("there is room after the writer has taken everything")
	}
	for range maxOutboxMessages/2 + 1 {
		o.Text([]byte("x"))
	}
	go func() { room <- o.waitForRoom(stop) }()
	close(stop)
	if <-room {
		t.Fatal("waiting that was stopped says there is room")
	}
}

func TestCloseReasonIsCutAtARune(t *testing.T) {
	o := newOutbox()
	o.close(4000, strings.Repeat("ä", 100))
	o.close(4001, "the second wish is too late")
	var got turn
	o.take(&got)
	if got.closing.code != 4000 {
		t.Errorf("code is %d, want the first", got.closing.code)
	}
	if reason := cutReason(got.closing.reason); len(reason) > maxCloseReason || reason != strings.Repeat("ä", 61) {
		t.Errorf("reason is cut to %q, %d bytes", reason, len(reason))
	}
}
