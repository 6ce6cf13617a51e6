package access

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/socketgate/socketgate/sockets"
)

// Bounds of a manifest.
const (
	maxPatterns      = 64
	maxPatternLength = 300
)

// Manifest is what a page may listen on and connect to, in the grammar of the key "sockets" of a Chrome
// App's manifest:
//
//	{"tcp": {"connect": P}, "tcpServer": {"listen": P}}     P = "host:port" or a list of them
type Manifest struct {
	Listen  []sockets.Pattern
	Connect []sockets.Pattern
}

// ParseManifest reads a manifest. What Chrome refuses is refused with Chrome's words; keys that it does
// not know, and those of UDP, are ignored as it does.
func ParseManifest(text []byte) (Manifest, error) {
	return parseManifest(text, false)
}

// parseManifest is ParseManifest; strict refuses keys that are not known.
func parseManifest(text []byte, strict bool) (Manifest, error) {
	var m Manifest
	if kind := kindOf(text); kind != "dictionary" {
		return m, fmt.Errorf("expected dictionary, got %s", kind)
	}
	err := readKeys(text, strict, map[string]func([]byte) error{
		"tcp":       inDictionary("tcp", "connect", strict, &m.Connect),
		"tcpServer": inDictionary("tcpServer", "listen", strict, &m.Listen),
	})
	if err == nil && len(m.Listen)+len(m.Connect) > maxPatterns {
		err = fmt.Errorf("more than %d patterns", maxPatterns)
	}
	return m, err
}

// inDictionary reads {key: P} into patterns.
func inDictionary(name, key string, strict bool, patterns *[]sockets.Pattern) func([]byte) error {
	return func(text []byte) error {
		if kind := kindOf(text); kind != "dictionary" {
			return fmt.Errorf("'%s': expected dictionary, got %s", name, kind)
		}
		return readKeys(text, strict, map[string]func([]byte) error{
			key: func(text []byte) (err error) {
				*patterns, err = readPatterns(text)
				return err
			},
		})
	}
}

func readPatterns(text []byte) ([]sockets.Pattern, error) {
	var texts []string
	switch kind := kindOf(text); kind {
	case "string":
		var one string
		if err := json.Unmarshal(text, &one); err != nil {
			return nil, err
		}
		texts = []string{one}
	case "list":
		var elements []json.RawMessage
		if err := json.Unmarshal(text, &elements); err != nil {
			return nil, err
		}
		for i, element := range elements {
			if kind := kindOf(element); kind != "string" {
				return nil, fmt.Errorf("Error at key 'strings': Parsing array failed at index %d: expected string, got %s", i, kind) // Chrome's words
			}
		}
		if err := json.Unmarshal(text, &texts); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("expected string or strings, got %s", kind)
	}
	return ParsePatterns(texts)
}

// ParsePatterns reads patterns such as "127.0.0.1:8000". The error has Chrome's words.
func ParsePatterns(texts []string) ([]sockets.Pattern, error) {
	var patterns []sockets.Pattern
	for _, text := range texts {
		pattern, err := sockets.ParsePattern(text)
		if err != nil || len(text) > maxPatternLength {
			return nil, errors.New("Invalid host:port pattern " + quote(text)) // Chrome's words
		}
		patterns = append(patterns, pattern)
	}
	return patterns, nil
}

// quote shows a pattern in an error, without what could hide in it.
func quote(text string) string {
	if len(text) > maxPatternLength {
		text = text[:maxPatternLength] + "…"
	}
	return "'" + Printable(text) + "'"
}

// readKeys hands each member of an object to its reader.
func readKeys(object []byte, strict bool, readers map[string]func([]byte) error) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return err
	}
	for key, value := range members {
		read, known := readers[key]
		switch {
		case known:
			if err := read(value); err != nil {
				return err
			}
		case strict:
			return fmt.Errorf("unknown key %q", key)
		}
	}
	return nil
}

// kindOf names the kind of a JSON value as Chrome does.
func kindOf(value []byte) string {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return "null"
	}
	switch value[0] {
	case '{':
		return "dictionary"
	case '[':
		return "list"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	if bytes.ContainsAny(value, ".eE") {
		return "double"
	}
	return "integer"
}

// MarshalJSON writes the manifest with its patterns in canonical form.
func (m Manifest) MarshalJSON() ([]byte, error) {
	type connect struct {
		Connect []string `json:"connect"`
	}
	type listen struct {
		Listen []string `json:"listen"`
	}
	var out struct {
		TCP       *connect `json:"tcp,omitempty"`
		TCPServer *listen  `json:"tcpServer,omitempty"`
	}
	if len(m.Connect) > 0 {
		out.TCP = &connect{canonical(m.Connect)}
	}
	if len(m.Listen) > 0 {
		out.TCPServer = &listen{canonical(m.Listen)}
	}
	return json.Marshal(out)
}

// UnmarshalJSON is [ParseManifest].
func (m *Manifest) UnmarshalJSON(text []byte) (err error) {
	*m, err = ParseManifest(text)
	return err
}

func canonical(patterns []sockets.Pattern) []string {
	texts := make([]string, len(patterns))
	for i, pattern := range patterns {
		texts[i] = pattern.String()
	}
	return texts
}
