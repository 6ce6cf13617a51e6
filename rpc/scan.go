package rpc

import (
	"encoding/json"
	"iter"
)

// The functions of this file cut JSON text that encoding/json has found valid into its parts, without
// copying and without recursion. So a message is decoded once, keys are compared exactly as the
// specification wants ("all member names are case-sensitive"; encoding/json is not), ids and parameters
// stay as they were written, and deep nesting costs nothing.

// members yields the members of an object in their order. A name that occurs twice is yielded twice;
// callers let the last one win, as JSON.parse does.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		rest := skipSpace(object[1:])
		for rest[0] != '}' {
			n := stringLen(rest)
			name := rest[:n]
			rest = skipSpace(rest[n:])
			rest = skipSpace(rest[1:]) // the colon
			n = valueLen(rest)
			if !yield(stringBytes(name), rest[:n]) {
				return
			}
			rest = skipSeparator(rest[n:])
		}
	}
}

// elements yields the elements of an array with their indices.
func elements(array []byte) iter.Seq2[int, []byte] {
	return func(yield func(i int, value []byte) bool) {
		rest := skipSpace(array[1:])
		for i := 0; rest[0] != ']'; i++ {
			n := valueLen(rest)
			if !yield(i, rest[:n]) {
				return
			}
			rest = skipSeparator(rest[n:])
		}
	}
}

// stringBytes returns the text of a JSON string, a part of literal if nothing in it was escaped.
func stringBytes(literal []byte) []byte {
	for _, b := range literal {
		if b == '\\' {
			var s string
			if err := json.Unmarshal(literal, &s); err != nil {
				panic(err) // the text was found valid
			}
			return []byte(s)
		}
	}
	return literal[1 : len(literal)-1]
}

// valueLen returns the length of the value at the start of s.
func valueLen(s []byte) int {
	switch s[0] {
	case '"':
		return stringLen(s)
	case '{', '[':
		return nestedLen(s)
	}
	for i, b := range s {
		switch b {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return len(s)
}

func stringLen(s []byte) int {
	for i := 1; ; i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func nestedLen(s []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch s[i] {
		case '"':
			i += stringLen(s[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
}

// skipSeparator skips a comma and the space around it.
func skipSeparator(s []byte) []byte {
	s = skipSpace(s)
	if s[0] == ',' {
		s = skipSpace(s[1:])
	}
	return s
}

func skipSpace(s []byte) []byte {
	for len(s) > 0 {
		switch s[0] {
		case ' ', '\t', '\r', '\n':
			s = s[1:]
		default:
			return s
		}
	}
	return s
}
