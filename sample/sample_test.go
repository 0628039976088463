package sample

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/claims"
)

// How the articles are split, here and in sentences.csv:
//
//   - A paragraph is a line that is not blank. Those of article A are counted
//     from 0, its headline; those of B and C, whose headlines nobody knows,
//     from 1.
//   - A sentence ends at the end of its paragraph or at a full stop, question
//     or exclamation mark, with or without a closing quotation mark, before
//     white space. No abbreviation in the three articles ends in a full stop.
//   - Words are what stands between white space, without “ and ”.
//
// Paragraphs 10 to 21 of A are the teasers of four more articles. They belong
// to the reports of these articles, which are known through A alone
// (seen_via); their locators count A's paragraphs.
var (
	sentenceEnd = regexp.MustCompile(`[.?!]”?\s+`)
	quoteMarks  = strings.NewReplacer("“", "", "”", "")
	typeField   = regexp.MustCompile(`^\{"type":"([a-z]+)",`)
	locator     = regexp.MustCompile(`^p(\d+) s(\d+) “(.+)”$`)
)

const longest = 200 // characters of a rendering: a clause, not a passage

// A place is one sentence of one of the three articles.
type place struct {
	article             string // its letter
	paragraph, sentence int
}

func (p place) String() string { return fmt.Sprintf("%s p%d s%d", p.article, p.paragraph, p.sentence) }

// lettered are the articles that sentences.csv names by a letter, with the
// start of their files' names and the number of their first paragraph.
var lettered = []struct {
	letter, key, file string
	first             int
}{
	{"A", "sample:article-a", "000_", 0},
	{"B", "sample:article-b", "002_", 1},
	{"C", "sample:article-c", "003_", 1},
}

// records reads the stream strictly, without checking it.
func records(t *testing.T) []claims.Input {
	t.Helper()
	var list []claims.Input
	for i, line := range bytes.Split(bytes.TrimSuffix(Stream, []byte("\n")), []byte("\n")) {
		m := typeField.FindSubmatch(line)
		if m == nil {
			t.Fatalf("line %d does not start with its type", i+1)
		}
		in := claims.New(claims.Kind(m[1]))
		if in == nil {
			t.Fatalf("line %d: type %q is no kind", i+1, m[1])
		}
		if err := claims.Decode(append([]byte("{"), line[len(m[0]):]...), in); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		list = append(list, in)
	}
	return list
}

func statements(t *testing.T) []*claims.StatementInput {
	t.Helper()
	var list []*claims.StatementInput
	for _, in := range records(t) {
		if s, ok := in.(*claims.StatementInput); ok {
			list = append(list, s)
		}
	}
	return list
}

// letters gives the letter of the article in whose text each article is found.
func letters(t *testing.T) map[string]string {
	t.Helper()
	letter := map[string]string{}
	for _, a := range lettered {
		letter[a.key] = a.letter
	}
	for _, in := range records(t) {
		if a, ok := in.(*claims.ArticleInput); ok && !a.SeenVia.IsZero() {
			letter[a.Key] = letter[a.SeenVia.Key()]
		}
	}
	return letter
}

// A row is one line of sentences.csv.
type row struct {
	words   string
	records []string
	note    string
}

func rows(t *testing.T) map[place]row {
	t.Helper()
	data, err := os.ReadFile("sentences.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(lines[0], ","), "article,paragraph,sentence,first_words,records,note"; got != want {
		t.Fatalf("sentences.csv starts with %q, not %q", got, want)
	}
	list := make(map[place]row)
	for _, l := range lines[1:] {
		paragraph, perr := strconv.Atoi(l[1])
		sentence, serr := strconv.Atoi(l[2])
		at := place{l[0], paragraph, sentence}
		if _, twice := list[at]; twice || perr != nil || serr != nil {
			t.Fatalf("sentences.csv: %q stands twice or is no place", l[:3])
		}
		list[at] = row{l[3], strings.Fields(l[4]), l[5]}
	}
	return list
}

// at is the place that a rendering's locator names, and the words it gives.
func at(t *testing.T, letter string, r claims.Rendering) (place, string) {
	t.Helper()
	m := locator.FindStringSubmatch(r.Locator)
	if m == nil {
		t.Fatalf("locator %q is not of the form p1 s2 “first three words”", r.Locator)
	}
	paragraph, _ := strconv.Atoi(m[1])
	sentence, _ := strconv.Atoi(m[2])
	return place{letter, paragraph, sentence}, m[3]
}

