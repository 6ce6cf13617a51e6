package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
)

func TestReadReturnsCreditAfterHalfAWindow(t *testing.T) {
	c, f := dialFake(t, Options{})
	s := f.accepted(c, 1)
	f.binary(AppendRecord(AppendRecord(nil, TypeData, 1, make([]byte, 499)), TypeData, 1, []byte("ab")))
	buf := make([]byte, fakeWindow)
	if _, err := io.ReadFull(s, buf[:499]); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Read(buf[:1]); n != 1 || err != nil || buf[0] != 'a' {
		t.Fatalf("read %q, %v, want a", buf[:n], err)
	}
	f.wantBinary("500 of 1000 bytes are done", AppendLimit(nil, 1, 1500))
	f.binary(AppendEnd(nil, 1, -100))
	if n, err := s.Read(buf); n != 1 || err != nil || buf[0] != 'b' {
		t.Fatalf("read %q, %v, want b", buf[:n], err)
	}
	if _, err := s.Read(buf); err != io.EOF {
		t.Errorf("read after END: %v, want EOF", err)
	}
	if code, ok := s.Ended(); !ok || code != -100 {
		t.Errorf("ended %v with %d, want -100", ok, code)
	}
	must(t, s.End())
	f.wantBinary("the page's own END", AppendEnd(nil, 1, 0))
	if s.Received() != 501 {
		t.Errorf("received %d, want 501", s.Received())
	}
}

func TestWriteWaitsForCredit(t *testing.T) {
	c, f := dialFake(t, Options{})
	s := f.accepted(c, 1)
	sent := bytes.Repeat([]byte("0123456789"), 150) // one and a half windows
	done := make(chan error, 1)
	go func() {
		_, err := s.Write(sent)
		done <- err
	}()
	var got []byte
	for len(got) < fakeWindow {
		_, b, err := f.ws.ReadMessage()
		must(t, err)
		if len(b) > fakeMaxFrame {
			t.Errorf("message of %d bytes, want at most %d", len(b), fakeMaxFrame)
		}
		got = appendData(t, got, b, 1)
	}
	if len(got) != fakeWindow {
		t.Fatalf("%d bytes came without more credit, want %d", len(got), fakeWindow)
	}
	select {
	case err := <-done:
		t.Fatalf("Write ended without credit: %v", err)
	default:
	}
	f.binary(AppendLimit(nil, 1, 1500))
	for len(got) < len(sent) {
		_, b, err := f.ws.ReadMessage()
		must(t, err)
		got = appendData(t, got, b, 1)
	}
	must(t, <-done)
	if !bytes.Equal(got, sent) {
		t.Error("bytes came changed")
	}
	flushed := make(chan error, 1)
	go func() { flushed <- s.Flush(context.Background()) }()
	f.binary(AppendLimit(nil, 1, 2500))
	must(t, <-flushed)
	if sent, acked := s.Offsets(); sent != 1500 || acked != 1500 {
		t.Errorf("sent %d, acknowledged %d, want 1500, 1500", sent, acked)
	}
}

// What the handlers of one message answer leaves as one message.
func TestAnswersShareAMessage(t *testing.T) {
	var streams []*Stream
	c, f := dialFake(t, Options{OnAccept: func(_ uint32, s *Stream) {
		s.Handle(Handler{Data: func(p []byte) { s.TryWrite(p) }})
		must(t, s.GoUnpause())
		streams = append(streams, s)
	}})
	f.text(`{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":{"socketId":1,"clientSocketId":1}}`)
	f.wantText("unpaused in OnAccept", `{"jsonrpc":"2.0","id":2,"method":"tcp.setPaused","params":{"socketId":1,"paused":false}}`)
	f.text(`{"jsonrpc":"2.0","method":"tcpServer.onAccept","params":{"socketId":1,"clientSocketId":2}}`)
	f.wantText("unpaused in OnAccept", `{"jsonrpc":"2.0","id":3,"method":"tcp.setPaused","params":{"socketId":2,"paused":false}}`)
	m := AppendRecord(AppendRecord(nil, TypeData, 1, []byte("one")), TypeData, 2, []byte("two"))
	f.binary(m)
	f.wantBinary("both echoes", m)
	if len(streams) != 2 || c.Err() != nil {
		t.Errorf("%d streams, error %v, want 2, nil", len(streams), c.Err())
	}
}

func TestStop(t *testing.T) {
	c, f := dialFake(t, Options{})
	s := f.accepted(c, 1)
	_, err := s.Write([]byte("lost"))
	must(t, err)
	f.wantBinary("the bytes", AppendRecord(nil, TypeData, 1, []byte("lost")))
	f.binary(AppendStop(nil, 1, -2))
	stop, ok := errors.AsType[*StopError](s.Flush(t.Context()))
	if !ok || stop.Code != -2 {
		t.Errorf("Flush: %v, want stopped with -2", stop)
	}
	if code, ok := s.Stopped(); !ok || code != -2 {
		t.Errorf("stopped %v with %d, want -2", ok, code)
	}
	if _, err := s.Write([]byte("x")); err == nil {
		t.Error("Write after STOP was taken")
	}
}

