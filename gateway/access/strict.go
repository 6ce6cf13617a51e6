package access

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// checkStrict refuses JSON in which a key occurs twice in one object, or something follows the value: the
// standard decoder lets the last key win.
func checkStrict(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := checkValue(decoder); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

// checkValue reads one value.
func checkValue(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	keys := map[any]bool{}
	for decoder.More() {
		if opening == '{' {
			key, err := decoder.Token()
			if err != nil {
				return err
			}
			if keys[key] {
				return fmt.Errorf("the key %q occurs twice", key)
			}
			keys[key] = true
		}
		if err := checkValue(decoder); err != nil {
			return err
		}
	}
	_, err = decoder.Token() // the closing bracket
	return err
}
