package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

func TestTextIsCutBetweenCharacters(t *testing.T) {
	for _, c := range []struct {
		text, want string
		width      int
	}{
		{"Kabul", "Kabul", 5}, {"Kabul", "Kab…", 4}, {"", "", 0}, {"阿富汗", "阿…", 4}, {"阿富汗", "阿富汗", 6},
		{"e\u0301e\u0301e\u0301", "e\u0301…", 2}, {"👩‍👩‍👧x", "…", 2},
	} {
		if got := cut(c.text, c.width); got != c.want {
			t.Errorf("cut(%q, %d) = %q, not %q", c.text, c.width, got, c.want)
		}
	}
}

func TestPlainTextDoesNothingToATerminal(t *testing.T) {
	for text, want := range map[string]string{
		"Kabul – کابل": "Kabul – کابل", "a\nb\tc": "a b c", "\x1b[31mred": "\ufffd[31mred", "\u202egpj.exe": "\ufffdgpj.exe", "a\u200cb\u200fc": "a\u200cb\u200fc", "\u009b1m": "\ufffd1m",
	} {
		if got := plain(text); got != want {
			t.Errorf("plain(%q) = %q, not %q", text, got, want)
		}
	}
}

func values(objects ...string) []jsontext.Value {
	var all []jsontext.Value
	for _, object := range objects {
		all = append(all, jsontext.Value(object))
	}
	return all
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s, not %s", n, got, want)
		}
	}
}

func TestColumnsAreChosenFromWhatThereIs(t *testing.T) {
	rows, err := rowsOf(values(
		`{"id":"0cb2f7d8-3a52-8bd9-8f3c-8f1f35d1a0a1","key":"k","version":1,"speaker":"0cb2f7d8-3a52-8bd9-8f3c-8f1f35d1a0a1","speaker_name":"A","voice":"attributed","occasion_title":"T","occasion":"x","text":"t","text_from":"0cb2f7d8-3a52-8bd9-8f3c-8f1f35d1a0a1","said_on":"2026","said_from":"2026-01-01","second_hand":false,"condition":null,"targets":[{}],"topics":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	names, main := choose(rows)
	want := []string{"said_on", "speaker_name", "text", "occasion_title", "voice", "key", "id", "version", "text_from", "said_from", "second_hand"}
	if diff := cmp.Diff(want, names); diff != "" || main != 3 {
		t.Error(main, diff)
	}
}

// However wide the terminal and whatever the values, no line is wider, and
// every column is named as shown or as left.
func TestATableKeepsToItsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(20, 200).Draw(t, "width")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab é阿\u0301\u200d👩")), 0, 80, -1)
		names := []string{"name", "said_on", "text", "voice", "occasion_title", "key"}
		var rows []row
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			var r row
			for _, name := range names {
				value := text.Draw(t, name)
				if whole(name) {
					value = value[:min(len(value), 10)]
					value = strings.ToValidUTF8(value, "")
				}
				r = append(r, member{name, []byte(`"` + value + `"`)})
			}
			rows = append(rows, r)
		}
		var out bytes.Buffer
		tb := &table{w: &out, width: width}
		if err := tb.print(rows); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); n > max(width, 2*readable) {
				t.Fatalf("%d cells in %d: %q", n, width, line)
			}
		}
		shown, _ := choose(rows)
		if len(tb.names)+len(tb.left) != len(shown) {
			t.Fatalf("%v and %v are not %v", tb.names, tb.left, shown)
		}
	})
}
