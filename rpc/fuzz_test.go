package rpc

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"
)

// FuzzCodec sends lines of text and checks the answers against a naive model that encoding/json does all the
// work of: the connection is never lost, everything sent is valid JSON-RPC, and every id that asks for an
// answer gets exactly one. Run it with -fuzzminimizetime 10x: its goroutines make coverage vary a little, which
// the search for a smaller input would otherwise spend all its time on.
func FuzzCodec(f *testing.F) {
	x := &testMethods{}
	table := x.table()
	delete(table.byName, "wait") // everything else is answered at once
	// One connection for all inputs: it must never be lost, and it is what keeps the target fast.
	x.conn = newTestConn(f, closedSession{}, table, Limits{MaxBatch: 4})
	c := x.conn
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // Frames promises
		}
		c.t = t
		c.take() // what an input that failed has left
		for line := range bytes.Lines([]byte(text)) {
			want := modelReplies(line, 4)
			c.send(string(line))
			var got []string
			for _, message := range c.take() {
				got = append(got, replyIDs(t, message)...)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%q:\n got ids %q\nwant ids %q", line, got, want)
			}
		}
		c.send(ping)
		c.want("the connection is alive", pong)
	})
}

// modelReplies returns the ids of the replies to a message, in order.
func modelReplies(text []byte, maxBatch int) []string {
	if !json.Valid(text) {
		return []string{"null"}
	}
	var batch []json.RawMessage
	if err := json.Unmarshal(text, &batch); err != nil || batch == nil {
		return modelReply(text)
	}
	if len(batch) == 0 || len(batch) > maxBatch {
		return []string{"null"}
	}
	var ids []string
	for _, element := range batch {
		ids = append(ids, modelReply(element)...)
	}
	return ids
}

func modelReply(text []byte) []string {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(text, &m); err != nil || m == nil {
		return []string{"null"}
	}
	var version, method *string
	isMethod := json.Unmarshal(m["method"], &method) == nil && method != nil
	isVersion := json.Unmarshal(m["jsonrpc"], &version) == nil && version != nil && *version == "2.0"
	_, hasMethod := m["method"]
	_, hasResult := m["result"]
	_, hasError := m["error"]
	if !hasMethod && (hasResult || hasError) {
		return nil
	}
	id, hasID := m["id"]
	legalID := hasID && !bytes.ContainsAny(id[:1], "[{tf")
	params := bytes.TrimSpace(m["params"])
	legalParams := len(params) == 0 || string(params) == "null" || params[0] == '[' || params[0] == '{'
	request := isVersion && isMethod && legalParams && !hasResult && !hasError && (!hasID || legalID)
	if request && !hasID {
		return nil
	}
	if legalID {
		return []string{string(id)}
	}
	return []string{"null"}
}

// replyIDs checks what the page is sent and returns the ids of the replies in it.
func replyIDs(t *testing.T, message string) []string {
	var batch []json.RawMessage
	if message[0] != '[' {
		batch = []json.RawMessage{json.RawMessage(message)}
	} else if err := json.Unmarshal([]byte(message), &batch); err != nil || len(batch) == 0 {
		t.Fatalf("sent %q: %v", message, err)
	}
	var ids []string
	for _, text := range batch {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("sent %q: %v", message, err)
		}
		_, result := m["result"]
		_, failure := m["error"]
		_, event := m["method"]
		id, reply := m["id"]
		if string(m["jsonrpc"]) != `"2.0"` || event == reply || reply != (result != failure) {
			t.Fatalf("sent %q, want a reply or a notification", message)
		}
		if reply {
			ids = append(ids, string(id))
		}
	}
	return ids
}

// FuzzMembers compares the cutting of JSON text with encoding/json.
func FuzzMembers(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) || !utf8.Valid(text) {
			return
		}
		value := skipSpace(text)
		if n := valueLen(value); len(skipSpace(value[n:])) != 0 {
			t.Fatalf("%q: value ends after %q", text, value[:n])
		}
		switch value[0] {
		case '{':
			want := map[string]json.RawMessage{}
			if err := json.Unmarshal(value, &want); err != nil {
				t.Skip(err)
			}
			got := map[string]json.RawMessage{}
			for name, member := range members(value) {
				got[string(name)] = member
			}
			if len(got) != len(want) {
				t.Fatalf("%q: got %q, want %q", text, got, want)
			}
			for name, member := range want {
				if !bytes.Equal(got[name], member) {
					t.Fatalf("%q: got %q = %q, want %q", text, name, got[name], member)
				}
			}
		case '[':
			var want []json.RawMessage
			if err := json.Unmarshal(value, &want); err != nil {
				t.Skip(err)
			}
			var got []json.RawMessage
			for _, element := range elements(value) {
				got = append(got, element)
			}
			if !slices.EqualFunc(got, want, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
				t.Fatalf("%q: got %q, want %q", text, got, want)
			}
		}
	})
}
