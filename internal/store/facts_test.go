package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// facts are what the store derives of a statement.
type facts struct {
	Key            string  `json:"key"`
	ReportCount    int     `json:"report_count"`
	PublishersLow  int     `json:"publishers_low"`
	PublishersHigh int     `json:"publishers_high"`
	OriginsLow     int     `json:"origins_low"`
	OriginsHigh    int     `json:"origins_high"`
	FirstCarriedOn *string `json:"first_carried_on"`
	Worst          *string `json:"min_reliability"`
	Best           *string `json:"max_reliability"`
	Denied         bool    `json:"denied_by_others"`
	SecondHand     bool    `json:"second_hand"`
}

// A model is a world that the test knows whole, and evaluates naively.
type model struct {
	owner      map[string]string   // source → owner
	identified map[string]bool     // source
	syndicated map[string]string   // article → the one it takes over
	source     map[string]string   // article → source
	published  map[string]string   // article → day
	reports    map[string][]string // statement → articles
	cites      map[string][]string // statement/article → sources, nearest first
	said       map[string]string
	speaker    map[string]string
	within     map[string]string
	editorial  map[string]bool
	positions  map[string]map[string]string // statement → claim → stance
	ratings    map[string][][2]string       // source → (day, reliability)
}

func (m *model) family(source string) string {
	for m.owner[source] != "" {
		source = m.owner[source]
	}
	return source
}

func (m *model) origin(article string) string {
	for m.syndicated[article] != "" {
		article = m.syndicated[article]
	}
	return article
}

// facts evaluates a statement from nothing but the rules.
func (m *model) facts(statement string) facts {
	f := facts{Key: statement, ReportCount: len(m.reports[statement]), SecondHand: m.within[statement] != ""}
	families, group := map[string]bool{}, map[string]string{}
	var root func(string) string
	root = func(x string) string {
		if group[x] == "" || group[x] == x {
			return x
		}
		return root(group[x])
	}
	join := func(a, b string) { group[root(a)] = root(b) }
	for _, article := range m.reports[statement] {
		own := m.family(m.source[article])
		families[own] = true
		join(own, m.family(m.source[m.origin(article)]))
		if cites := m.cites[statement+"/"+article]; len(cites) > 0 {
			join(own, m.family(cites[len(cites)-1]))
		}
		if day := m.published[article]; f.FirstCarriedOn == nil && day != "" || day != "" && day < *f.FirstCarriedOn {
			f.FirstCarriedOn = &day
		}
		if r := m.reliability(m.source[article], m.published[article]); r != "" {
			if f.Worst == nil || r > *f.Worst {
				f.Worst = &r
			}
			if f.Best == nil || r < *f.Best {
				f.Best = &r
			}
		}
	}
	known := 0
	for family := range families {
		if m.identified[family] {
			known++
		}
	}
	f.PublishersLow, f.PublishersHigh = max(known, min(1, len(families))), len(families)
	groups := map[string]bool{}
	for family := range families {
		groups[root(family)] = false
	}
	for x := range m.identified {
		if _, ok := groups[root(x)]; ok && m.identified[x] && m.family(x) == x {
			groups[root(x)] = true
		}
	}
	known = 0
	for _, identified := range groups {
		if identified {
			known++
		}
	}
	f.OriginsLow, f.OriginsHigh = max(known, min(1, len(groups))), len(groups)
	if m.within[statement] == "" {
		for claim, stance := range m.positions[statement] {
			if stance != "asserts" {
				continue
			}
			for speaker, latest := range m.latest(claim) {
				f.Denied = f.Denied || latest == "denies" && speaker != m.speaker[statement]
			}
		}
	}
	return f
}

func (m *model) reliability(source, day string) string {
	best := [2]string{}
	for _, r := range m.ratings[source] {
		if (day == "" || r[0] <= day) && r[0] > best[0] {
			best = r
		}
	}
	if best[1] == "F" {
		return ""
	}
	return best[1]
}

