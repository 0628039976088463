package claims

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// The longest keys in bytes: as given by a client, and as derived for a
// report from its statement's and its article's keys.
const (
	MaxKey        = 200
	MaxDerivedKey = 410
)

// ID is the id that follows from a key, for ever: a UUIDv8 (RFC 9562) whose
// first 32 bits hash the namespace, so that one data set's ids lie together in
// every index, and whose rest hashes the whole key. The hash is SHA-256.
func ID(key string) string {
	namespace, _, _ := strings.Cut(key, ":")
	head, rest := sha256.Sum256([]byte(namespace)), sha256.Sum256([]byte(key))
	var id uuid.UUID
	copy(id[:4], head[:4])
	copy(id[4:], rest[:12])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// CheckKey says why a key as given by a client can't be one, or returns nil.
// A key is `namespace:name`: the namespace in lower-case letters, digits, dot,
// dash and underscore; the name any text in Unicode NFC without control
// characters or space at its ends; together at most MaxKey bytes.
func CheckKey(key string) error { return checkKey(key, MaxKey) }

// ParseKey is the id that a key gives, as given or derived, or why it is none.
func ParseKey(key string) (id string, err error) {
	if err := checkKey(key, MaxDerivedKey); err != nil {
		return "", err
	}
	return ID(key), nil
}

func checkKey(key string, most int) error {
	namespace, name, found := strings.Cut(key, ":")
	switch {
	case len(key) > most:
		return fmt.Errorf("a key has at most %d bytes, this one has %d", most, len(key))
	case !found || name == "":
		return errors.New("a key has the form namespace:name")
	case !slug(namespace):
		return errors.New("a key's namespace has 1 to 63 lower-case letters, digits, dots, dashes or underscores and starts with a letter or digit")
	case !utf8.ValidString(name) || !norm.NFC.IsNormalString(name):
		return errors.New("a key is in Unicode normal form NFC")
	case strings.TrimSpace(name) != name || strings.IndexFunc(name, hidden) >= 0:
		return errors.New("a key has no space at its ends and no control characters")
	}
	return nil
}

// slug reports whether s is 1 to 63 characters of [a-z0-9._-] and starts with
// a letter or a digit.
func slug(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		alnum := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !alnum && (i == 0 || c != '.' && c != '-' && c != '_') {
			return false
		}
	}
	return true
}

// hidden reports whether r is a character that a reader can't see: control
// characters, bidirectional controls, zero-width ones, line separators.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}
