package sockets

import "sync"

// Buffers come in a few sizes, so that a stream holds about as much memory as it has bytes, and none
// when it has none. One size has room for the header of a record before a whole read.
var bufferSizes = [...]int{1 << 10, 4 << 10, 16 << 10, 64 << 10, 128<<10 + recordHeaderLen, 256 << 10}

var bufferPools [len(bufferSizes)]sync.Pool

// buffer is a piece of a byteQueue: data[start:end] are its bytes.
type buffer struct {
	data       []byte
	start, end int
	class      int // index of its size in bufferSizes
}

// newBuffer returns an empty buffer with room for at least n bytes. n is at most the largest size.
func newBuffer(n int) *buffer {
	class := 0
	for bufferSizes[class] < n {
		class++
	}
	if b, ok := bufferPools[class].Get().(*buffer); ok {
		return b
	}
	return &buffer{data: make([]byte, bufferSizes[class]), class: class}
}

// newRecordBuffer is newBuffer with room for the header of a record before the bytes.
func newRecordBuffer(n int) *buffer {
	b := newBuffer(recordHeaderLen + n)
	b.start, b.end = recordHeaderLen, recordHeaderLen
	return b
}

// free gives the memory back. Nobody may use the buffer after it.
func (b *buffer) free() {
	b.start, b.end = 0, 0
	bufferPools[b.class].Put(b)
}

func (b *buffer) len() int      { return b.end - b.start }
func (b *buffer) bytes() []byte { return b.data[b.start:b.end] }

// byteQueue is a queue of bytes that wait for one direction of a stream.
type byteQueue struct {
	buffers []*buffer
	size    int
}

// append copies p to the end of the queue.
func (q *byteQueue) append(p []byte) {
	q.size += len(p)
	if n := len(q.buffers); n > 0 {
		last := q.buffers[n-1]
		copied := copy(last.data[last.end:], p)
		last.end += copied
		p = p[copied:]
	}
	if len(p) == 0 {
		return
	}
	// A second buffer means that many small pieces come together: make room for more of them.
	room := len(p)
	if len(q.buffers) > 0 {
		room = max(room, bufferSizes[3])
	}
	b := newBuffer(room)
	b.end = copy(b.data, p)
	q.buffers = append(q.buffers, b)
}

// push puts b, which holds something and which the caller gives away, at the end of the queue.
func (q *byteQueue) push(b *buffer) {
	q.size += b.len()
	q.buffers = append(q.buffers, b)
}

// first is what pop will take.
func (q *byteQueue) first() *buffer {
	if len(q.buffers) == 0 {
		return nil
	}
	return q.buffers[0]
}

// pop takes the first buffer out of the queue and gives it to the caller; nil if there is none.
func (q *byteQueue) pop() *buffer {
	if len(q.buffers) == 0 {
		return nil
	}
	b := q.buffers[0]
	q.removeFirst()
	q.size -= b.len()
	return b
}

// unpop puts b, of which some bytes are left, back to the front.
func (q *byteQueue) unpop(b *buffer) {
	q.size += b.len()
	q.buffers = append(q.buffers, nil)
	copy(q.buffers[1:], q.buffers)
	q.buffers[0] = b
}

// moveTo appends up to n bytes of the queue to p.
func (q *byteQueue) moveTo(p []byte, n int) []byte {
	for n > 0 && len(q.buffers) > 0 {
		b := q.buffers[0]
		k := min(n, b.len())
		p = append(p, b.data[b.start:b.start+k]...)
		b.start += k
		q.size -= k
		n -= k
		if b.len() == 0 {
			q.removeFirst()
			b.free()
		}
	}
	return p
}

// drop drops the first n bytes, or all if there are fewer, and returns how many it has dropped.
func (q *byteQueue) drop(n int) (dropped int) {
	for dropped < n && len(q.buffers) > 0 {
		b := q.buffers[0]
		k := min(n-dropped, b.len())
		b.start += k
		q.size -= k
		dropped += k
		if b.len() == 0 {
			q.removeFirst()
			b.free()
		}
	}
	return dropped
}

// pushAll moves all bytes of other to the end of the queue.
func (q *byteQueue) pushAll(other *byteQueue) {
	q.buffers = append(q.buffers, other.buffers...)
	q.size += other.size
	*other = byteQueue{}
}

// clear drops all bytes and returns how many there were.
func (q *byteQueue) clear() int {
	dropped := q.size
	for _, b := range q.buffers {
		b.free()
	}
	*q = byteQueue{}
	return dropped
}

func (q *byteQueue) removeFirst() {
	n := copy(q.buffers, q.buffers[1:])
	q.buffers[n] = nil
	q.buffers = q.buffers[:n]
	if n == 0 && cap(q.buffers) > 4 {
		q.buffers = nil
	}
}