// latest is each speaker's last first-hand attributed position on a claim.
func (m *model) latest(claim string) map[string]string {
	var list []string
	for statement, positions := range m.positions {
		if positions[claim] != "" && m.within[statement] == "" && !m.editorial[statement] {
			list = append(list, statement)
		}
	}
	sort.Slice(list, func(i, j int) bool { return m.said[list[i]] < m.said[list[j]] }) // undated first; no two days are alike
	latest := map[string]string{}
	for _, statement := range list {
		latest[m.speaker[statement]] = m.positions[statement][claim]
	}
	return latest
}

func (m *model) status(claim, accused string) string {
	var stances []string
	assert, deny := map[string]bool{}, map[string]bool{}
	conceded := false
	for speaker, stance := range m.latest(claim) {
		stances = append(stances, stance)
		assert[speaker], deny[speaker] = stance == "asserts", stance == "denies"
		conceded = conceded || stance == "concedes" && speaker == accused
	}
	has := func(stance string) bool { return slices.Contains(stances, stance) }
	contested := false
	for a, yes := range assert {
		for d, no := range deny {
			contested = contested || yes && no && a != d
		}
	}
	switch {
	case conceded:
		return "conceded"
	case contested:
		return "contested"
	case has("denies") && !has("asserts") && !has("commits"):
		return "denied"
	case has("withdraws") && !has("asserts") && !has("commits"):
		return "withdrawn"
	case has("asserts"), has("commits"):
		return "asserted"
	}
	return "open"
}

// A builder of random worlds.
type maker struct {
	*model
	random *rand.Rand
	lines  []string
	past   string // a commit, for as_of
}

func (k *maker) pick(list ...string) string { return list[k.random.IntN(len(list))] }

func (k *maker) line(format string, args ...any) {
	k.lines = append(k.lines, fmt.Sprintf(format, args...))
}

var accused = "person:mujahid"

