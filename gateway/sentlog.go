package gateway

import "github.com/gorilla/websocket"

// Bounds of the messages that the page has not acknowledged. Beyond them nothing more is sent until it has.
const (
	maxUnackedBytes    = 8 << 20
	maxUnackedMessages = 4096
)

// sentLog holds the numbered messages to the page that it may not have: they are sent again on its next
// connection (PROTOCOL.md, section 4). Messages are counted from 1. It is pure bookkeeping, without a lock: the
// outbox guards it.
type sentLog struct {
	// acked is the number of the last message that the page has.
	acked uint64
	// messages are those behind acked, in order; the first written of them have been written on the present
	// connection, or are being written.
	messages []sentMessage
	written  int
	// bytes is how long they are together, records how long those of them that are binary.
	bytes, records int
	// inUse says that the last of the written messages is being written. If the page acknowledges it
	// meanwhile, it is kept in late, since its memory is still read.
	inUse bool
	late  *sentMessage
}

// sentMessage is one message to the page.
type sentMessage struct {
	kind  int // websocket.TextMessage or websocket.BinaryMessage
	bytes []byte
	// free gives the memory of bytes back; nil if the garbage collector does.
	free func()
}

// full says whether the page must acknowledge something before more is added.
func (l *sentLog) full() bool {
	return l.bytes >= maxUnackedBytes || len(l.messages) >= maxUnackedMessages
}

// add gives m the next number.
func (l *sentLog) add(m sentMessage) {
	l.messages = append(l.messages, m)
	l.count(&m, 1)
}

func (l *sentLog) count(m *sentMessage, sign int) {
	l.bytes += sign * len(m.bytes)
	if m.kind == websocket.BinaryMessage {
		l.records += sign * len(m.bytes)
	}
}

// begin returns the next message to write on this connection. Until finish its memory stays.
func (l *sentLog) begin() (m sentMessage, ok bool) {
	if l.written == len(l.messages) {
		return m, false
	}
	m = l.messages[l.written]
	l.written++
	l.inUse = true
	return m, true
}

// finish says that what begin returned has been written, or failed to be.
func (l *sentLog) finish() {
	l.inUse = false
	if l.late != nil {
		l.late.release()
		l.late = nil
	}
}

// acknowledge takes the number of messages that the page has received. It returns false for one that was never
// written.
func (l *sentLog) acknowledge(number uint64) bool {
	if number <= l.acked {
		return true
	}
	if number > l.acked+uint64(l.written) {
		return false
	}
	n := int(number - l.acked)
	for i := range l.messages[:n] {
		m := l.messages[i]
		l.count(&m, -1)
		if l.inUse && i == l.written-1 {
			l.late = &m
		} else {
			m.release()
		}
		l.messages[i] = sentMessage{}
	}
	l.messages = l.messages[n:]
	l.written -= n
	l.acked = number
	return true
}

// resume begins a connection of a page that has received that many messages: what follows is written again.
// It returns false if the page cannot have, or if what it needs is gone.
func (l *sentLog) resume(received uint64) bool {
	if received < l.acked || received > l.acked+uint64(len(l.messages)) {
		return false
	}
	l.written = len(l.messages)
	l.acknowledge(received)
	l.written = 0
	return true
}

// clear drops everything. Nothing is being written.
func (l *sentLog) clear() {
	for i := range l.messages {
		l.messages[i].release()
	}
	*l = sentLog{}
}

func (m *sentMessage) release() {
	if m.free != nil {
		m.free()
	}
}