func TestEveryLineIsValidAndInOrder(t *testing.T) {
	order := []claims.Kind{claims.KindSource, claims.KindTopic, claims.KindSpeaker, claims.KindArticle, claims.KindStatement}
	last := 0
	for _, in := range records(t) {
		name := in.Head().Key
		if topic, ok := in.(*claims.TopicInput); ok {
			name = "topic " + topic.Slug
		} else if name == "" {
			t.Errorf("a %s has no key", in.Kind())
		}
		n := slices.Index(order, in.Kind())
		if n < last {
			t.Errorf("%s: a %s after the %ss", name, in.Kind(), order[last])
		}
		last = n
		var c claims.Check
		in.Check(&c)
		for _, p := range c.Problems {
			t.Errorf("%s: %s: %s", name, p.Pointer, p.Detail)
		}
	}
}

// What a line says is what the structs write, in their order; they may write
// more, where they give a default.
func TestFieldsStandInTheOrderOfTheStructs(t *testing.T) {
	byKey := regexp.MustCompile(`\{"key":"([^"]+)"\}`)
	lines := bytes.Split(Stream, []byte("\n"))
	for i, in := range records(t) {
		written, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		line := byKey.ReplaceAllFunc(typeField.ReplaceAll(lines[i], []byte("{")), func(ref []byte) []byte {
			return []byte(strconv.Quote(claims.ID(string(byKey.FindSubmatch(ref)[1]))))
		})
		rest := tokens(t, written)
		for _, token := range tokens(t, line) {
			n := slices.Index(rest, token)
			if n < 0 {
				t.Errorf("line %d: %s stands out of order", i+1, token)
				break
			}
			rest = rest[n+1:]
		}
	}
}

func tokens(t *testing.T, data []byte) []string {
	t.Helper()
	var list []string
	for dec := jsontext.NewDecoder(bytes.NewReader(data)); ; {
		token, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, token.String())
	}
}

func TestKeysAreUniqueAndReferencesResolve(t *testing.T) {
	known, shipped := map[string]bool{}, countries(t)
	var c claims.Check
	for _, in := range records(t) {
		in.Check(&c)
		id := claims.GivenID(in)
		for _, record := range append(in.Nested(id), in) {
			id := claims.GivenID(record)
			if known[id] {
				t.Errorf("the %s %s stands twice", record.Kind(), id)
			}
			known[id] = true
		}
	}
	governments := map[string]string{}
	for _, key := range regexp.MustCompile(`gov:[A-Z]{2}`).FindAllString(string(Stream), -1) {
		governments[claims.ID(key)] = strings.TrimPrefix(key, "gov:")
	}
	for _, ref := range c.References {
		code := ref.ID
		if gov, ok := governments[ref.ID]; ok {
			code = gov
		}
		if !known[ref.ID] && !shipped(code) {
			t.Errorf("%s: the %s %s is not in the stream", ref.Pointer, ref.Kind, ref.ID)
		}
	}
}

// countries tells the codes of the countries that ship with the service, each
// with its government. Where the list is missing, every code is taken.
func countries(t *testing.T) func(code string) bool {
	t.Helper()
	data, err := os.ReadFile("../reference/countries.ndjson")
	if err != nil {
		t.Log("without the list of countries, every country code is taken: ", err)
		return func(code string) bool { return len(code) == 2 || len(code) == 4 }
	}
	codes := map[string]bool{}
	for _, m := range regexp.MustCompile(`"code":"([A-Z]{2,4})"`).FindAllSubmatch(data, -1) {
		codes[string(m[1])] = true
	}
	return func(code string) bool { return codes[code] }
}