// After close is called what arrives is dropped; after its answer it is a violation. LIMIT may follow.
func TestClose(t *testing.T) {
	c, f := dialFake(t, Options{})
	s := f.accepted(c, 1)
	done := make(chan error, 1)
	go func() { done <- s.Close(context.Background()) }()
	f.wantText("the call", `{"jsonrpc":"2.0","id":2,"method":"tcp.close","params":{"socketId":1}}`)
	f.binary(AppendRecord(nil, TypeData, 1, []byte("late")))
	f.text(`{"jsonrpc":"2.0","id":2,"result":null}`)
	must(t, <-done)
	if _, err := s.Write([]byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("Write after Close: %v, want ErrClosed", err)
	}
	f.binary(AppendLimit(nil, 1, 0))
	f.binary(AppendStop(nil, 1, -2))
	f.accepted(c, 2) // the client lives
	f.binary(AppendRecord(nil, TypeData, 1, []byte("too late")))
	<-c.Done()
	if _, ok := errors.AsType[*ViolationError](c.Err()); !ok {
		t.Errorf("client ended with %v, want a violation", c.Err())
	}
}

func TestConnectAgainGoesOnCounting(t *testing.T) {
	c, f := dialFake(t, Options{})
	streams := make(chan *Stream, 1)
	errs := make(chan error, 1)
	go func() {
		s, err := c.CreateStream(context.Background())
		streams <- s
		errs <- err
	}()
	f.wantText("create", `{"jsonrpc":"2.0","id":2,"method":"tcp.create"}`)
	f.text(`{"jsonrpc":"2.0","id":2,"result":{"socketId":5}}`)
	s := <-streams
	must(t, <-errs)
	if _, err := s.Write([]byte("x")); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Write before Connect: %v, want ErrNotConnected", err)
	}
	connect := func(reply string, more []byte) error {
		go func() { errs <- s.Connect(context.Background(), "127.0.0.1", 9) }()
		if _, _, err := f.ws.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		f.text(reply)
		f.binary(more) // the reader must know the connection before the caller does
		return <-errs
	}
	must(t, connect(`{"jsonrpc":"2.0","id":3,"result":0}`, AppendRecord(nil, TypeData, 5, make([]byte, 700))))
	_, err := s.Write([]byte("abc"))
	must(t, err)
	f.wantBinary("bytes of the first connection", AppendRecord(nil, TypeData, 5, []byte("abc")))
	go func() { errs <- s.Disconnect(context.Background()) }()
	f.wantText("disconnect", `{"jsonrpc":"2.0","id":4,"method":"tcp.disconnect","params":{"socketId":5}}`)
	f.text(`{"jsonrpc":"2.0","id":4,"result":null}`)
	must(t, <-errs)
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Read after Disconnect: %v, want ErrNotConnected", err)
	}
	must(t, connect(`{"jsonrpc":"2.0","id":5,"result":0}`, AppendRecord(nil, TypeData, 5, make([]byte, fakeWindow))))
	if _, err := io.ReadFull(s, make([]byte, 500)); err != nil {
		t.Fatal(err)
	}
	f.wantBinary("700 dropped and 500 read", AppendLimit(nil, 5, 2200))
	f.binary(AppendLimit(nil, 5, fakeWindow+3))
	_, err = s.Write([]byte("d"))
	must(t, err)
	f.wantBinary("bytes of the second connection", AppendRecord(nil, TypeData, 5, []byte("d")))
	if sent, acked := s.Offsets(); sent != 4 || acked != 3 {
		t.Errorf("sent %d, acknowledged %d, want 4, 3", sent, acked)
	}
}

// Blocks are written past the outbox; they must not overtake what waits in it, nor small ones them.
func TestBlocksKeepTheOrder(t *testing.T) {
	srv := dialEcho(t)
	s := srv.s
	done := make(chan error, 1)
	var want []byte
	for i := range 40 {
		n := 100
		if i%3 == 0 {
			n = 3 * blockSize
		}
		for range n {
			want = append(want, byte(len(want)*7>>3))
		}
	}
	go func() {
		rest := want
		for i := range 40 {
			n := 100
			if i%3 == 0 {
				n = 3 * blockSize
			}
			if _, err := s.Write(rest[:n]); err != nil {
				done <- err
				return
			}
			rest = rest[n:]
		}
		done <- nil
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(s, got); err != nil {
		t.Fatal(err)
	}
	must(t, <-done)
	if !bytes.Equal(got, want) {
		t.Error("bytes came back changed")
	}
}

// appendData takes the DATA of stream id out of a message.
func appendData(t testing.TB, got, b []byte, id uint32) []byte {
	t.Helper()
	for len(b) > 0 {
		r, rest, err := NextRecord(b)
		must(t, err)
		if r.ID != id || r.Type != TypeData {
			t.Fatalf("record %d for %d, want DATA for %d", r.Type, r.ID, id)
		}
		got, b = append(got, r.Payload...), rest
	}
	return got
}
