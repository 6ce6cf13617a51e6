package gateway

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// TestCorkWritesAfterSilence: the deadline of the last write, which has passed while nothing was written,
// does not fail the next one. It once did: the write that waits for nothing set no deadline, so a page
// that was idle for ten seconds lost its connection with the first answer.
func TestCorkWritesAfterSilence(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	page, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &cork{Conn: conn, direct: sockets.NewDirect(conn)}
	if c.direct == nil {
		t.Skip("no direct writes on this system")
	}
	for _, release := range []func() error{
		c.release,
		func() error {
			wait, err := c.tryRelease()
			if wait {
				t.Error("a few bytes had to wait")
			}
			return err
		},
	} {
		// As it is some time after a write.
		c.deadline = time.Now().Add(-time.Second)
		if err := conn.SetWriteDeadline(c.deadline); err != nil {
			t.Fatal(err)
		}
		c.hold(true)
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		if err := release(); err != nil {
			t.Fatalf("after a silence: %v", err)
		}
		if _, err := io.ReadFull(page, make([]byte, len("hello"))); err != nil {
			t.Fatal(err)
		}
	}
}