func TestReferenceWordingsAreCopiedFromAReport(t *testing.T) {
	for _, s := range statements(t) {
		if len(s.Reports) == 0 || slices.ContainsFunc(s.Reports, func(r claims.ReportInput) bool { return len(r.Renderings) == 0 }) {
			t.Errorf("%s has no report, or one without a rendering", s.Key)
		}
		found := s.TextFrom.IsZero() // composed
		for _, report := range s.Reports {
			for _, r := range report.Renderings {
				found = found || report.Article == s.TextFrom && r.Text == s.Text
				if n := utf8.RuneCountInString(r.Text); n == 0 || n > longest {
					t.Errorf("%s: a rendering has %d characters: %s", s.Key, n, r.Text)
				}
			}
		}
		if !found {
			t.Errorf("%s: %q is no rendering of %s", s.Key, s.Text, s.TextFrom.Key())
		}
	}
}

// A row names exactly the statements that have a rendering in its sentence, so
// that every statement stands in a row and every row's statements have a
// report of its article.
func TestSentencesAndRenderingsAgree(t *testing.T) {
	letter, listed := letters(t), rows(t)
	carried := map[place]map[string]bool{}
	for _, s := range statements(t) {
		for _, report := range s.Reports {
			for _, r := range report.Renderings {
				in, words := at(t, letter[report.Article.Key()], r)
				if listed[in].words != words {
					t.Errorf("%s: the locator of %s gives %q, the list of sentences %q", s.Key, in, words, listed[in].words)
				}
				if carried[in] == nil {
					carried[in] = map[string]bool{}
				}
				carried[in][s.Key] = true
			}
		}
	}
	for in, keys := range carried {
		for key := range keys {
			if !slices.Contains(listed[in].records, key) {
				t.Errorf("%s: %s has a rendering here and is not listed", in, key)
			}
		}
	}
	for in, row := range listed {
		for _, key := range row.records {
			if !carried[in][key] {
				t.Errorf("%s: %s is listed and has no rendering here", in, key)
			}
		}
		if len(row.records) == 0 && row.note == "" {
			t.Errorf("%s went nowhere and no note says why", in)
		}
	}
}

func TestEveryWordIsInTheArticles(t *testing.T) {
	letter, text := letters(t), sentences(t)
	for _, s := range statements(t) {
		for _, report := range s.Reports {
			for _, r := range report.Renderings {
				in, _ := at(t, letter[report.Article.Key()], r)
				printed := func(what, words string) {
					if !strings.Contains(text[in], words) {
						t.Errorf("%s: %s: the %s %q is not printed there", s.Key, in, what, words)
					}
				}
				printed("rendering", r.Text)
				printed("content hedge", r.ContentHedge)
				printed("condition", r.Condition)
				printed("time", r.TimeAsGiven)
				for _, n := range r.NamesAsGiven {
					printed("name", n.Name)
				}
				for _, words := range []string{r.AttributionVerb, r.Hedge} {
					if !strings.Contains(strings.ToLower(text[in]), strings.ToLower(words)) {
						t.Errorf("%s: %s: %q is not printed there", s.Key, in, words)
					}
				}
			}
		}
	}
}

func TestEverySentenceIsListed(t *testing.T) {
	text, listed := sentences(t), rows(t)
	for in, sentence := range text {
		words := strings.Fields(quoteMarks.Replace(sentence))
		first := strings.Join(words[:min(3, len(words))], " ")
		if row, ok := listed[in]; !ok || row.words != first {
			t.Errorf("%s “%s” is listed as “%s”", in, first, row.words)
		}
	}
	for in := range listed {
		if text[in] == "" {
			t.Errorf("%s is listed and is no sentence", in)
		}
	}
}

// sentences reads the articles, which are not part of this repository, and
// splits them.
func sentences(t *testing.T) map[place]string {
	t.Helper()
	text := map[place]string{}
	for _, a := range lettered {
		files, _ := filepath.Glob(filepath.Join("../../shared/seeds", a.file+"*.txt"))
		if len(files) != 1 {
			if os.Getenv("ONRECORD_REQUIRE_SHARED") != "" {
				t.Fatalf("article %s is not in ../../shared/seeds", a.letter)
			}
			t.Skipf("article %s is not in ../../shared/seeds: nothing to compare with", a.letter)
		}
		data, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		paragraph := a.first
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			start := 0
			for n, end := range append(sentenceEnd.FindAllStringIndex(line, -1), []int{0, len(line)}) {
				text[place{a.letter, paragraph, n + 1}] = strings.TrimSpace(line[start:end[1]])
				start = end[1]
			}
			paragraph++
		}
	}
	return text
}
