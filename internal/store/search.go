package store

import (
	"context"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// A Search is a question for whatever has some words, made by ParseSearch.
type Search struct {
	words   []string
	queries []Query   // of each kind
	name    *Question // which names are like the words, where they may be one
	naming  Naming
	newest  bool
	limit   int
	after   *cursor
	bound   uint64

	Form
	Scope map[string]string
}

// MaxRanked is how many records of a kind are ranked: the newest of statements,
// events and articles.
const MaxRanked = 1000

// Limits of a page of what was found: snippets cost.
const (
	defaultHits = 20
	maxHits     = 100
)

// chosenBy are the filters of a search beside the words.
var chosenBy = []string{"dataset", "review", "second_hand", "voice"}

// shownOf says what is shown of a record beside its name, and its date.
var shownOf = map[claims.Kind]struct{ detail, date string }{
	claims.KindStatement: {"(SELECT s.name FROM speakers s WHERE s.id = t.speaker)", "t.said_from"},
	claims.KindClaim:     {"t.sort", ""},
	claims.KindEvent:     {"t.kind", "t.occurred_from"},
	claims.KindArticle:   {"(SELECT s.name FROM sources s WHERE s.id = t.source)", "t.published_from"},
	claims.KindSpeaker:   {"t.kind", ""},
	claims.KindCountry:   {"t.status", ""},
	claims.KindSource:    {"t.kind", ""},
	claims.KindTopic:     {"(SELECT p.name FROM topics p WHERE p.id = t.parent)", ""},
	claims.KindOffice:    {"(SELECT c.name FROM countries c WHERE c.id = t.country)", ""},
}

// SearchedKinds are the kinds that a search finds, in the order in which it
// shows equals.
func SearchedKinds() []claims.Kind {
	list := make([]claims.Kind, len(documents))
	for i, d := range documents {
		list[i] = d.kind
	}
	return list
}

// SearchParameters lists the query parameters that a search understands,
// complements (not_…) left out.
func SearchParameters() []string {
	list := append(slices.Clone(chosenBy), "q", "kind", "sort", "limit", "cursor", "format", "excel")
	slices.Sort(list)
	return list
}

// ParseSearch reads the query parameters of a search. Errors are Invalid, with
// the parameter's name as pointer.
func ParseSearch(given map[string][]string) (Search, error) {
	p := &parameters{resource: statements, given: given, used: map[string]bool{}}
	q := Search{Scope: map[string]string{}}
	if p.used["q"] = true; len(given["q"]) == 0 {
		p.refuse("q", "required", "are the words to look for")
	}
	q.newest = p.word("sort", "rank", "rank", "-date") == "-date"
	q.limit = p.number("limit", defaultHits, 1, maxHits)
	if q.Form = p.form(forms); q.Format != forms[0] && len(given["limit"]) == 0 {
		q.limit = MaxRanked * len(documents)
	}
	kinds := p.searchedKinds()
	q.bound = boundTo(given, "search")
	if token := p.single("cursor"); token != "" {
		if q.after = q.cursorOf(token); q.after == nil {
			p.refuse("cursor", "cursor", "is not a cursor of this search, or belongs to other parameters")
		}
	}
	for _, kind := range SearchedKinds() {
		one, problems := p.searching(kind)
		for _, problem := range problems {
			if !slices.Contains(p.problems, problem) {
				p.problems = append(p.problems, problem)
			}
		}
		if !slices.Contains(kinds, kind) {
			continue
		}
		if q.queries = append(q.queries, one); one.search != nil {
			q.words = one.search.words
		}
		for _, name := range chosenBy {
			if value, ok := one.Scope[name]; ok {
				q.Scope[name] = value
			}
		}
	}
	p.unknownParameters()
	if len(p.problems) > 0 {
		return q, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	q.likeNames(p, kinds)
	return q, nil
}

// likeNames lets the search look for names that are like the words, where these
// may be a name and no filter stands in the way that names don't know.
func (q *Search) likeNames(p *parameters, kinds []claims.Kind) {
	var c claims.Check
	c.Asked("", q.words[0])
	named := slices.DeleteFunc(slices.Clone(claims.Named), func(kind claims.Kind) bool { return !slices.Contains(kinds, kind) })
	if len(q.words) > 1 || len(c.Problems) > 0 || len(named) == 0 || strings.Contains(q.words[0], `"`) || strings.Contains(q.words[0], " OR ") || exclusions.MatchString(q.words[0]) {
		return
	}
	for _, name := range []string{"not_dataset", "review", "not_review"} {
		if len(p.given[name]) > 0 {
			return
		}
	}
	q.name, q.naming = &Question{Name: q.words[0], Kinds: named}, Naming{Datasets: datasetsOf(p.many("dataset")), Limit: fewCandidates}
}

// searchedKinds reads kind.
func (p *parameters) searchedKinds() []claims.Kind {
	all := SearchedKinds()
	var kinds []claims.Kind
	for _, name := range p.many("kind") {
		if name != "" && !slices.Contains(all, claims.Kind(name)) {
			p.refuse("kind", "unknown_value", fmt.Sprintf("%q is none of %s", name, joinKinds(all)))
		}
		kinds = append(kinds, claims.Kind(name))
	}
	if kinds == nil {
		return all
	}
	return kinds
}

func joinKinds(kinds []claims.Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// searching is the search's query to one kind: all that is ranked, the newest
// first. It marks what it understands.
func (p *parameters) searching(kind claims.Kind) (Query, []claims.Problem) {
	own, r := map[string][]string{}, resources[kind]
	for _, f := range r.filters {
		if f.name != "q" && !slices.Contains(chosenBy, f.name) {
			continue
		}
		for _, name := range []string{f.name, "not_" + f.name} {
			if p.used[name] = name != "not_q"; name == "not_q" {
				continue
			}
			if values, ok := p.given[name]; ok {
				own[name] = values
			}
		}
	}
	one := &parameters{resource: r, given: own, used: map[string]bool{}}
	q := Query{resource: r, limit: MaxRanked, desc: true, sort: ordering{name: "id"}}
	if r.sorts[0].date != "" {
		q.sort = r.sorts[0]
	}
	one.filter(&q)
	return q, one.problems
}

// cursorOf reads a cursor, nil if it is none of this search.
func (q *Search) cursorOf(token string) *cursor {
	c := readCursor(token, hitKeys)
	if c == nil || c.Bound != strconv.FormatUint(q.bound, 36) || c.Rank != 0 {
		return nil
	}
	place, _ := strconv.Atoi(c.Keys[2]) // which is valid
	for i, kind := range SearchedKinds() {
		if -i == place && claims.CheckID(kind, c.ID) == nil {
			return c
		}
	}
	return nil
}

// hitKeys are what hits are sorted by: two of score and date, then the kind's
// place, then the id.
var hitKeys = []sortKey{{typ: "int"}, {typ: "int"}, {typ: "int"}}

// matchWords says that a record has the words; others have a name like them.
const matchWords = "words"

// likeScore is the score of a name that is the same. By words alone most names
// have more.
const likeScore = 100_000

// A Hit is a record that was found.
type Hit struct {
	Kind    claims.Kind `json:"kind"`
	ID      string      `json:"id"`
	Label   string      `json:"label"`
	Detail  *string     `json:"detail"`
	Date    *string     `json:"date"`
	Score   int         `json:"score"`
	Match   string      `json:"match"` // matchWords, or one of Whys
	Snippet string      `json:"snippet"`
}

// Matches says how many records of a kind have the words.
type Matches struct {
	Kind  claims.Kind
	Count int
	More  bool // there are more than are ranked
}

// Hits is a page of what a search has found.
type Hits struct {
	Hits    []Hit
	Counts  []Matches
	Next    string // cursor; empty at the end
	Seq     int64
	Pending bool
}

// Search answers from one snapshot, names that are like the words aside, which are
// looked for before.
func (s *Store) Search(ctx context.Context, q Search) (Hits, error) {
	var out Hits
	var like []Candidate
	if q.name != nil {
		meanings, _, err := s.Candidates(ctx, q.naming, []Question{*q.name})
		if err != nil {
			return out, err
		}
		like = meanings[0].Candidates
	}
	err := s.reading(ctx, func(tx pgx.Tx) error {
		out = Hits{Hits: []Hit{}}
		var candidates []candidate
		for i := range q.queries {
			one := &q.queries[i]
			if err := one.find(ctx, tx, &s.readings); err != nil {
				return err
			}
			n := min(len(one.known), MaxRanked)
			out.Counts = append(out.Counts, Matches{one.resource.kind, n, len(one.known) > n})
			if n > 0 {
				candidates = append(candidates, candidate{query: one, found: one.known[:n]})
			}
			if names := others(like, one); names != nil {
				candidates = append(candidates, candidate{query: one, like: names})
			}
		}
		if err := tx.QueryRow(ctx, `SELECT (SELECT max(seq) FROM commits), EXISTS (SELECT FROM stale)`).Scan(&out.Seq, &out.Pending); err != nil {
			return err
		}
		if candidates == nil {
			return nil
		}
		page, err := q.rank(ctx, tx, candidates)
		if err != nil {
			return err
		}
		if len(page) > q.limit {
			page = page[:q.limit]
			out.Next = q.cursor(page[q.limit-1])
		}
		out.Hits, err = q.show(ctx, tx, page)
		return err
	})
	return out, err
}

// candidates are the records of one kind that are ranked: those with the words,
// or with names like them.
type candidate struct {
	query *Query
	found []found
	like  []Candidate
}

// others are the records of the query's kind with names like the words, but for
// those that have the words.
func others(like []Candidate, q *Query) []Candidate {
	var list []Candidate
	for _, c := range like {
		if c.Kind == q.resource.kind && !slices.ContainsFunc(q.known, func(f found) bool { return f.id == c.ID }) {
			list = append(list, c)
		}
	}
	return list
}

// A ranked is a record with what it is sorted by, as text.
type ranked struct {
	kind        claims.Kind
	id          string
	score, days int
	place       int
	match       string
	matched     string // the name, where it is one that is like the words
}

// rank sorts the candidates and gives the page, and one more. A score is a
// millionth of what ts_rank says of the document as its own stemmer reads the
// words, divided by the logarithm of its length.
func (q *Search) rank(ctx context.Context, tx pgx.Tx, candidates []candidate) ([]ranked, error) {
	b := &builder{}
	with := fmt.Sprintf("WITH readings AS MATERIALIZED (SELECT * FROM search_readings(%s))", b.add(condition{"?::text[]", []any{q.words}}))
	var parts []string
	for _, c := range candidates {
		r := c.query.resource
		if c.like != nil {
			parts = append(parts, likeSQL(b, c))
			continue
		}
		ids := make([]string, len(c.found))
		for i, f := range c.found {
			ids[i] = f.id
		}
		date := "-2147483648"
		if d := shownOf[r.kind].date; d != "" {
			date = fmt.Sprintf("CASE WHEN isfinite(%[1]s) THEN %[1]s - date '2000-01-01' ELSE -2147483648 END", d)
		}
		parts = append(parts, fmt.Sprintf(`SELECT '%[1]s' AS kind, t.id::text COLLATE "C" AS id, (1000000 * ts_rank(d.doc, r.reading, 1))::int AS score, %[2]s AS days, %[3]d AS place, '`+matchWords+`' AS match, '' AS matched
			FROM unnest(%[4]s) w(id) JOIN %[5]s t ON t.id = w.id JOIN %[1]s_docs d ON d.%[1]s = t.id JOIN readings r ON r.stemmer = d.stemmer`,
			r.kind, date, -slices.Index(SearchedKinds(), r.kind), b.add(condition{"?::text[]::" + r.idType() + "[]", []any{ids}}), r.table))
	}
	keys, after := "score, days", ""
	if q.newest {
		keys = "days, score"
	}
	if q.after != nil {
		after = fmt.Sprintf(" WHERE (%s, place, id) < (%s)", keys, b.add(condition{`?::text::int, ?::text::int, ?::text::int, ?::text COLLATE "C"`, []any{q.after.Keys[0], q.after.Keys[1], q.after.Keys[2], q.after.ID}}))
	}
	sql := fmt.Sprintf("%s SELECT kind, id, score, days, place, match, matched FROM (%s) all_of%s ORDER BY %s DESC, place DESC, id DESC LIMIT %d",
		with, strings.Join(parts, " UNION ALL "), after, strings.ReplaceAll(keys, ",", " DESC,"), q.limit+1)
	rows, err := tx.Query(ctx, sql, b.args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ranked, error) {
		var one ranked
		err := row.Scan(&one.kind, &one.id, &one.score, &one.days, &one.place, &one.match, &one.matched)
		return one, err
	})
}

// likeSQL ranks records whose names are like the words.
func likeSQL(b *builder, c candidate) string {
	r := c.query.resource
	ids, matches, names, scores := make([]string, len(c.like)), make([]string, len(c.like)), make([]string, len(c.like)), make([]int, len(c.like))
	for i, one := range c.like {
		ids[i], matches[i], names[i], scores[i] = one.ID, one.Why, one.Matched, int(one.Score*likeScore)
	}
	return fmt.Sprintf(`SELECT '%s' AS kind, t.id::text COLLATE "C" AS id, w.score, -2147483648 AS days, %d AS place, w.match, w.matched FROM unnest(%s) w(id, score, match, matched) JOIN %s t ON t.id = w.id`,
		r.kind, -slices.Index(SearchedKinds(), r.kind), b.add(condition{"?::text[]::" + r.idType() + "[], ?::int[], ?::text[], ?::text[]", []any{ids, scores, matches, names}}), r.table)
}

// cursor is where a page with this last row ended.
func (q *Search) cursor(last ranked) string {
	keys := []string{strconv.Itoa(last.score), strconv.Itoa(last.days), strconv.Itoa(last.place)}
	if q.newest {
		keys[0], keys[1] = keys[1], keys[0]
	}
	return cursor{Bound: strconv.FormatUint(q.bound, 36), Keys: keys, ID: last.id}.String()
}

// show reads what is shown of the records on the page, and marks the words.
func (q *Search) show(ctx context.Context, tx pgx.Tx, page []ranked) ([]Hit, error) {
	places, ids := map[string]int{}, map[claims.Kind][]string{}
	for i, one := range page {
		places[string(one.kind)+" "+one.id] = i
		ids[one.kind] = append(ids[one.kind], one.id)
	}
	hits := make([]Hit, len(page))
	batch := &pgx.Batch{}
	for kind, list := range ids {
		batch.Queue(hitSQL(kind), list, q.words).Query(func(rows pgx.Rows) error {
			var text, folded string
			var one Hit
			_, err := pgx.ForEachRow(rows, []any{&one.ID, &one.Label, &one.Detail, &one.Date, &text, &folded}, func() error {
				at := places[string(kind)+" "+one.ID]
				one.Kind, one.Score, one.Match, one.Snippet = kind, page[at].score, page[at].match, snippet(text, marks(text, folded))
				if one.Match != matchWords {
					one.Snippet = html.EscapeString(page[at].matched)
				}
				hits[at] = one
				one.Detail, one.Date = nil, nil
				return nil
			})
			return err
		})
	}
	return hits, tx.SendBatch(ctx, batch).Close()
}

// hitSQL reads what is shown of records of a kind: the ids are $1, the words $2.
func hitSQL(kind claims.Kind) string {
	r, shown := resources[kind], shownOf[kind]
	d, _ := documentOf(kind)
	date := "NULL::text"
	if shown.date != "" {
		date = fmt.Sprintf("CASE WHEN isfinite(%[1]s) THEN (%[1]s)::text END", shown.date)
	}
	return fmt.Sprintf(`SELECT t.id::text, t.%[1]s, %[2]s, %[3]s, x.text, ts_headline(d.stemmer::regconfig, search_fold(x.text), coalesce(r.reading, '''@'''::tsquery), 'HighlightAll=true, StartSel="%[4]c", StopSel="%[5]c"')
		FROM %[6]s t JOIN %[7]s_docs d ON d.%[7]s = t.id LEFT JOIN search_readings($2::text[]) r ON r.stemmer = d.stemmer CROSS JOIN LATERAL (SELECT %[8]s AS text OFFSET 0) x
		WHERE t.id = ANY($1::text[]::%[9]s[])`, called[kind], shown.detail, date, markStart, markEnd, r.table, kind, d.text(), r.idType())
}
