package sockets

import "encoding/binary"

// A record is an 8-byte header and a payload (gateway/PROTOCOL.md, section 6); numbers are big-endian:
//
//	type u8 · payload length u24 · socket id u32 · payload
const recordHeaderLen = 8

// Record types and their payloads.
const (
	recordData  = 0 // 1 or more bytes of the stream
	recordLimit = 1 // u64: the sender takes bytes up to this offset
	recordEnd   = 2 // i32 result: nothing follows from this side
	recordStop  = 3 // i32 result: bytes not yet acknowledged were not taken and never will be
	recordAck   = 4 // u64, of socket 0: how many messages of the other side have arrived

	limitLen  = 8 // payload length of LIMIT
	ackLen    = 8 // payload length of ACK
	resultLen = 4 // payload length of END and STOP
)

// MinFrame is the shortest binary message that holds one record of each kind and some data.
const MinFrame = 4096

// recordHeader is the header of a record.
type recordHeader struct {
	kind   byte
	length int
	id     uint32
}

func parseRecordHeader(b []byte) recordHeader {
	first := binary.BigEndian.Uint32(b)
	return recordHeader{
		kind:   byte(first >> 24),
		length: int(first & 0xffffff),
		id:     binary.BigEndian.Uint32(b[4:]),
	}
}

func appendRecordHeader(b []byte, kind byte, length int, id uint32) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(kind)<<24|uint32(length))
	return binary.BigEndian.AppendUint32(b, id)
}

func appendLimit(b []byte, id uint32, limit uint64) []byte {
	b = appendRecordHeader(b, recordLimit, limitLen, id)
	return binary.BigEndian.AppendUint64(b, limit)
}

func appendResult(b []byte, kind byte, id uint32, result Result) []byte {
	b = appendRecordHeader(b, kind, resultLen, id)
	return binary.BigEndian.AppendUint32(b, uint32(result))
}

// AppendAck appends a record that says how many messages of the page have arrived.
func AppendAck(b []byte, messages uint64) []byte {
	b = appendRecordHeader(b, recordAck, ackLen, 0)
	return binary.BigEndian.AppendUint64(b, messages)
}
