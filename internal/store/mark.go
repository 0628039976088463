package store

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The database marks words in text whose letters are folded (search_fold). This
// file finds them in the text as it is, and cuts a snippet around them.

// What the database puts around a word, which no text has.
const (
	markStart = '\x02'
	markEnd   = '\x03'
)

// The longest snippet, in characters, and how many of them stand before its
// first marked word.
const (
	longestSnippet = 240
	before         = 60
)

// A letter is one of the folded text, and where in the text it comes from.
type letter struct {
	r        rune
	from, to int
}

var folds = func() map[rune]rune {
	m := map[rune]rune{}
	to := []rune("   oOlLdDiaAoO'ييكگگههه01234567890123456789")
	for i, r := range []rune("<>/øØłŁđĐıæÆœŒ’یىکگګہھە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹") {
		m[r] = to[i]
	}
	return m
}()

// fold is search_fold, but for the last step: what was taken apart stays so.
func fold(text string) []letter {
	letters := make([]letter, 0, len(text))
	var last rune
	for at, r := range text {
		end := at + utf8.RuneLen(r)
		if r == utf8.RuneError {
			end = at + 1
		}
		if r < utf8.RuneSelf {
			last = r
			if folded, ok := folds[r]; ok {
				r = folded
			}
			letters = append(letters, letter{r, at, end})
			continue
		}
		for _, part := range norm.NFKD.String(string(r)) {
			accent := part >= 0x300 && part <= 0x36f && last != 'и' && last != 'И'
			last = part
			if accent || part == 0xad || part == 0x640 || part >= 0x64b && part <= 0x65f || part == 0x670 || part >= 0x200b && part <= 0x200f {
				continue
			}
			if folded, ok := folds[part]; ok {
				part = folded
			}
			letters = append(letters, letter{part, at, end})
		}
	}
	return letters
}

// longestWord is how many bytes a word has at most that the database knows. It
// leaves what is longer out of the text that it marks.
const longestWord = 2046

// marks finds in the text what is marked in its folded form: ranges of bytes.
// Where the two don't go together, because the database knows other letters,
// there are none.
func marks(text, folded string) [][2]int {
	var plain []rune
	var marked, list [][2]int
	start := -1
	for _, r := range norm.NFD.String(folded) {
		switch {
		case r == markStart:
			start = len(plain)
		case r == markEnd:
			if start >= 0 && start < len(plain) {
				marked = append(marked, [2]int{start, len(plain) - 1})
			}
			start = -1
		default:
			plain = append(plain, r)
		}
	}
	letters := fold(text)
	at := aligned(letters, plain)
	if at == nil {
		return nil
	}
	for _, m := range marked {
		list = append(list, [2]int{letters[at[m[0]]].from, letters[at[m[1]]].to})
	}
	return joined(text, list)
}

// aligned says which of the letters each of the plain ones is, nil if they don't
// go together: words that are too long may be missing, nothing else.
func aligned(letters []letter, plain []rune) []int {
	at, next := make([]int, len(plain)), 0
	for i, r := range plain {
		if next == len(letters) || letters[next].r != r {
			n := leftOut(letters[next:], plain[i:])
			if n == 0 {
				return nil
			}
			next += n
		}
		at[i] = next
		next++
	}
	size := 0
	for _, l := range letters[next:] {
		size += utf8.RuneLen(l.r)
	}
	if size > 0 && size <= longestWord {
		return nil
	}
	return at
}

// leftOut is how many letters the database has left out here, as too long a word:
// those behind them agree the longest with what it went on with. 0 for none.
func leftOut(letters []letter, rest []rune) int {
	const enough = 64 // letters that agree
	size, best, most := 0, 0, 0
	for n, l := range letters {
		if size > longestWord {
			same := 0
			for same < min(enough, len(rest), len(letters)-n) && letters[n+same].r == rest[same] {
				same++
			}
			if same > most {
				best, most = n, same
			}
			if most == enough {
				break
			}
		}
		size += utf8.RuneLen(l.r)
	}
	return best
}

// joined makes one mark of those between which is only a space or a hyphen.
func joined(text string, list [][2]int) [][2]int {
	var out [][2]int
	for _, m := range list {
		if n := len(out); n > 0 && (m[0] <= out[n-1][1] || text[out[n-1][1]:m[0]] == " " || text[out[n-1][1]:m[0]] == "-") {
			out[n-1][1] = max(m[1], out[n-1][1])
			continue
		}
		out = append(out, m)
	}
	return out
}

// snippet is the piece of the text that has most of what is marked, as HTML: the
// marks are <mark> elements, all else is escaped. It never goes over the end of
// a line.
func snippet(text string, marked [][2]int) string {
	from, to := densest(text, marked)
	var b strings.Builder
	if from > 0 && text[from-1] != '\n' {
		b.WriteString("… ")
	}
	at := from
	for _, m := range marked {
		if m[1] <= from || m[0] >= to {
			continue
		}
		start, end := max(m[0], from), min(m[1], to)
		b.WriteString(html.EscapeString(text[at:start]) + "<mark>" + html.EscapeString(text[start:end]) + "</mark>")
		at = end
	}
	b.WriteString(html.EscapeString(text[at:to]))
	if to < len(text) && text[to] != '\n' {
		b.WriteString(" …")
	}
	return b.String()
}

// densest is the window of the text that has most of what is marked, the first
// of equals.
func densest(text string, marked [][2]int) (from, to int) {
	best := -1
	if len(marked) == 0 {
		return passage(text, 0)
	}
	for i, m := range marked {
		start, end := passage(text, m[0])
		covered := 0
		for _, other := range marked[i:] {
			if other[0] >= end {
				break
			}
			covered += min(other[1], end) - other[0]
		}
		if covered > best {
			best, from, to = covered, start, end
		}
	}
	return from, to
}

// passage is what is shown around a place: the line, or a part of it that begins
// and ends between words.
func passage(text string, at int) (from, to int) {
	from = strings.LastIndexByte(text[:at], '\n') + 1
	to = len(text)
	if end := strings.IndexByte(text[at:], '\n'); end >= 0 {
		to = at + end
	}
	if utf8.RuneCountInString(text[from:to]) <= longestSnippet {
		return from, to
	}
	if start := back(text[:at], before); start > from {
		if space := strings.IndexFunc(text[start:at], unicode.IsSpace); space >= 0 {
			start += space + 1
		}
		from = start
	}
	if end := from + ahead(text[from:to], longestSnippet); end < to {
		if space := strings.LastIndexFunc(text[at:end], unicode.IsSpace); space > 0 {
			end = at + space
		}
		to = end
	}
	return from, to
}

// back is where the last n characters begin, ahead where the first n end.
func back(text string, n int) int {
	at := len(text)
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}

func ahead(text string, n int) int {
	for at := range text {
		if n == 0 {
			return at
		}
		n--
	}
	return len(text)
}
