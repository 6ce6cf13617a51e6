package sockets

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// send gives a namespace bytes of the page for stream 1.
func send(t *testing.T, n *Namespace, p []byte) {
	t.Helper()
	r, w := io.Pipe()
	go func() {
		_, _ = w.Write(append(appendRecordHeader(nil, recordData, len(p), 1), p...)) // read to its end below
		_ = w.Close()
	}()
	if _, err := n.ReadRecords(r, 0); err != nil {
		t.Fatalf("%d bytes of the page: %v", len(p), err)
	}
}

// records asks stream 1 what it has for the page, by type: the newest number of each.
func records(t *testing.T, s *Stream) map[byte]int64 {
	t.Helper()
	found := map[byte]int64{}
	frame, _ := s.AppendRecords(nil, 1<<20)
	for len(frame) > 0 {
		h := parseRecordHeader(frame)
		payload := frame[recordHeaderLen : recordHeaderLen+h.length]
		switch h.kind {
		case recordData:
			found[h.kind] += int64(h.length)
		case recordLimit:
			found[h.kind] = int64(payload[5])<<16 | int64(payload[6])<<8 | int64(payload[7])
		default:
			found[h.kind] = int64(int8(payload[3]))
		}
		frame = frame[recordHeaderLen+h.length:]
	}
	return found
}

func flushingStreams(n *Namespace) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.flushing)
}

// inBubble gives test a stream whose peer is a pipe, in virtual time.
func inBubble(t *testing.T, test func(t *testing.T, n *Namespace, s *Stream, peer net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		n, peer := fakeStream(t)
		s, err := n.stream(1)
		if err != nil {
			t.Fatal(err)
		}
		test(t, n, s, peer)
		n.Close(t.Context())
		_ = peer.Close()
	})
}

// TestFlushGivesUp: a closed stream whose peer takes nothing for 5 s is reset, and the page is told with
// STOP that its bytes were not taken.
func TestFlushGivesUp(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Namespace, s *Stream, peer net.Conn) {
		send(t, n, []byte("unread"))
		if err := n.CloseStream(1, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := n.StreamInfo(1); !errors.Is(err, ErrNotFound) {
			t.Errorf("a closed stream is there: %v", err)
		}
		time.Sleep(DefaultFlushTimeout - time.Millisecond)
		synctest.Wait()
		if left := flushingStreams(n); left != 1 {
			t.Fatalf("%d streams flush before the time is over, want 1", left)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if left := flushingStreams(n); left != 0 {
			t.Errorf("%d streams flush after the time is over", left)
		}
		if got, ok := records(t, s)[recordStop]; !ok || Result(got) != Failed {
			t.Errorf("STOP carries %d, %t; want %d", got, ok, Failed)
		}
		if _, err := peer.Read(make([]byte, 1)); err == nil {
			t.Error("the peer can still read")
		}
	})
}

// TestFlushLastsWhileThePeerReads: 5 s are the time without progress, not the whole.
func TestFlushLastsWhileThePeerReads(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Namespace, s *Stream, peer net.Conn) {
		send(t, n, make([]byte, 10*writeSize))
		if err := n.CloseStream(1, nil); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			time.Sleep(DefaultFlushTimeout - time.Millisecond)
			if _, err := io.ReadFull(peer, make([]byte, writeSize)); err != nil {
				t.Fatalf("piece %d: %v", i, err)
			}
		}
		if n, err := peer.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("after all bytes: %d, %v; want the end", n, err)
		}
		synctest.Wait()
		found := records(t, s)
		if _, stopped := found[recordStop]; stopped || found[recordLimit] != 10*writeSize+DefaultWindow {
			t.Errorf("records are %v, want LIMIT %d and no STOP", found, 10*writeSize+DefaultWindow)
		}
	})
}

// TestPageThatPromisesMore: the page closes with finalOffset and sends nothing more; the gateway does not
// wait for ever.
func TestPageThatPromisesMore(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Namespace, s *Stream, peer net.Conn) {
		go func() { _, _ = io.Copy(io.Discard, peer) }()
		send(t, n, []byte("some"))
		final := uint64(1000)
		if err := n.DisconnectStream(1, &final); err != nil {
			t.Fatal(err)
		}
		time.Sleep(DefaultFlushTimeout - time.Millisecond)
		synctest.Wait()
		if _, stopped := records(t, s)[recordStop]; stopped {
			t.Fatal("STOP before the time is over")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if _, stopped := records(t, s)[recordStop]; !stopped {
			t.Error("no STOP after the time is over")
		}
	})
}

// TestConnectWaitsForTheFlush: bytes of the connection before come first, and its peer need not have ended.
func TestConnectWaitsForTheFlush(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	n, _ := newTestNamespace(t, Config{})
	id, err := n.CreateStream(StreamProperties{})
	if err != nil {
		t.Fatal(err)
	}
	port := int32(ln.Addr().(*net.TCPAddr).Port)
	var peers []net.Conn
	for range 3 {
		if err := connect(n, int32(id), "127.0.0.1", port); err != nil {
			t.Fatal(err)
		}
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close() // no peer ends by itself
		peers = append(peers, peer)
		send(t, n, []byte("last words"))
		if err := n.DisconnectStream(int32(id), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, peer := range peers {
		if got, err := io.ReadAll(peer); err != nil || string(got) != "last words" {
			t.Errorf("peer %d read %q, %v", i, got, err)
		}
	}
}