// randomWorld makes sources that own each other, articles that take each other
// over, statements with reports that cite, and positions on claims.
func randomWorld(seed uint64) *maker {
	k := &maker{model: &model{owner: map[string]string{}, identified: map[string]bool{}, syndicated: map[string]string{}, source: map[string]string{}, published: map[string]string{},
		reports: map[string][]string{}, cites: map[string][]string{}, said: map[string]string{}, speaker: map[string]string{}, within: map[string]string{}, editorial: map[string]bool{},
		positions: map[string]map[string]string{}, ratings: map[string][][2]string{}}, random: rand.New(rand.NewPCG(seed, 7))}
	var sources, articles, statements []string
	for i := range 10 {
		s := fmt.Sprintf("src:%d", i)
		k.identified[s] = k.random.IntN(3) > 0
		owner := ""
		if i > 0 && k.random.IntN(3) == 0 {
			owner = k.pick(sources...)
			k.owner[s] = owner
		}
		k.line(`{"type":"source","key":%q,"name":%q,"kind":"online","identified":%t%s}`, s, s, k.identified[s], refTo("owner", owner))
		if day := fmt.Sprintf("2026-0%d-15", 1+k.random.IntN(3)); k.random.IntN(2) == 0 {
			rating := k.pick("A", "B", "C", "F")
			k.ratings[s] = append(k.ratings[s], [2]string{day, rating})
			k.line(`{"type":"rating","key":"rating:%d","source":{"key":%q},"reliability":%q,"rated_on":%q,"rated_by":"x","reason":"y"}`, len(k.lines), s, rating, day)
		}
		sources = append(sources, s)
	}
	for i := range 25 {
		a := fmt.Sprintf("art:%d", i)
		k.source[a], k.published[a] = k.pick(sources...), k.pick("", "2026-01-10", "2026-02-10", "2026-03-10")
		if i > 0 && k.random.IntN(4) == 0 {
			k.syndicated[a] = k.pick(articles...)
		}
		date := ""
		if k.published[a] != "" {
			date = fmt.Sprintf(`,"published_on":%q`, k.published[a])
		}
		k.line(`{"type":"article","key":%q,"title":"t","source":{"key":%q}%s%s}`, a, k.source[a], date, refTo("syndicated_from", k.syndicated[a]))
		articles = append(articles, a)
	}
	for i := range 4 {
		k.line(`{"type":"claim","key":"cl:%d","text":"c%d","sort":"fact","about":[{"role":"accused","speaker":{"key":%q}}]}`, i, i, accused)
	}
	days := k.random.Perm(60)
	for i := range 40 {
		s := fmt.Sprintf("st:%d", i)
		k.speaker[s] = k.pick("person:asif", accused, "gov:PK")
		fields := fmt.Sprintf(`"speaker":{"key":%q}`, k.speaker[s])
		if k.random.IntN(8) > 0 {
			k.said[s] = fmt.Sprintf("2026-%02d-%02d", 1+days[i]/28, 1+days[i]%28)
			fields += fmt.Sprintf(`,"said_on":%q`, k.said[s])
		}
		if i > 0 && k.random.IntN(5) == 0 {
			k.within[s] = k.pick(statements...)
			fields += refTo("within", k.within[s])
		}
		if k.random.IntN(8) == 0 {
			k.editorial[s] = true
			fields += `,"voice":"editorial"`
		}
		var reports, positions []string
		for _, n := range k.random.Perm(len(articles))[:k.random.IntN(6)] {
			a := articles[n]
			k.reports[s] = append(k.reports[s], a)
			var cites []string
			for range k.random.IntN(3) {
				c := k.pick(sources...)
				k.cites[s+"/"+a] = append(k.cites[s+"/"+a], c)
				cites = append(cites, fmt.Sprintf(`{"source":{"key":%q}}`, c))
			}
			reports = append(reports, fmt.Sprintf(`{"article":{"key":%q},"cites":[%s]}`, a, strings.Join(cites, ",")))
		}
		undatedTaken := false
		for other := range k.positions { // two undated positions of one speaker have no order that both sides know
			undatedTaken = undatedTaken || k.said[other] == "" && k.said[s] == "" && k.speaker[other] == k.speaker[s]
		}
		if !undatedTaken {
			k.positions[s] = map[string]string{}
			for n := range 4 {
				if k.random.IntN(3) == 0 {
					stance := k.pick("asserts", "asserts", "denies", "denies", "questions", "concedes", "commits", "declines")
					k.positions[s][fmt.Sprintf("cl:%d", n)] = stance
					positions = append(positions, fmt.Sprintf(`{"claim":{"key":"cl:%d"},"stance":%q}`, n, stance))
				}
			}
		}
		k.line(`{"type":"statement","key":%q,"kind":"other","text":"t",%s,"reports":[%s],"positions":[%s]}`, s, fields, strings.Join(reports, ","), strings.Join(positions, ","))
		statements = append(statements, s)
	}
	return k
}

func refTo(field, key string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf(`,%q:{"key":%q}`, field, key)
}

func (k *maker) load(t *testing.T, s *store.Store) {
	t.Helper()
	inputs, err := claims.ReadStream([]byte(strings.Join(k.lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, s, "maker", inputs)
}

// compare holds what the store derives against the naive evaluation.
func (k *maker) compare(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"limit": "1000", "second_hand": "include", "voice": "any"}))
	if err != nil {
		t.Fatal(err)
	}
	var got, want []facts
	if err := json.Unmarshal(page.Records, &got); err != nil {
		t.Fatal(err)
	}
	for _, f := range got {
		want = append(want, k.facts(f.Key))
		if f.PublishersHigh > f.ReportCount || f.OriginsHigh > f.PublishersHigh || f.PublishersLow > f.PublishersHigh || f.OriginsLow > f.OriginsHigh || f.ReportCount > 0 && f.OriginsLow < 1 {
			t.Errorf("independence exceeds what carries it: %+v", f)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("derived values (-want +got):\n%s", diff)
	}
	page, err = s.List(t.Context(), query(t, claims.KindClaim, nil))
	if err != nil {
		t.Fatal(err)
	}
	var status []struct{ Key, Status string }
	if err := json.Unmarshal(page.Records, &status); err != nil {
		t.Fatal(err)
	}
	for _, c := range status {
		if want := k.status(c.Key, accused); c.Status != want {
			t.Errorf("%s is %s, want %s: %v", c.Key, c.Status, want, k.latest(c.Key))
		}
	}
}

