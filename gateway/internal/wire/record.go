package wire

import (
	"encoding/binary"
	"fmt"
)

// The types of records, with their payloads.
const (
	TypeData  byte = iota // bytes of a stream, at least one
	TypeLimit             // u64: the sender of this record takes bytes up to this offset
	TypeEnd               // i32: nothing follows from this side
	TypeStop              // i32: bytes above the last LIMIT - window were not taken
	TypeAck               // u64, of socket 0: so many messages of the other side have arrived
)

// HeaderSize is the length of a record's header: type u8, payload length u24, socket id u32, big-endian.
const HeaderSize = 8

// maxPayload is the longest payload that fits the header's length.
const maxPayload = 1<<24 - 1

// A Record is one piece of a binary message. Payload aliases the message.
type Record struct {
	Type    byte
	ID      uint32
	Payload []byte
}

// Limit is the offset in a LIMIT record.
func (r Record) Limit() uint64 { return binary.BigEndian.Uint64(r.Payload) }

// Code is the result in an END or STOP record.
func (r Record) Code() int32 { return int32(binary.BigEndian.Uint32(r.Payload)) }

// AppendHeader appends the header of a record whose payload, of length n, the caller adds.
func AppendHeader(b []byte, typ byte, id uint32, n int) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(typ)<<24|uint32(n))
	return binary.BigEndian.AppendUint32(b, id)
}

// AppendRecord appends a record of any type and payload, valid or not.
func AppendRecord(b []byte, typ byte, id uint32, payload []byte) []byte {
	return append(AppendHeader(b, typ, id, len(payload)), payload...)
}

// AppendLimit appends a LIMIT record.
func AppendLimit(b []byte, id uint32, limit uint64) []byte {
	return binary.BigEndian.AppendUint64(AppendHeader(b, TypeLimit, id, 8), limit)
}

// AppendAck appends an ACK record.
func AppendAck(b []byte, messages uint64) []byte {
	return binary.BigEndian.AppendUint64(AppendHeader(b, TypeAck, 0, 8), messages)
}

// AppendEnd appends an END record.
func AppendEnd(b []byte, id uint32, code int32) []byte {
	return binary.BigEndian.AppendUint32(AppendHeader(b, TypeEnd, id, 4), uint32(code))
}

// AppendStop appends a STOP record.
func AppendStop(b []byte, id uint32, code int32) []byte {
	return binary.BigEndian.AppendUint32(AppendHeader(b, TypeStop, id, 4), uint32(code))
}

// NextRecord takes the first record off a binary message that is not empty.
// Its error says which rule of the protocol the message breaks.
func NextRecord(b []byte) (r Record, rest []byte, err error) {
	if len(b) < HeaderSize {
		return r, nil, fmt.Errorf("record header cut off after %d bytes", len(b))
	}
	word := binary.BigEndian.Uint32(b)
	n := int(word & maxPayload)
	r = Record{Type: byte(word >> 24), ID: binary.BigEndian.Uint32(b[4:])}
	if len(b)-HeaderSize < n {
		return r, nil, fmt.Errorf("record of %d bytes cut off after %d", n, len(b)-HeaderSize)
	}
	r.Payload, rest = b[HeaderSize:HeaderSize+n], b[HeaderSize+n:]
	switch r.Type {
	case TypeData:
		if n == 0 {
			err = fmt.Errorf("DATA of length 0 for socket %d", r.ID)
		}
	case TypeLimit, TypeAck:
		if n != 8 {
			err = fmt.Errorf("LIMIT or ACK of length %d for socket %d", n, r.ID)
		}
	case TypeEnd, TypeStop:
		if n != 4 {
			err = fmt.Errorf("END or STOP of length %d for socket %d", n, r.ID)
		}
	default:
		err = fmt.Errorf("record of unknown type %d for socket %d", r.Type, r.ID)
	}
	return r, rest, err
}
