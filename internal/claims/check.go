package claims

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// A Problem is one thing wrong with an input.
type Problem struct {
	Pointer string `json:"pointer"` // RFC 6901, into the input
	Code    string `json:"code"`    // stable, for programs
	Detail  string `json:"detail"`  // a sentence, for people
}

// A Reference is a mention of another record that has to exist.
type Reference struct {
	Pointer string
	Kind    Kind
	ID      string
}

// A Check collects what is wrong with an input and what it refers to.
type Check struct {
	Problems   []Problem
	References []Reference
	Stream     bool // the input is of an import stream: it may bring its id
	prefix     string
	derived    bool // keys may be of derived length
}

// Lengths of text, in characters. Names are indexed and therefore short.
const (
	maxName = 300
	maxLine = 1_000
	maxText = 20_000
	maxURL  = 2_000
	maxList = 200
)

// maxProblems is how many problems of one input are told.
const maxProblems = 100

// cut shortens what is quoted in a message.
func cut(s string) string {
	if runes := []rune(s); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return s
}

// Add notes a problem at pointer, which is relative to the part being checked.
func (c *Check) Add(pointer, code, detail string) {
	if len(c.Problems) == maxProblems {
		return
	}
	c.Problems = append(c.Problems, Problem{c.prefix + pointer, code, detail})
}

// Within checks a part or nested record whose pointers start with prefix.
func (c *Check) Within(prefix string, check func()) {
	outer := c.prefix
	c.prefix += prefix
	check()
	c.prefix = outer
}

// each checks the parts of a list, which has at most maxList.
func each[T any](c *Check, pointer string, parts []T, check func(*T)) {
	if len(parts) > maxList {
		c.Add(pointer, "too_many", fmt.Sprintf("at most %d entries", maxList))
		return
	}
	for i := range parts {
		c.Within(pointer+"/"+strconv.Itoa(i), func() { check(&parts[i]) })
	}
}

// Required notes a missing value.
func (c *Check) Required(pointer string, missing bool) bool {
	if missing {
		c.Add(pointer, "required", "is required")
	}
	return !missing
}

// Term checks a value of a closed vocabulary; empty is allowed.
func (c *Check) Term(pointer, value string, v *Vocabulary) {
	if value != "" && !v.Has(value) {
		c.Add(pointer, "unknown_value", fmt.Sprintf("%q is none of %s", cut(value), strings.Join(v.Values(), ", ")))
	}
}

// Ref checks the form of a reference and notes it; empty is allowed.
func (c *Check) Ref(pointer string, ref Ref, kind Kind) {
	if ref.IsZero() {
		return
	}
	if !kind.Keyed() && ref.Key() != "" {
		c.Add(pointer, "reference", "a "+string(kind)+" is named by its "+kind.IDName()+", not by a key")
		return
	}
	if err := CheckID(kind, ref.String()); err != nil {
		c.Add(pointer, "reference", err.Error())
		return
	}
	c.References = append(c.References, Reference{c.prefix + pointer, kind, ref.String()})
}

// Name checks a short text that identifies: one line, in NFC, visible
// characters only (zero-width joiners between letters excepted, which Dari and
// Urdu need). Empty is allowed.
func (c *Check) Name(pointer, s string) {
	switch {
	case s == "":
	case utf8.RuneCountInString(s) > maxName:
		c.Add(pointer, "too_long", fmt.Sprintf("at most %d characters", maxName))
	case !norm.NFC.IsNormalString(s):
		c.Add(pointer, "not_nfc", "is not in Unicode normal form NFC")
	case strings.TrimSpace(s) != s:
		c.Add(pointer, "space", "has space at its ends")
	case invisible(s):
		c.Add(pointer, "invisible", "has control, direction or zero-width characters")
	}
}

// invisible reports a hidden character other than a joiner between letters.
func invisible(s string) bool {
	runes := []rune(s)
	letter := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsMark(runes[i]))
	}
	for i, r := range runes {
		joiner := r == '\u200c' || r == '\u200d'
		if hidden(r) && !(joiner && letter(i-1) && letter(i+1)) {
			return true
		}
	}
	return false
}

// Line checks a text of at most 1,000 characters, Text one of at most 20,000.
// Both are kept as sent, byte for byte; NUL can't be stored.
func (c *Check) Line(pointer, s string) { c.text(pointer, s, maxLine) }

// Text is as Line says.
func (c *Check) Text(pointer, s string) { c.text(pointer, s, maxText) }

func (c *Check) text(pointer, s string, most int) {
	switch {
	case strings.ContainsRune(s, 0):
		c.Add(pointer, "nul", "has a NUL character")
	case utf8.RuneCountInString(s) > most:
		c.Add(pointer, "too_long", fmt.Sprintf("at most %d characters", most))
	case s != "" && strings.TrimSpace(s) == "":
		c.Add(pointer, "blank", "is only white space")
	}
}

// URL checks an absolute http or https URL; empty is allowed.
func (c *Check) URL(pointer, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	switch {
	case len(s) > maxURL:
		c.Add(pointer, "too_long", fmt.Sprintf("at most %d bytes", maxURL))
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.IndexFunc(s, hidden) >= 0:
		c.Add(pointer, "url", "is not an absolute http or https URL")
	}
}

// Language checks a BCP 47 tag; empty is allowed.
func (c *Check) Language(pointer, s string) {
	if s == "" {
		return
	}
	if _, err := language.Parse(s); err != nil || len(s) > 63 || strings.Contains(s, "_") {
		c.Add(pointer, "language", fmt.Sprintf("%q is not a BCP 47 language tag", cut(s)))
	}
}

// one notes unless exactly one of the named fields is given.
func (c *Check) one(names string, given ...bool) {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	if n != 1 {
		c.Add("", "one_of", "give exactly one of "+names)
	}
}

// topics checks a list of topics.
func (c *Check) topics(topics []Ref) {
	each(c, "/topics", topics, func(t *Ref) {
		c.Required("", t.IsZero())
		c.Ref("", *t, KindTopic)
	})
	distinct(c, "/topics", topics, Ref.String)
}

// child checks a record whose key may be derived from its parents'.
func (c *Check) child(check func()) {
	c.derived = true
	check()
	c.derived = false
}

func (c *Check) mostKey() int {
	if c.derived {
		return MaxDerivedKey
	}
	return MaxKey
}

// CheckID says why id can't be the id of a record of the kind, or returns nil.
func CheckID(kind Kind, id string) error {
	switch kind {
	case KindCountry:
		if !countryCode(id) {
			return fmt.Errorf("%q is not a country code: 2 capital letters (ISO 3166-1, user-assigned) or 4 (ISO 3166-3)", cut(id))
		}
	case KindTopic:
		if !slug(id) {
			return fmt.Errorf("%q is not a topic's slug: 1 to 63 lower-case letters, digits, dots, dashes or underscores", cut(id))
		}
	default:
		if u, err := uuid.Parse(id); err != nil || u.String() != id {
			return fmt.Errorf("%q is not a UUID in lower case", cut(id))
		}
	}
	return nil
}

func countryCode(s string) bool {
	if len(s) != 2 && len(s) != 4 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// IDName is what the kind's ids are called in an input: code, slug or id.
func (kind Kind) IDName() string {
	switch kind {
	case KindCountry:
		return "code"
	case KindTopic:
		return "slug"
	}
	return "id"
}
