package store

import (
	"strings"
	"testing"
)

func TestSnippets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, folded, want string }{
		{"Les négociations à Doha", "Les \x02negociations\x03 a Doha", "Les <mark>négociations</mark> à Doha"},
		{"A two-state solution & more", "A \x02two\x03-\x02state\x03 \x02solution\x03 & more", "A <mark>two-state solution</mark> &amp; more"},
		{"first line\nsecond <b>word</b>", "first line\nsecond  b \x02word\x03  b ", "second &lt;b&gt;<mark>word</mark>&lt;/b&gt;"},
		{"خبرې می\u200cکېږي", "\x02خبرې\x03 ميكېږي", "<mark>خبرې</mark> می\u200cکېږي"},
		{"Русский мир", "\x02Русский\x03 мир", "<mark>Русский</mark> мир"},
		{"ﬁne\x02", "\x02fine\x03\x02", "ﬁne\x02"},
		{"other", "\x02words\x03", "other"},
	} {
		if got := snippet(tt.text, marks(tt.text, tt.folded)); got != tt.want {
			t.Errorf("%q with %q: %q, want %q", tt.text, tt.folded, got, tt.want)
		}
	}
}

// A long line is cut between words, around what is marked.
func TestLongSnippetsAreCut(t *testing.T) {
	t.Parallel()
	var text, folded string
	for range 80 {
		text, folded = text+"слово ", folded+"слово "
	}
	text, folded = text+"ключ", folded+"\x02ключ\x03"
	for range 80 {
		text, folded = text+" после", folded+" после"
	}
	got := snippet(text, marks(text, folded))
	if n := len([]rune(got)); n > longestSnippet+len("… <mark></mark> …") || n < 150 {
		t.Errorf("the snippet has %d characters: %s", n, got)
	}
	for _, want := range []string{"… слово ", " <mark>ключ</mark> после", "после …"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

// Words that are too long for the database are missing in what it marks; the
// others are marked all the same.
func TestSnippetsAroundWordsThatAreTooLong(t *testing.T) {
	t.Parallel()
	long, other := strings.Repeat("x", longestWord+1), strings.Repeat("ж", longestWord/2+1)
	for text, folded := range map[string]string{
		"the border " + long + " was closed":                                  "the \x02border\x03  was \x02closed\x03",
		"the border " + long + " " + other + " was closed":                    "the \x02border\x03   was \x02closed\x03",
		long + "\nthe border\n" + other:                                       "\n\x02the border\x03\n",
		"the border http://a.org/" + long + long + " is, " + other + ", shut": "the \x02border\x03 http:  a.org  is, , \x02shut\x03",
	} {
		marked := ""
		for _, m := range marks(text, folded) {
			marked += text[m[0]:m[1]] + "|"
		}
		want := ""
		for _, part := range strings.Split(folded, "\x02")[1:] {
			word, _, _ := strings.Cut(part, "\x03")
			want += word + "|"
		}
		if marked != want {
			t.Errorf("%.60q marks %q, want %q", folded, marked, want)
		}
	}
	for text, folded := range map[string]string{
		"the border " + long[1:] + " was closed": "the \x02border\x03  was closed", // not too long: other letters
		"the border " + long:                     "the \x02border\x03 was closed",
		"the border is closed":                   "the \x02border\x03 is",
	} {
		if got := marks(text, folded); got != nil {
			t.Errorf("%.60q: %v for a text that it isn't of", folded, got)
		}
	}
}
