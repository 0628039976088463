package edtf

import (
	"fmt"
	"strings"
)

// maxLength bounds the input of Parse in bytes; only sets come near it.
const maxLength = 200

// ParseError says why a text is not a date. Its message is meant for the person
// who wrote the text.
type ParseError struct {
	Input  string // as given, cut to 200 bytes
	Reason string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("invalid date %q: %s", e.Input, e.Reason)
}

func parseError(input string, err error) *ParseError {
	if len(input) > maxLength {
		input = strings.Clone(input[:maxLength])
	}
	return &ParseError{Input: input, Reason: err.Error()}
}

// reason is the inner error of this package: what ParseError.Reason will say.
type reason string

func (r reason) Error() string { return string(r) }

func refuse(format string, args ...any) error {
	return reason(fmt.Sprintf(format, args...))
}

// Parse reads an EDTF date in one of the forms that the package comment lists.
// Errors are of type *ParseError. The Date shares the memory of s and nothing
// else is allocated.
func Parse(s string) (Date, error) {
	date, err := parse(s)
	if err != nil {
		return Date{}, parseError(s, err)
	}
	date.text = s
	return date, nil
}

// MustParse is Parse for dates known to be good; it panics on others.
func MustParse(s string) Date {
	date, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return date
}

func parse(s string) (Date, error) {
	switch {
	case s == "":
		return Date{}, reason("it is empty")
	case len(s) > maxLength:
		return Date{}, refuse("it is longer than %d bytes", maxLength)
	case s[0] == '[':
		return parseSet(s)
	case len(s) > 10 && s[10] == 'T' && !strings.Contains(s, "/"):
		return parseDateTime(s)
	}
	if start, end, ok := strings.Cut(s, "/"); ok {
		return parseInterval(start, end)
	}
	return parseDate(s)
}

// parseInterval reads the two sides of a slash.
func parseInterval(start, end string) (Date, error) {
	if strings.Contains(end, "/") {
		return Date{}, reason("an interval has one slash, and a date is written with hyphens: 2026-02-18")
	}
	if start == ".." {
		start = ""
	}
	if end == ".." {
		end = ""
	}
	interval, err := parseSpan(start, end)
	interval.precision = PrecisionInterval
	return interval, err
}

// parseSet reads a one-of set, brackets included.
func parseSet(s string) (Date, error) {
	rest, closed := strings.CutSuffix(s[1:], "]")
	if !closed {
		if isQualifier(s[len(s)-1]) {
			return Date{}, reason("a set can't be qualified as a whole; qualify its members: [2025?,2026?]")
		}
		return Date{}, reason("a set starts with [ and ends with ]")
	}
	set := Date{precision: PrecisionSet, days: Range{PosInf, NegInf}}
	for first, more := true, true; more; first = false {
		var text string
		text, rest, more = strings.Cut(rest, ",")
		member, err := parseMember(text, first, !more)
		if err != nil {
			return Date{}, err
		}
		set.days = set.days.hull(member.days)
		set.qualified = set.qualified || member.qualified
	}
	return set, nil
}

// parseMember reads one member of a set: a date or a run of dates. Only the
// first run may lack its start and only the last one its end.
func parseMember(s string, first, last bool) (Date, error) {
	start, end, isRun := strings.Cut(s, "..")
	switch {
	case s == "":
		return Date{}, reason("a set needs a date between its brackets and commas")
	case !isRun:
		return parsePart("member", s)
	case start == "" && !first:
		return Date{}, refuse("only the first member of a set can be without a start: %q", s)
	case end == "" && !last:
		return Date{}, refuse("only the last member of a set can be without an end: %q", s)
	}
	return parseSpan(start, end)
}

// parseSpan reads the two ends of an interval or a run, one of which may be
// empty for open. It covers the first day that can be the start to the last
// that can be the end.
func parseSpan(start, end string) (Date, error) {
	if start == "" && end == "" {
		return Date{}, reason("one end can be open, not both")
	}
	span := Date{days: Range{NegInf, PosInf}}
	if start != "" {
		first, err := parsePart("start", start)
		if err != nil {
			return Date{}, err
		}
		span.days.From, span.qualified = first.days.From, first.qualified
	}
	if end != "" {
		last, err := parsePart("end", end)
		if err != nil {
			return Date{}, err
		}
		span.days.To, span.qualified = last.days.To, span.qualified || last.qualified
	}
	if span.days.IsEmpty() {
		return Date{}, refuse("its end, %s, is before its start, %s", end, start)
	}
	return span, nil
}

// parsePart reads a date inside a larger one and names it in the error.
func parsePart(name, s string) (Date, error) {
	date, err := parseDate(s)
	if err != nil {
		return Date{}, refuse("%s %q: %v", name, s, err)
	}
	return date, nil
}
