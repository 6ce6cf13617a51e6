package gateway

import (
	"bytes"
	"strings"
	"testing"

	"github.com/socketgate/socketgate/sockets"
)

func newTestOutbox(t *testing.T) (*outbox, *control) {
	t.Helper()
	o, c := &outbox{shared: sockets.NewShared(0, 0)}, newControl()
	if !o.attach(c, 0) {
		t.Fatal("a new outbox takes no connection")
	}
	return o, c
}

// TestSlowPageIsClosed: a page that does not read its text loses its connection, and no text.
func TestSlowPageIsClosed(t *testing.T) {
	for name, msg := range map[string][]byte{
		"messages": []byte("x"),
		"bytes":    bytes.Repeat([]byte("x"), 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			o, c := newTestOutbox(t)
			n := 0
			for ; !c.isClosing(); n++ {
				o.Text(msg)
			}
			if n > maxOutboxMessages+1 || n*len(msg) > maxOutboxBytes+len(msg) {
				t.Errorf("closed only after %d messages of %d bytes", n, len(msg))
			}
			if _, _, how := c.take(); *how != (closing{closeSlow, reasonSlow}) {
				t.Errorf("closing is %v, want 4408 slow", how)
			}
			o.detach()
			if !o.attach(newControl(), 0) {
				t.Fatal("the page cannot come back")
			}
			_, _ = o.commit(nil)
			for i := range n {
				if _, ok := o.begin(); !ok {
					t.Fatalf("the page that came back gets %d of %d messages", i, n)
				}
				o.finish()
			}
		})
	}
}

// TestLobbyIsBounded: a connection without a session keeps no more than the bound.
func TestLobbyIsBounded(t *testing.T) {
	c := newControl()
	for range 2 * maxOutboxMessages {
		c.Text([]byte("x"))
	}
	_, texts, how := c.take()
	if len(texts) > maxOutboxMessages {
		t.Errorf("%d messages are kept", len(texts))
	}
	if how == nil || *how != (closing{closeSlow, reasonSlow}) {
		t.Errorf("closing is %v, want 4408 slow", how)
	}
}

// TestOutboxTellsWhenThereIsRoom: accepting waits while the text is more than half of the bound, and while the
// page has no connection.
func TestOutboxTellsWhenThereIsRoom(t *testing.T) {
	o, c := newTestOutbox(t)
	stop := make(chan struct{})
	if !o.waitForRoom(stop) {
		t.Fatal("an empty outbox has no room")
	}
	fill := func() {
		for range maxOutboxMessages/2 + 1 {
			o.Text([]byte("x"))
		}
	}
	room := make(chan bool)
	fill()
	go func() { room <- o.waitForRoom(stop) }()
	_, _ = o.commit(nil)
	if !<-room {
		t.Fatal("there is room after the writer has taken everything")
	}
	o.detach()
	go func() { room <- o.waitForRoom(stop) }()
	if !o.attach(c, 0) || !<-room {
		t.Fatal("there is room for a page that came back")
	}
	for _, ok := o.begin(); ok; _, ok = o.begin() {
		o.finish()
	}
	if !o.acknowledge(maxOutboxMessages/2 + 1) {
		t.Fatal("what was written cannot be acknowledged")
	}
	fill()
	go func() { room <- o.waitForRoom(stop) }()
	close(stop)
	if <-room {
		t.Fatal("waiting that was stopped says there is room")
	}
	o.end()
	if o.waitForRoom(make(chan struct{})) {
		t.Fatal("an outbox that has ended says there is room")
	}
}

func TestCloseReasonIsCutAtARune(t *testing.T) {
	c := newControl()
	c.close(4000, strings.Repeat("ä", 100))
	c.close(4001, "the second wish is too late")
	_, _, how := c.take()
	if how.code != 4000 {
		t.Errorf("code is %d, want the first", how.code)
	}
	if reason := cutReason(how.reason); len(reason) > maxCloseReason || reason != strings.Repeat("ä", 61) {
		t.Errorf("reason is cut to %q, %d bytes", reason, len(reason))
	}
}
