package access

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest name of a page or a program, in characters.
const maxName = 64

// IsName says whether a text is fit to be shown as the name of a page: short, and with nothing in it that a
// reader does not see.
func IsName(text string) bool {
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxName &&
		strings.TrimSpace(text) == text && Printable(text) == text
}

// Printable writes what cannot be seen, or changes the order of what is seen, as \u escapes, so that text of a
// stranger stays what it looks like in a terminal, a log and a page.
func Printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == ' ', unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != unicode.ReplacementChar:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}
