package rpc

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// fuzzParams has a parameter of every kind.
type fuzzParams struct {
	Number     int32             `json:"number"`
	Flag       bool              `json:"flag"`
	Text       *string           `json:"text"`
	Offset     *uint64           `json:"offset"`
	Query      *dnsQuery         `json:"query"`
	Properties *streamProperties `json:"properties"`
}

// FuzzParams compares the decoding of parameters with a model that works on map[string]any.
func FuzzParams(f *testing.F) {
	list := paramsOf(reflect.TypeFor[fuzzParams]())
	f.Fuzz(func(t *testing.T, text []byte) {
		text = skipSpace(text)
		if !json.Valid(text) || !utf8.Valid(text) || text[0] != '{' && text[0] != '[' {
			return
		}
		var got fuzzParams
		err := list.decode(text, reflect.ValueOf(&got).Elem())
		var param *ParamError
		if err != nil && !errors.As(err, &param) {
			t.Fatalf("%q: got %v, want a ParamError", text, err)
		}
		want, ok := modelParams(text)
		if ok != (err == nil) {
			t.Fatalf("%q: got error %v, model says ok %v", text, err, ok)
		}
		if diff := cmp.Diff(want, got); ok && diff != "" {
			t.Fatalf("%q (-want +got):\n%s", text, diff)
		}
	})
}

func modelParams(text []byte) (p fuzzParams, ok bool) {
	names := []string{"number", "flag", "text", "offset", "query", "properties"}
	given := map[string]any{}
	var array []any
	if text[0] == '{' {
		if json.Unmarshal(text, &given) != nil {
			return p, false
		}
	} else {
		if json.Unmarshal(text, &array) != nil || len(array) > len(names) {
			return p, false
		}
		for i, value := range array {
			given[names[i]] = value
		}
	}
	given = withoutNull(given)
	number, ok1 := modelInteger(given, "number", math.MinInt32, math.MaxInt32)
	flag, ok2 := given["flag"].(bool)
	text1, ok3 := modelOptional[string](given, "text")
	offset, ok4 := modelInteger(given, "offset", 0, maxOffset)
	query, ok5 := modelOptional[string](given, "query")
	properties, ok6 := modelOptional[map[string]any](given, "properties")
	if number == nil || !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 {
		return p, false
	}
	p.Number, p.Flag, p.Text = int32(*number), flag, text1
	if offset != nil {
		n := uint64(*offset)
		p.Offset = &n
	}
	if query != nil {
		q, known := map[string]dnsQuery{"any": 0, "ipv4": 1, "ipv6": 2}[*query]
		if !known {
			return p, false
		}
		p.Query = &q
	}
	if properties != nil {
		if p.Properties, ok = modelProperties(withoutNull(*properties)); !ok {
			return p, false
		}
		delete(given, "properties")
	}
	for _, name := range names {
		delete(given, name)
	}
	return p, len(given) == 0
}

func modelProperties(given map[string]any) (p *streamProperties, ok bool) {
	p = &streamProperties{}
	var ok1, ok2, ok3, ok4 bool
	var size *int64
	p.Persistent, ok1 = modelOptional[bool](given, "persistent")
	p.Name, ok2 = modelOptional[string](given, "name")
	size, ok3 = modelInteger(given, "bufferSize", math.MinInt32, math.MaxInt32)
	p.AllowHalfOpen, ok4 = modelOptional[bool](given, "allowHalfOpen")
	if size != nil {
		n := int32(*size)
		p.BufferSize = &n
	}
	for _, name := range []string{"persistent", "name", "bufferSize", "allowHalfOpen"} {
		delete(given, name)
	}
	return p, ok1 && ok2 && ok3 && ok4 && len(given) == 0
}

// withoutNull leaves out null members, but for names nobody knows, which are wrong with any value.
func withoutNull(given map[string]any) map[string]any {
	known := map[string]bool{"number": true, "flag": true, "text": true, "offset": true, "query": true,
		"properties": true, "persistent": true, "name": true, "bufferSize": true, "allowHalfOpen": true}
	for name, value := range given {
		if value == nil && known[name] {
			delete(given, name)
		}
	}
	return given
}

func modelOptional[T any](given map[string]any, name string) (*T, bool) {
	value, present := given[name]
	if !present {
		return nil, true
	}
	v, ok := value.(T)
	return &v, ok
}

func modelInteger(given map[string]any, name string, least, most float64) (*int64, bool) {
	value, present := given[name]
	if !present {
		return nil, true
	}
	f, ok := value.(float64)
	n := int64(f)
	return &n, ok && f == math.Trunc(f) && f >= least && f <= most
}
