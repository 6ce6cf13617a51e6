package wire

import (
	"bytes"
	"strings"
	"testing"
)

func TestNextRecord(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in      string
		want    Record
		rest    string
		wantErr string
	}{
		{name: "data", in: "\x00\x00\x00\x03\x00\x00\x00\x07abc", want: Record{TypeData, 7, []byte("abc")}},
		{name: "rest is kept", in: "\x00\x00\x00\x01\x00\x00\x00\x01aREST", want: Record{TypeData, 1, []byte("a")}, rest: "REST"},
		{name: "limit", in: "\x01\x00\x00\x08\x01\x02\x03\x04\x00\x00\x00\x01\x00\x00\x00\x02",
			want: Record{TypeLimit, 0x01020304, []byte("\x00\x00\x00\x01\x00\x00\x00\x02")}},
		{name: "end", in: "\x02\x00\x00\x04\x00\x00\x00\x01\xff\xff\xff\x9c", want: Record{TypeEnd, 1, []byte("\xff\xff\xff\x9c")}},
		{name: "short header", in: "\x00\x00\x00\x01\x00\x00\x00", wantErr: "header cut off"},
		{name: "short payload", in: "\x00\x00\x00\x02\x00\x00\x00\x01a", wantErr: "cut off after 1"},
		{name: "empty data", in: "\x00\x00\x00\x00\x00\x00\x00\x01", wantErr: "length 0"},
		{name: "long limit", in: "\x01\x00\x00\x09\x00\x00\x00\x01123456789", wantErr: "length 9"},
		{name: "short stop", in: "\x03\x00\x00\x03\x00\x00\x00\x01123", wantErr: "length 3"},
		{name: "unknown type", in: "\x05\x00\x00\x00\x00\x00\x00\x01", wantErr: "unknown type 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, rest, err := NextRecord([]byte(tt.in))
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("error %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Type != tt.want.Type || r.ID != tt.want.ID || !bytes.Equal(r.Payload, tt.want.Payload) || string(rest) != tt.rest {
				t.Errorf("got %v and rest %q, want %v and %q", r, rest, tt.want, tt.rest)
			}
		})
	}
}

func TestRecordValues(t *testing.T) {
	b := AppendStop(AppendEnd(AppendLimit(nil, 1, 1<<40), 2, -100), 3, -2)
	var got []Record
	for len(b) > 0 {
		r, rest, err := NextRecord(b)
		if err != nil {
			t.Fatal(err)
		}
		got, b = append(got, r), rest
	}
	if got[0].Limit() != 1<<40 || got[1].Code() != -100 || got[2].Code() != -2 {
		t.Errorf("got %d %d %d, want %d -100 -2", got[0].Limit(), got[1].Code(), got[2].Code(), 1<<40)
	}
}

// Whatever parses is written back the same.
func FuzzNextRecord(f *testing.F) {
	f.Add(AppendRecord(nil, TypeData, 7, []byte("abc")))
	f.Add(AppendLimit(nil, 1, 2))
	f.Add([]byte{9, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		r, rest, err := NextRecord(b)
		if err != nil {
			return
		}
		if got := append(AppendRecord(nil, r.Type, r.ID, r.Payload), rest...); !bytes.Equal(got, b) {
			t.Errorf("%x became %x", b, got)
		}
	})
}
