package sockets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"
	"time"
)

// fakeStream returns a namespace with one connected stream, id 1, and the peer's end of its connection.
func fakeStream(t testing.TB) (*Namespace, net.Conn) {
	t.Helper()
	n := NewNamespace(Config{Events: newRecorder()})
	ours, peer := net.Pipe()
	n.mu.Lock()
	if err := n.addSocketLocked(); err != nil {
		t.Fatal(err)
	}
	s := n.newStreamLocked()
	s.accept(newLink(ours, false), false)
	n.mu.Unlock()
	return n, peer
}

// naiveRecords reads a message as PROTOCOL.md describes it: the bytes for stream 1, and the reason
// why the protocol is broken, if it is.
func naiveRecords(message []byte) (data []byte, reason string) {
	ended, received := false, 0
	for len(message) > 0 {
		if len(message) < 8 {
			return data, ReasonBadRecord
		}
		kind, length, id := message[0], int(message[1])<<16|int(message[2])<<8|int(message[3]), binary.BigEndian.Uint32(message[4:])
		message = message[8:]
		wellFormed := kind == 0 && length > 0 || kind == 1 && length == 8 || kind == 2 && length == 4
		isAck := kind == 4 && id == 0
		switch {
		case isAck && (length != 8 || len(message) < 8):
			return data, ReasonBadRecord
		case isAck:
		case id != 1:
			return data, ReasonUnknownSocket
		case !wellFormed:
			return data, ReasonBadRecord
		case kind == 0 && received+length > DefaultWindow: // also behind END
			return data, ReasonOverLimit
		case length > len(message):
			return data, ReasonBadRecord
		case kind == 0 && !ended:
			data = append(data, message[:length]...)
		case kind == 2:
			ended = true
		}
		if kind == 0 {
			received += length
		}
		message = message[length:]
	}
	return data, ""
}

// errCut is a connection that breaks.
var errCut = errors.New("cut")

// FuzzReadRecords compares the reader with the naive one, in pieces of every size, and checks that the
// peer receives exactly the bytes that came before a fault, also when the connection breaks after cut bytes and
// the message is sent again.
func FuzzReadRecords(f *testing.F) {
	data := append(appendRecordHeader(nil, recordData, 5, 1), "hello"...)
	f.Add(data, false, uint32(0))
	f.Add(append(appendLimit(nil, 1, 1<<40), data...), true, uint32(0))
	f.Add(appendResult(data[:len(data):len(data)], recordEnd, 1, 0), true, uint32(0))
	f.Add(append(appendRecordHeader(nil, recordData, 20_000, 1), make([]byte, 20_000)...), false, uint32(0))
	f.Add(append(appendRecordHeader(nil, recordData, DefaultWindow, 1), make([]byte, DefaultWindow)...), false, uint32(0))
	f.Add(data[:10], true, uint32(0))
	f.Add(appendRecordHeader(nil, recordStop, 4, 1), false, uint32(0))
	f.Add(appendRecordHeader(nil, recordData, 5, 2), false, uint32(0))
	f.Add(AppendAck(data[:len(data):len(data)], 7), false, uint32(0))
	ended := appendResult(data[:len(data):len(data)], recordEnd, 1, 0)
	f.Add(appendRecordHeader(ended, recordData, 1<<23, 1), true, uint32(2))
	f.Add(append(data, data...), true, uint32(9))
	f.Add(append(data, data...), false, uint32(15))
	f.Fuzz(func(t *testing.T, message []byte, oneByOne bool, cut uint32) {
		want, reason := naiveRecords(message)
		n, peer := fakeStream(t)
		n.config.FlushTimeout = 10 * time.Millisecond // the pipe has no end of one direction to wait for
		received := make(chan []byte, 1)
		go func() {
			got, _ := io.ReadAll(peer) // ends when the stream is closed
			received <- got
		}()
		var r io.Reader = bytes.NewReader(message)
		if oneByOne {
			r = iotest.OneByteReader(r)
		}
		var (
			done int
			err  error
		)
		if cut > 0 && int(cut) < len(message) {
			part := io.MultiReader(bytes.NewReader(message[:cut]), iotest.ErrReader(errCut))
			if done, err = n.ReadRecords(part, 0); err == nil || done > int(cut) {
				t.Fatalf("of a message that was cut off at %d, %d bytes are taken; error %v", cut, done, err)
			}
		}
		if err == nil || errors.Is(err, errCut) {
			done, err = n.ReadRecords(r, done)
		}
		if err == nil && done != len(message) {
			t.Fatalf("%d bytes of %d have been taken", done, len(message))
		}
		var protocol *ProtocolError
		switch {
		case reason == "" && err != nil:
			t.Fatalf("a good message failed: %v", err)
		case reason != "" && (!errors.As(err, &protocol) || protocol.Reason != reason):
			t.Fatalf("error is %v, want %s", err, reason)
		}
		if err := n.CloseStream(1, nil); err != nil {
			t.Fatal(err)
		}
		got := <-received
		n.Close(t.Context())
		_ = peer.Close()
		// A fault in the middle of a record may leave the part of it that had come.
		if !bytes.HasPrefix(got, want) && !bytes.HasPrefix(want, got) || reason == "" && len(got) != len(want) {
			t.Fatalf("the peer received %d bytes, want %d (%s)", len(got), len(want), reason)
		}
	})
}
