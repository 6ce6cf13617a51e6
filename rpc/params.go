package rpc

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// paramList describes the fields of a parameter struct: the parameters of a method in positional order, or
// the members of one that is an object. A pointer is a parameter that may be left out.
type paramList []param

// param is one parameter.
type param struct {
	name     string // from the json tag
	doc      string // from the doc tag
	required bool
	typ      reflect.Type // without the pointer
	members  paramList    // of a struct
}

// enumeration is implemented by parameter types, of kind int, that are written as one of some strings. The
// value is the index of the string.
type enumeration interface{ words() []string }

// maxOffset is 2^53: JavaScript has every integer up to it.
const maxOffset = 1 << 53

func paramsOf(t reflect.Type) paramList {
	list := make(paramList, t.NumField())
	for i := range list {
		field := t.Field(i)
		p := param{name: field.Tag.Get("json"), doc: field.Tag.Get("doc"), required: true, typ: field.Type}
		if p.typ.Kind() == reflect.Pointer {
			p.required, p.typ = false, p.typ.Elem()
		}
		if p.typ.Kind() == reflect.Struct {
			p.members = paramsOf(p.typ)
		}
		list[i] = p
	}
	return list
}

// decode fills the struct into from params, which is empty, an object or an array: "by-position: params MUST
// be an Array, containing the values in the Server expected order. by-name: params MUST be an Object, with
// member names that match the Server expected parameter names. [...] The names MUST match exactly, including
// case." A value that is null counts as left out.
func (list paramList) decode(params []byte, into reflect.Value) error {
	if len(params) == 0 || params[0] == '{' {
		return list.decodeObject("", params, into)
	}
	values := make([][]byte, len(list))
	for i, value := range elements(params) {
		if i == len(list) {
			return &ParamError{Reason: fmt.Sprintf("too many, the method takes %d", len(list))}
		}
		values[i] = value
	}
	return list.setAll("", values, into)
}

// decodeObject fills into from an object, or from nothing. Of a name that occurs twice the last one counts.
func (list paramList) decodeObject(prefix string, object []byte, into reflect.Value) error {
	values := make([][]byte, len(list))
	if len(object) > 0 {
		for name, value := range members(object) {
			i := list.find(name)
			if i < 0 {
				return &ParamError{Name: prefix + shorten(string(name)), Reason: "is not a known name"}
			}
			values[i] = value
		}
	}
	return list.setAll(prefix, values, into)
}

func (list paramList) find(name []byte) int {
	for i := range list {
		if list[i].name == string(name) {
			return i
		}
	}
	return -1
}

// setAll stores values, one for each parameter, in the fields of into. prefix is put before names in errors.
func (list paramList) setAll(prefix string, values [][]byte, into reflect.Value) error {
	for i, value := range values {
		p := &list[i]
		switch {
		case len(value) > 0 && !isNull(value):
			if err := p.set(prefix+p.name, value, into.Field(i)); err != nil {
				return err
			}
		case p.required:
			return &ParamError{Name: prefix + p.name, Reason: "is required"}
		}
	}
	return nil
}

// set stores one value. path names it in errors.
func (p *param) set(path string, value []byte, into reflect.Value) error {
	if !p.required {
		into.Set(reflect.New(p.typ))
		into = into.Elem()
	}
	var want string
	switch p.typ.Kind() {
	case reflect.Bool:
		switch value[0] {
		case 't', 'f':
			into.SetBool(value[0] == 't')
			return nil
		}
		want = "true or false"
	case reflect.String:
		if value[0] == '"' {
			into.SetString(string(stringBytes(value)))
			return nil
		}
		want = "a string"
	case reflect.Int32:
		n, ok := integer(value)
		if ok && n >= math.MinInt32 && n <= math.MaxInt32 {
			into.SetInt(n)
			return nil
		}
		want = "an integer of 32 bits"
	case reflect.Uint64:
		n, ok := integer(value)
		if ok && n >= 0 && n <= maxOffset {
			into.SetUint(uint64(n))
			return nil
		}
		want = "an integer from 0 to 2^53"
	case reflect.Int:
		words := into.Interface().(enumeration).words()
		for i, word := range words {
			if string(stringOf(value)) == word {
				into.SetInt(int64(i))
				return nil
			}
		}
		want = "one of " + strings.Join(words, ", ")
	case reflect.Slice: // a json.RawMessage, which its method reads
		into.SetBytes(bytes.Clone(value))
		return nil
	case reflect.Struct:
		if value[0] == '{' {
			return p.members.decodeObject(path+".", value, into)
		}
		want = "an object"
	}
	return &ParamError{Name: path, Reason: "must be " + want + ", got " + describe(value)}
}

// integer reads a number as JavaScript does, so that 1, 1.0 and 1e0 are the same. ok is false for what is not
// a number, has a fraction, or is larger than 2^53.
func integer(value []byte) (n int64, ok bool) {
	if value[0] != '-' && (value[0] < '0' || value[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(value), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxOffset {
		return 0, false
	}
	return int64(f), true
}

// describe shows a value that was not wanted.
func describe(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return shorten(string(value))
}

// shorten keeps what a page wrote from filling an error message.
func shorten(s string) string {
	const most = 40
	runes := 0
	for i := range s {
		if runes == most {
			return s[:i] + "…"
		}
		runes++
	}
	return s
}
