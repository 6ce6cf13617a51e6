package sockets

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Reasons of a [ProtocolError]; they are the reasons of close code 1002.
const (
	ReasonBadRecord     = "bad-record"
	ReasonOverLimit     = "over-limit"
	ReasonUnknownSocket = "unknown-socket"
)

// ProtocolError reports a binary message that breaks the protocol. The connection cannot go on.
type ProtocolError struct {
	Reason string
}

func (e *ProtocolError) Error() string { return "sockets: protocol error: " + e.Reason }

// inboxBuffer is how much of a binary message is read at once; larger payloads go straight to where
// they are kept.
const inboxBuffer = 16 << 10

// inbox reads binary messages of the page. It is owned by the caller of ReadRecords.
type inbox struct {
	reader *bufio.Reader
	// done is how many bytes of the message are in records that have been taken.
	done int
	// touched are the streams that the message has brought bytes for.
	touched []*Stream
}

// ReadRecords takes one binary message of the page, of at most 16 MiB. It never waits for a socket. The
// caller flushes what it leads to, as Events.Flush does.
//
// done is how much of the message is in records that have been taken, which matters when a connection breaks
// in the middle of it: then the page sends the message again, and skip, the done of the time before, leaves out
// what has been taken. An error is a *[ProtocolError], or comes from r.
func (n *Namespace) ReadRecords(r io.Reader, skip int) (done int, err error) {
	in := &n.inbox
	if in.reader == nil {
		in.reader = bufio.NewReaderSize(nil, inboxBuffer)
	}
	in.reader.Reset(r)
	defer in.reader.Reset(nil)

	in.done = skip
	if _, err = in.reader.Discard(skip); err == nil {
		err = n.readRecords(in)
	}
	// One write for all that a message brought, however many records it came in.
	for i, s := range in.touched {
		s.touched = false
		s.flush()
		in.touched[i] = nil
	}
	in.touched = in.touched[:0]
	if err != nil {
		err = cutOff(err)
	}
	return in.done, err
}

func (n *Namespace) readRecords(in *inbox) error {
	for {
		head, err := in.reader.Peek(recordHeaderLen)
		if len(head) == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		h := parseRecordHeader(head)
		_, _ = in.reader.Discard(recordHeaderLen) // what was peeked can be discarded
		if h.kind == recordAck && h.id == 0 {
			err = n.readAck(in, h)
		} else if s, known := n.streamForRecord(h.id); known {
			err = in.readRecord(h, s)
		} else {
			err = &ProtocolError{Reason: ReasonUnknownSocket}
		}
		if err != nil {
			return err
		}
		in.done += recordHeaderLen + h.length
	}
}

// readAck takes the payload of a record that speaks of no stream but of messages.
func (n *Namespace) readAck(in *inbox, h recordHeader) error {
	if h.length != ackLen {
		return &ProtocolError{Reason: ReasonBadRecord}
	}
	payload, err := in.payload(ackLen)
	if err != nil {
		return err
	}
	if !n.config.Events.Acknowledged(binary.BigEndian.Uint64(payload)) {
		return &ProtocolError{Reason: ReasonBadRecord}
	}
	return nil
}

// readRecord takes the payload of a record for s, which is nil if the stream is gone.
func (in *inbox) readRecord(h recordHeader, s *Stream) error {
	switch {
	case h.kind == recordData && h.length > 0:
		return in.readData(s, h.length)
	case h.kind == recordLimit && h.length == limitLen:
		payload, err := in.payload(limitLen)
		if err == nil && s != nil {
			s.limitRaised(binary.BigEndian.Uint64(payload))
		}
		return err
	case h.kind == recordEnd && h.length == resultLen:
		_, err := in.payload(resultLen)
		if err == nil && s != nil {
			in.flushed(s)
			s.pageEnded()
		}
		return err
	default:
		return &ProtocolError{Reason: ReasonBadRecord}
	}
}

// payload returns the next n bytes, few enough for the reader's buffer; they are valid until the next
// read.
func (in *inbox) payload(n int) ([]byte, error) {
	p, err := in.reader.Peek(n)
	if err != nil {
		return nil, err
	}
	_, err = in.reader.Discard(n)
	return p, err
}

// readData takes n bytes for s.
func (in *inbox) readData(s *Stream, n int) error {
	if s == nil {
		_, err := in.reader.Discard(n)
		return err
	}
	take, err := s.admit(n)
	if err != nil {
		return err
	}
	if !take {
		if _, err := in.reader.Discard(n); err != nil {
			return err
		}
		s.drop(n)
		return nil
	}
	if !s.touched {
		s.touched = true
		in.touched = append(in.touched, s)
	}
	if err := in.enqueue(s, n); err != nil {
		s.namespace.config.Shared.Release(n)
		return err
	}
	return nil
}

// enqueue reads n bytes into the up queue of s: all of them, or none if they do not come.
func (in *inbox) enqueue(s *Stream, n int) error {
	if n <= inboxBuffer/4 {
		p, err := in.payload(n)
		if err == nil {
			s.enqueue(p, nil)
		}
		return err
	}
	var whole byteQueue
	for n > 0 {
		b := newBuffer(min(n, bufferSizes[len(bufferSizes)-1]))
		b.end = min(n, len(b.data))
		whole.push(b)
		if _, err := io.ReadFull(in.reader, b.bytes()); err != nil {
			whole.clear()
			return err
		}
		n -= b.len()
	}
	for b := whole.pop(); b != nil; b = whole.pop() {
		s.enqueue(nil, b)
	}
	return nil
}

// flushed hands on what the message has brought for s so far, because something follows it.
func (in *inbox) flushed(s *Stream) {
	if s.touched {
		s.flush()
	}
}

// cutOff turns the end of a message within a record into what it is.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &ProtocolError{Reason: ReasonBadRecord}
	}
	var protocol *ProtocolError
	if errors.As(err, &protocol) {
		return err
	}
	return fmt.Errorf("read binary message: %w", err)
}
