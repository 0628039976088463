package edtf

import (
	"strings"
	"unicode/utf8"
)

const space = " \t\r\n"

// explain says what is wrong with a text that has not the form of a date. It
// names the parts of EDTF that are left out and guesses at common slips, so
// that the writer needn't look up the standard.
func explain(s string) error {
	switch {
	case !utf8.ValidString(s):
		return reason("it is not valid UTF-8")
	case len(s) > 10 && s[10] == ' ':
		return reason("a day and a time of day are joined by T: 2026-02-18T14:30:00Z")
	case strings.ContainsAny(s, space):
		return reason("it contains white space; write a date as 2025, 2025-10 or 2026-02-18")
	case strings.ContainsAny(s, "–—−‐‑"):
		return reason("it contains a dash; write a plain hyphen (-)")
	case strings.HasPrefix(s, "-"):
		return reason("negative years are not supported; years run from 0001 to 9999")
	case strings.HasPrefix(s, "Y"):
		return reason("long years (Y…) are not supported; years run from 0001 to 9999")
	case strings.ContainsAny(s, "{}"):
		return reason("all-of sets {…} (EDTF level 2) are not supported; give each date a record of its own")
	case strings.ContainsAny(s, "[]"):
		return reason("a set starts with [ and ends with ], and holds no other set")
	case strings.HasPrefix(s, "P") || strings.HasPrefix(s, "R"):
		return reason("durations and recurrences are not supported; write an interval by its start and end: 2026-02-16/2026-02-18")
	case strings.Contains(s, ","):
		return reason("several dates stand in brackets: [2023,2025]")
	case strings.Contains(s, "/"):
		return reason("a set holds dates and runs of dates, not intervals: [2025-05..2025-06]")
	case strings.Contains(s, ".."):
		return reason("a run of dates stands in brackets: [2025-05..2025-06]")
	}
	if i := strings.IndexAny(s, "?~%"); i >= 0 && i < len(s)-1 {
		if strings.Trim(s[i:], "?~%") == "" {
			return reason("a date takes one qualifier; % means both uncertain and approximate")
		}
		return reason("qualifiers on part of a date (EDTF level 2) are not supported; write one at its end: 2025-05~")
	}
	return explainLetters(s)
}

// explainLetters goes on where the punctuation of s gives nothing away.
func explainLetters(s string) error {
	switch {
	case strings.IndexByte(s, 'T') > 0:
		return reason("a time of day needs a whole day before it, and has no place in intervals and sets: 2026-02-18T14:30:00Z")
	case len(s) > 4 && strings.ContainsAny(s[4:5], "SE"):
		return reason("significant digits and exponents (EDTF level 2) are not supported")
	case s == "unknown" || s == "open":
		return reason("an open end is written .. and an unknown one is left empty: 2025/.. or 2025/")
	case strings.ContainsAny(s, "xu") && strings.Trim(s, "0123456789-xuX") == "":
		return reason("unspecified digits are written with a capital X: 196X")
	case strings.Contains(s, "X"):
		return reason("X can stand only as in 196X, 19XX, 2025-XX, 2025-XX-XX and 2025-02-XX")
	}
	if _, ok := digits(s); ok && len(s) == 8 {
		return refuse("a date is written with hyphens: %s-%s-%s", s[:4], s[4:6], s[6:])
	}
	return reason("write a year, month or day as 2025, 2025-10 or 2026-02-18")
}

// explainClock does the same for the time of day after a T.
func explainClock(s string) error {
	switch {
	case strings.ContainsAny(s, space):
		return reason("it contains white space (in a query string + is written %2B)")
	case len(s) > 8 && (s[8] == '.' || s[8] == ','):
		return reason("fractions of a second are not part of EDTF; write whole seconds")
	case strings.HasSuffix(s, "z"):
		return reason("UTC is written with a capital Z")
	}
	return reason("a time of day is written 14:30:00, 14:30:00Z or 14:30:00+05:00")
}
