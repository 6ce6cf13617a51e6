package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// credentialPrefix tells scanners for secrets, and people, what they have found.
const credentialPrefix = "sg1_"

// credentialBytes is how many random bytes a credential has.
const credentialBytes = 32

// newSecret returns n random bytes as text.
func newSecret(n int) string {
	secret := make([]byte, n)
	_, _ = rand.Read(secret) // never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}

// newCredential returns a credential and the hash that is kept of it.
func newCredential() (credential string, hash digest) {
	credential = credentialPrefix + newSecret(credentialBytes)
	return credential, digestOf(credential)
}

// digest is the SHA-256 of a credential, in hexadecimal. The credential has 256 random bits, so nothing
// slower is needed.
type digest string

func digestOf(credential string) digest {
	sum := sha256.Sum256([]byte(credential))
	return digest(hex.EncodeToString(sum[:]))
}

// matches compares in constant time.
func (d digest) matches(other digest) bool {
	return subtle.ConstantTimeCompare([]byte(d), []byte(other)) == 1
}

// matchesAny compares with all of a list, whichever it is.
func (d digest) matchesAny(list []digest) bool {
	found := false
	for _, other := range list {
		found = d.matches(other) || found
	}
	return found
}

// isCredential says whether a text has the form of a credential.
func isCredential(text string) bool {
	secret, ok := strings.CutPrefix(text, credentialPrefix)
	decoded, err := base64.RawURLEncoding.DecodeString(secret)
	return ok && err == nil && len(decoded) == credentialBytes
}

// codeAlphabet has no characters that are taken for one another.
const codeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode returns a short code by which a user finds a request again: "K7Q2-PXWM".
func newCode() string {
	code := make([]byte, 0, 9)
	for b := make([]byte, 1); len(code) < 9; {
		_, _ = rand.Read(b) // never fails
		if len(code) == 4 {
			code = append(code, '-')
		}
		// The largest multiple of 30 in a byte: so that each character is as likely as the others.
		if int(b[0]) < 8*len(codeAlphabet) {
			code = append(code, codeAlphabet[int(b[0])%len(codeAlphabet)])
		}
	}
	return string(code)
}

// cleanCode is a code as a user may have typed it.
func cleanCode(text string) string {
	text = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(text))
	if len(text) != 8 {
		return text
	}
	return text[:4] + "-" + text[4:]
}