// Derived values equal a naive evaluation of random records, after they are
// loaded in any order, and after random changes.
func TestDerivedValuesEqualANaiveEvaluation(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(4, 40)) {
		s := testkit.WithCast(t, testkit.Store(t))
		k := randomWorld(seed)
		k.load(t, s)
		k.compare(t, s)
		k.change(t, s)
		k.compare(t, s)
	}
}

// change rewrites owners, syndication, positions, reports and dates.
func (k *maker) change(t *testing.T, s *store.Store) {
	t.Helper()
	update := func(kind claims.Kind, key string, apply func(claims.Input)) bool {
		t.Helper()
		record, err := read(t, s, kind, "key:"+key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Update(t.Context(), testkit.By("editor"), kind, record.ID, record.Version, func(current []byte) (claims.Input, error) {
			in := claims.New(kind)
			err := claims.Decode(current, in)
			apply(in)
			return in, err
		})
		if err != nil && store.CodeOf(err) != store.Cycle {
			t.Fatal(err)
		}
		return err == nil
	}
	for range 4 {
		child, parent := fmt.Sprintf("src:%d", k.random.IntN(10)), fmt.Sprintf("src:%d", k.random.IntN(10))
		if child != parent && update(claims.KindSource, child, func(in claims.Input) { in.(*claims.SourceInput).Owner = claims.RefKey(parent) }) {
			k.owner[child] = parent
		}
		copy, original := fmt.Sprintf("art:%d", k.random.IntN(25)), fmt.Sprintf("art:%d", k.random.IntN(25))
		if copy != original && update(claims.KindArticle, copy, func(in claims.Input) { in.(*claims.ArticleInput).SyndicatedFrom = claims.RefKey(original) }) {
			k.syndicated[copy] = original
		}
		statement := fmt.Sprintf("st:%d", k.random.IntN(40))
		if k.said[statement] != "" {
			day := fmt.Sprintf("2027-01-%02d", 1+len(k.said)%28+0)
			for slices.Contains(slices.Collect(mapValues(k.said)), day) {
				day = fmt.Sprintf("2027-02-%02d", 1+k.random.IntN(28))
			}
			if update(claims.KindStatement, statement, func(in claims.Input) { in.(*claims.StatementInput).SaidOn = testkit.Date(day) }) {
				k.said[statement] = day
			}
		}
	}
	for statement, positions := range k.positions {
		for claim := range positions {
			if k.random.IntN(3) > 0 {
				continue
			}
			stance := k.pick("asserts", "denies", "concedes")
			if update(claims.KindPosition, statement+"/"+claim, func(in claims.Input) { in.(*claims.PositionInput).Stance = stance }) {
				positions[claim] = stance
			}
		}
	}
	for statement, articles := range k.reports {
		if len(articles) == 0 || k.random.IntN(3) > 0 {
			continue
		}
		record, err := read(t, s, claims.KindReport, "key:"+statement+"/"+articles[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Delete(t.Context(), testkit.By("editor"), claims.KindReport, record.ID, record.Version); err != nil {
			t.Fatal(err)
		}
		delete(k.cites, statement+"/"+articles[0])
		k.reports[statement] = articles[1:]
	}
}

func mapValues(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// The order in which records come in makes no difference to what is derived.
func TestFoldingDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	k := randomWorld(99)
	var first string
	for range 3 {
		s := testkit.WithCast(t, testkit.Store(t))
		inputs, err := claims.ReadStream([]byte(strings.Join(k.lines, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		k.random.Shuffle(len(inputs), func(i, j int) { inputs[i], inputs[j] = inputs[j], inputs[i] })
		testkit.Load(t, s, "maker", inputs)
		k.compare(t, s)
		page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"limit": "1000", "sort": "id", "second_hand": "include", "voice": "any"}))
		if err != nil {
			t.Fatal(err)
		}
		var f []facts
		if err := json.Unmarshal(page.Records, &f); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%+v", f); first == "" {
			first = fmt.Sprint(len(f))
		} else if got == "" || first != fmt.Sprint(len(f)) {
			t.Errorf("another order gives another record: %s", got)
		}
	}
}
