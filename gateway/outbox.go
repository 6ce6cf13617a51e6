package gateway

import (
	"slices"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/socketgate/socketgate/sockets"
)

// outbox is what a session has to say to its page, on whatever connection. Everybody may put something in and
// nobody is blocked by it; only the writer of the connection takes out, and puts what it takes into the log,
// which remembers it until the page has it. Text and addReady do not wake the writer: whoever has called them
// calls writer.flush when it holds no lock.
type outbox struct {
	// immutable
	shared *sockets.Shared // counts the bytes of records in the log

	mu sync.Mutex // guards the fields below
	// control is that of the connection that the page has now; nil while it has none.
	control *control
	// texts that wait. More than maxOutboxBytes or maxOutboxMessages end the connection, but are kept: what
	// one message of the page leads to may pass the bound.
	texts     [][]byte
	textBytes int
	// ready holds each stream at most once, so the number of sockets bounds it.
	ready []*sockets.Stream
	// received is how many messages of the page have arrived; untold counts those that the page was not told of.
	received                    uint64
	untoldBytes, untoldMessages int
	log                         sentLog
	// room is closed when waitForRoom shall look again; nil while nobody waits.
	room chan struct{}
	// ended says that the page will have no further connection.
	ended bool
}

// Text implements [rpc.Sink].
func (o *outbox) Text(msg []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	o.texts = append(o.texts, msg)
	o.textBytes += len(msg)
	if o.control != nil && (len(o.texts) > maxOutboxMessages || o.textBytes > maxOutboxBytes) {
		o.control.close(closeSlow, reasonSlow)
	}
}

// addReady puts a stream at the end of the round.
func (o *outbox) addReady(s *sockets.Stream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.ready = append(o.ready, s)
	}
}

// How much a page sends before it is told that it has arrived: from tellBytes on together with other records,
// and at the latest after ackBytes or ackMessages.
const (
	tellBytes   = 64 << 10
	ackBytes    = 512 << 10
	ackMessages = 64
)

// arrived counts a message of the page, the last of so many.
func (o *outbox) arrived(messages uint64, length int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.received = messages
	o.untoldBytes += length
	o.untoldMessages++
}

// ackDueLocked says whether the page must be told what has arrived.
func (o *outbox) ackDueLocked() bool {
	return o.untoldBytes >= ackBytes || o.untoldMessages >= ackMessages
}

// takeAck returns what ACK shall tell the page, 0 for nothing. withOthers says that a message of records is
// sent anyway.
func (o *outbox) takeAck(withOthers bool) (received uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ackDueLocked() && !(withOthers && o.untoldBytes >= tellBytes) {
		return 0
	}
	o.untoldBytes, o.untoldMessages = 0, 0
	return o.received
}

// acknowledge takes what the page has received. It returns false if it cannot have.
func (o *outbox) acknowledge(messages uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	full, held := o.log.full(), o.log.records
	ok := o.log.acknowledge(messages)
	o.shared.Release(held - o.log.records)
	if full && o.control != nil {
		o.control.signal()
	}
	return ok
}

// size says how many bytes there are to write beside records, and whether there is anything.
func (o *outbox) size() (bytes int, any bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.log.messages[o.log.written:] {
		bytes += len(m.bytes)
	}
	any = bytes > 0
	if !o.log.full() {
		bytes += o.textBytes
		any = any || len(o.texts) > 0 || len(o.ready) > 0 || o.ackDueLocked()
	}
	return bytes, any
}

// commit numbers the texts that wait and returns the streams that are ready, in a slice that is used again. While
// there is something older to be written, or the log is full, it does nothing, and returns false.
func (o *outbox) commit(ready []*sockets.Stream) (_ []*sockets.Stream, ok bool) {
	clear(ready)
	ready = ready[:0]
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.log.written < len(o.log.messages) || o.log.full() {
		return ready, false
	}
	for i, text := range o.texts {
		o.log.add(sentMessage{kind: websocket.TextMessage, bytes: text})
		o.texts[i] = nil
	}
	o.texts, o.textBytes = o.texts[:0], 0
	ready, o.ready = o.ready, ready
	o.tellRoomLocked()
	return ready, true
}

// commitRecords numbers a message of records. free, unless nil, is called when the page has it.
func (o *outbox) commitRecords(frame []byte, free func()) {
	o.shared.Hold(len(frame))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log.add(sentMessage{kind: websocket.BinaryMessage, bytes: frame, free: free})
}

// begin returns the next message to write; finish says that it was.
func (o *outbox) begin() (m sentMessage, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.begin()
}

func (o *outbox) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log.finish()
}

// putBack returns streams whose turn did not come, before those that became ready meanwhile.
func (o *outbox) putBack(streams []*sockets.Stream) {
	if len(streams) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ready = slices.Insert(o.ready, 0, streams...)
}

// attach begins a connection of a page that has received that many messages. It returns false if the page
// cannot have. No writer is at work.
func (o *outbox) attach(control *control, received uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	held := o.log.records
	if !o.log.resume(received) {
		return false
	}
	o.shared.Release(held - o.log.records)
	o.control = control
	o.tellRoomLocked()
	return true
}

// detach says that the page has no connection.
func (o *outbox) detach() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.control = nil
}

// end drops everything: the page will not come back.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.texts, o.ready = nil, nil
	o.shared.Release(o.log.records)
	o.log.clear()
	o.tellRoomLocked()
}

func (o *outbox) tellRoomLocked() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// waitForRoom blocks while the page has no connection, and while the texts are more than half of what they may
// be: connections then wait in the kernel. It returns false if stop was closed first, or if the outbox has ended.
func (o *outbox) waitForRoom(stop <-chan struct{}) bool {
	for {
		o.mu.Lock()
		if o.ended {
			o.mu.Unlock()
			return false
		}
		if o.control != nil && len(o.texts) <= maxOutboxMessages/2 && o.textBytes <= maxOutboxBytes/2 {
			o.mu.Unlock()
			return true
		}
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-stop:
			return false
		}
	}
}
