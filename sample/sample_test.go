package sample

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
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
	typeField   = regexp.MustCompile(`^\{"type":"([a-z_]+)",`)
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

// of lists the records of one kind.
func of[T claims.Input](t *testing.T) []T {
	t.Helper()
	var list []T
	for _, in := range records(t) {
		if record, ok := in.(T); ok {
			list = append(list, record)
		}
	}
	return list
}

func statements(t *testing.T) []*claims.StatementInput {
	t.Helper()
	return of[*claims.StatementInput](t)
}

// letters gives the letter of the article in whose text each article is found.
func letters(t *testing.T) map[string]string {
	t.Helper()
	letter := map[string]string{}
	for _, a := range lettered {
		letter[a.key] = a.letter
	}
	for _, a := range of[*claims.ArticleInput](t) {
		if !a.SeenVia.IsZero() {
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

// at is the place that a locator names, and the words it gives.
func at(t *testing.T, letter, located string) (place, string) {
	t.Helper()
	m := locator.FindStringSubmatch(located)
	if m == nil {
		t.Fatalf("locator %q is not of the form p1 s2 “first three words”", located)
	}
	paragraph, _ := strconv.Atoi(m[1])
	sentence, _ := strconv.Atoi(m[2])
	return place{letter, paragraph, sentence}, m[3]
}

func TestEveryLineIsValidAndInOrder(t *testing.T) {
	order := []claims.Kind{claims.KindSource, claims.KindTopic, claims.KindSpeaker, claims.KindOffice, claims.KindArticle, claims.KindTenure,
		claims.KindEvent, claims.KindClaim, claims.KindStatement, claims.KindClaimLink, claims.KindEventLink, claims.KindMention}
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
			t.Errorf("%s: a %s after a %s", name, in.Kind(), order[last])
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
	known, shipped := map[string]claims.Kind{}, countries(t)
	var c claims.Check
	for _, in := range records(t) {
		in.Check(&c)
		id := claims.GivenID(in)
		for _, record := range append(in.Nested(id), in) {
			id := claims.GivenID(record)
			if known[id] != "" {
				t.Errorf("the %s %s (%s) stands twice", record.Kind(), id, record.Head().Key)
			}
			known[id] = record.Kind()
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
		if known[ref.ID] != ref.Kind && !shipped(code) {
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
// report of its article. It names the events that are told there, each with a
// mention by its article.
func TestSentencesAndRecordsAgree(t *testing.T) {
	letter, listed := letters(t), rows(t)
	carried, told := map[place]map[string]bool{}, map[string]map[string]bool{} // statements by place, events by letter
	carries := func(name, article, located, key string) place {
		in, words := at(t, letter[article], located)
		if listed[in].words != words {
			t.Errorf("%s: the locator of %s gives %q, the list of sentences %q", name, in, words, listed[in].words)
		}
		if !slices.Contains(listed[in].records, key) {
			t.Errorf("%s: %s stands here and is not listed", in, key)
		}
		return in
	}
	for _, s := range statements(t) {
		for _, report := range s.Reports {
			for _, r := range report.Renderings {
				in := carries(s.Key, report.Article.Key(), r.Locator, s.Key)
				if carried[in] == nil {
					carried[in] = map[string]bool{}
				}
				carried[in][s.Key] = true
			}
		}
	}
	for _, m := range of[*claims.MentionInput](t) {
		in := carries(m.Key, m.Article.Key(), m.Locator, m.Event.Key())
		if told[in.article] == nil {
			told[in.article] = map[string]bool{}
		}
		told[in.article][m.Event.Key()] = true
	}
	kinds := map[string]claims.Kind{}
	for _, in := range records(t) {
		kinds[in.Head().Key] = in.Kind()
	}
	attested := map[string]map[string]bool{} // letters by tenure
	for _, tenure := range of[*claims.TenureInput](t) {
		attested[tenure.Key] = map[string]bool{}
		for _, o := range tenure.ObservedOn {
			attested[tenure.Key][letter[o.Article.Key()]] = true
		}
	}
	rowsOf := map[string]map[string]bool{} // letters of the rows that list a tenure
	for in, row := range listed {
		for n, key := range row.records {
			switch kind := kinds[key]; {
			case kind == "":
				t.Errorf("%s: %s is listed and is no record", in, key)
			case slices.Contains(row.records[:n], key):
				t.Errorf("%s: %s is listed twice", in, key)
			case kind == claims.KindStatement && !carried[in][key]:
				t.Errorf("%s: %s is listed and has no rendering here", in, key)
			case kind == claims.KindEvent && !told[in.article][key]:
				t.Errorf("%s: %s is listed and no mention is of article %s", in, key, in.article)
			}
			if attested[key] != nil {
				if rowsOf[key] == nil {
					rowsOf[key] = map[string]bool{}
				}
				rowsOf[key][in.article] = true
			}
		}
		if len(row.records) == 0 && row.note == "" {
			t.Errorf("%s went nowhere and no note says why", in)
		}
		if strings.Contains(strings.ToLower(row.note), "later") {
			t.Errorf("%s: something is left for later: %s", in, row.note)
		}
	}
	if !maps.EqualFunc(attested, rowsOf, maps.Equal[map[string]bool]) {
		t.Errorf("tenures are attested by %v and listed under %v", attested, rowsOf)
	}
}

// Every record is traceable to a sentence: it stands in a row, it has a locator
// (mentions), it is what a listed statement takes a position on, or it joins
// claims, which is the coder's doing. What is only referred to needs no
// sentence of its own.
func TestEveryRecordIsInTheListOfSentences(t *testing.T) {
	listed := map[string]bool{}
	for _, row := range rows(t) {
		for _, key := range row.records {
			listed[key] = true
		}
	}
	for _, s := range statements(t) {
		for _, p := range s.Positions {
			listed[p.Claim.Key()] = listed[p.Claim.Key()] || listed[s.Key]
		}
	}
	elsewhere := []claims.Kind{claims.KindSource, claims.KindTopic, claims.KindSpeaker, claims.KindOffice, claims.KindClaimLink, claims.KindMention}
	for _, in := range records(t) {
		if !slices.Contains(elsewhere, in.Kind()) && !listed[in.Head().Key] {
			t.Errorf("the %s %s comes from no sentence", in.Kind(), in.Head().Key)
		}
	}
}

// What is only referred to is referred to: no speaker, source, topic or article
// stands in the stream for nothing, and no claim without a position or a row.
// An office may have no holder, where no article dates one.
func TestNothingStandsAlone(t *testing.T) {
	used := map[string]bool{}
	for _, in := range records(t) {
		var c claims.Check
		in.Check(&c)
		for _, ref := range c.References {
			used[ref.ID] = true
		}
	}
	for _, in := range records(t) {
		switch in.Kind() {
		case claims.KindSource, claims.KindTopic, claims.KindSpeaker, claims.KindArticle:
			if !used[claims.GivenID(in)] {
				t.Errorf("nothing refers to the %s %s", in.Kind(), in.Head().Key)
			}
		}
	}
}

// An event is known through an article: every event is mentioned, each of its
// participants and figures is given by an article that mentions it or by a
// statement that such an article carries, and so is each link between events.
func TestEventsSayWhoGivesThem(t *testing.T) {
	telling := map[string]map[string]bool{} // articles by event
	for _, m := range of[*claims.MentionInput](t) {
		if telling[m.Event.Key()] == nil {
			telling[m.Event.Key()] = map[string]bool{}
		}
		telling[m.Event.Key()][m.Article.Key()] = true
	}
	carrying := map[string][]string{}
	for _, s := range statements(t) {
		for _, report := range s.Reports {
			carrying[s.Key] = append(carrying[s.Key], report.Article.Key())
		}
		if occasion := s.Occasion.Key(); occasion != "" && !slices.ContainsFunc(carrying[s.Key], func(a string) bool { return telling[occasion][a] }) {
			t.Errorf("%s: no article that carries it mentions its occasion %s", s.Key, occasion)
		}
	}
	given := func(what, event string, article, statement claims.Ref) {
		by := append(slices.Clone(carrying[statement.Key()]), article.Key())
		if !slices.ContainsFunc(by, func(a string) bool { return telling[event][a] }) {
			t.Errorf("%s: the %s is given by %q, and no such article mentions the event", event, what, article.Key()+statement.Key())
		}
	}
	for _, e := range of[*claims.EventInput](t) {
		if len(telling[e.Key]) == 0 {
			t.Errorf("%s is mentioned by no article", e.Key)
		}
		for _, p := range e.Participants {
			given(p.Role, e.Key, p.GivenByArticle, p.GivenByStatement)
		}
		for _, f := range e.Figures {
			given(f.Metric, e.Key, f.GivenByArticle, f.GivenByStatement)
		}
		for _, p := range e.Places {
			if p.Latitude != nil && p.Precision != "city" {
				t.Errorf("%s: %s has coordinates and the precision %s", e.Key, p.Name, p.Precision)
			}
		}
	}
	for _, l := range of[*claims.EventLinkInput](t) {
		given(l.Relation, l.From.Key(), l.GivenByArticle, l.GivenByStatement)
		given(l.Relation, l.To.Key(), l.GivenByArticle, l.GivenByStatement)
	}
	for _, m := range of[*claims.MentionInput](t) {
		if s := m.Statement.Key(); s != "" && !slices.Contains(carrying[s], m.Article.Key()) {
			t.Errorf("%s: the article does not carry %s", m.Key, s)
		}
	}
}

// A figure has its bounds from its words.
func TestFiguresAreBoundedAsGiven(t *testing.T) {
	bounds := map[string]string{
		"captured three": "3–", // of whoever was captured, those who were released
		"released three": "3–3", "killed several": "–", "killed 36": "36–36", "injured more than 160": "161–", "detained four": "4–4",
		"count 153": "153–153", "seized 58 kg": "58–58", "detained two": "2–2", "other a sharp rise": "–",
	}
	for _, e := range of[*claims.EventInput](t) {
		for _, f := range e.Figures {
			got, name := "–", f.Metric+" "+f.AsGiven
			if f.Low != nil {
				got = strconv.FormatFloat(*f.Low, 'f', -1, 64) + got
			}
			if f.High != nil {
				got += strconv.FormatFloat(*f.High, 'f', -1, 64)
			}
			if want, ok := bounds[name]; !ok || got != want {
				t.Errorf("%s: %s is %q, want %q", e.Key, name, got, want)
			}
		}
	}
}

// The guide's examples are records of the sample.
func TestTheGuideNamesRecords(t *testing.T) {
	guide, err := os.ReadFile("../docs/coding.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, in := range records(t) {
		keys[in.Head().Key] = true
	}
	for _, m := range regexp.MustCompile("`([a-z]+:[a-z0-9-]+)`").FindAllSubmatch(guide, -1) {
		if key := string(m[1]); !keys[key] {
			t.Errorf("docs/coding.md names %s, which is no record", key)
		}
	}
}

// The four claims that look like one have just their own positions; what was
// conceded, was conceded second-hand.
func TestLookAlikeClaimsHaveTheirOwnPositions(t *testing.T) {
	want := map[string][]string{
		"claim:militants-operate-from-afghan-soil": {
			"asserts sample:asif-militants-operate-from-afghan-soil", "asserts sample:pakistani-officials-militants-from-afghanistan",
			"asserts sample:un-growing-ttp-activity", "concedes sample:afghan-officials-concede-ttp-presence"},
		"claim:afghan-authorities-support-militants": {
			"asserts sample:asif-authorities-support-militants", "asserts sample:asif-kabul-hosts-groups", "denies sample:afghan-authorities-deny-allowing-groups"},
		"claim:afghan-soil-not-used":                     {"commits sample:afghan-officials-soil-not-used"},
		"claim:india-and-afghan-authorities-run-proxies": {"asserts sample:asif-proxy-conflict", "asserts sample:pakistan-warns-of-nexus"},
		"claim:accusations-against-the-taliban":          nil,
		"claim:cross-border-militancy":                   nil,
		"claim:military-dominance":                       {"denies sample:asif-denies-military-dominance"},
	}
	got := map[string][]string{}
	for _, s := range statements(t) {
		for _, p := range s.Positions {
			got[p.Claim.Key()] = append(got[p.Claim.Key()], p.Stance+" "+s.Key)
			if p.Stance == "concedes" && s.Within.IsZero() {
				t.Errorf("%s concedes first-hand", s.Key)
			}
		}
	}
	for claim, positions := range want {
		slices.Sort(got[claim])
		if !slices.Equal(got[claim], positions) {
			t.Errorf("%s: %q, want %q", claim, got[claim], positions)
		}
	}
}

func TestEveryWordIsInTheArticles(t *testing.T) {
	letter, text := letters(t), sentences(t)
	for _, s := range statements(t) {
		for _, report := range s.Reports {
			for _, r := range report.Renderings {
				in, _ := at(t, letter[report.Article.Key()], r.Locator)
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

// What events, mentions and tenures take from an article is printed in it.
func TestEveryWordAboutEventsIsInTheArticles(t *testing.T) {
	letter, text := letters(t), sentences(t)
	whole := map[string]string{} // of an article, by letter
	for in, sentence := range text {
		whole[in.article] += sentence + "\n"
	}
	said := map[string]string{} // the sentences of a statement
	for _, s := range statements(t) {
		for _, report := range s.Reports {
			for _, r := range report.Renderings {
				in, _ := at(t, letter[report.Article.Key()], r.Locator)
				said[s.Key] += text[in] + "\n"
			}
		}
	}
	for _, e := range of[*claims.EventInput](t) {
		for _, f := range e.Figures {
			if !strings.Contains(whole[letter[f.GivenByArticle.Key()]]+said[f.GivenByStatement.Key()], f.AsGiven) {
				t.Errorf("%s: %q is not printed where it is given", e.Key, f.AsGiven)
			}
			if !strings.Contains(whole[letter[f.GivenByArticle.Key()]]+said[f.GivenByStatement.Key()], f.Of) {
				t.Errorf("%s: %q is not printed where it is given", e.Key, f.Of)
			}
		}
	}
	for _, m := range of[*claims.MentionInput](t) {
		if in, _ := at(t, letter[m.Article.Key()], m.Locator); !strings.Contains(text[in], m.TimeAsGiven) {
			t.Errorf("%s: %s: the time %q is not printed there", m.Key, in, m.TimeAsGiven)
		}
	}
	titles, names := map[string]string{}, map[string]string{}
	for _, o := range of[*claims.OfficeInput](t) {
		titles[o.Key] = o.Title
	}
	for _, s := range of[*claims.SpeakerInput](t) {
		names[s.Key] = s.Name
	}
	for _, tenure := range of[*claims.TenureInput](t) {
		for _, o := range tenure.ObservedOn {
			if words := titles[tenure.Office.Key()] + " " + names[tenure.Speaker.Key()]; !strings.Contains(whole[letter[o.Article.Key()]], words) {
				t.Errorf("%s: %q is not printed in %s", tenure.Key, words, o.Article.Key())
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
