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
