package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// A Timeline is a question for statements and events in one order, made by
// ParseTimeline: one query to each, in the same order, merged.
type Timeline struct {
	statements, events Query
	limit              int
	desc               bool
	bound              uint64
	named              []string // the members asked for; none: all

	Form
	Limited bool // a limit was given
	Scope   map[string]string
	Derived bool
}

// shared are the filters that statements and events both have with the same
// meaning; a timeline takes these, those that have a standard, and those that
// say more of them.
var (
	shared  = []string{"q", "between", "topic", "article", "source", "dataset", "review", "updated_since", "date_match"}
	further = map[claims.Kind][]string{claims.KindStatement: {"target_exact", "carried_from", "carried_to"}}
)

// ParseTimeline reads the query parameters of a timeline. Errors are Invalid,
// with the parameter's name as pointer.
func ParseTimeline(given map[string][]string) (Timeline, error) {
	p := &parameters{resource: statements, given: given, used: map[string]bool{}}
	line := Timeline{Scope: map[string]string{}}
	line.limit = p.number("limit", DefaultLimit, 1, MaxLimit)
	line.Form = p.form(forms)
	_, line.Limited = given["limit"]
	line.desc = p.word("sort", "date", "date", "-date") == "-date"
	after := p.single("cursor")
	line.bound = boundTo(given, "timeline")
	asOf := p.asOf()
	for _, kind := range []claims.Kind{claims.KindStatement, claims.KindEvent} {
		q, problems := line.half(kind, p, given)
		for _, problem := range problems {
			if !slices.Contains(p.problems, problem) {
				p.problems = append(p.problems, problem)
			}
		}
		q.asOf = asOf
		if after != "" {
			if q.after = q.cursorOf(after); q.after == nil || q.after.Bound != strconv.FormatUint(line.bound, 36) {
				p.problems = slices.DeleteFunc(p.problems, func(c claims.Problem) bool { return c.Pointer == "cursor" })
				p.refuse("cursor", "cursor", "is not a cursor of this timeline, or belongs to other filters")
			}
		}
		if kind == claims.KindStatement {
			line.statements = q
		} else {
			line.events = q
		}
		maps.Copy(line.Scope, q.Scope)
		line.Derived = line.Derived || q.Derived
	}
	line.fields(p)
	p.unknownParameters()
	if len(p.problems) > 0 {
		return line, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	return line, nil
}

// half is the timeline's query to one kind. It marks what it understands.
func (line *Timeline) half(kind claims.Kind, all *parameters, given map[string][]string) (Query, []claims.Problem) {
	own := map[string][]string{}
	r, w := resources[kind], windows[kind]
	for _, name := range timelineParameters(kind) {
		forms := []string{name}
		if slices.ContainsFunc(r.filters, func(f filter) bool { return f.name == name && !f.aside }) {
			forms = append(forms, "not_"+name)
		}
		for _, n := range forms {
			all.used[n] = true
			if values, ok := given[n]; ok {
				own[n] = values
			}
		}
	}
	for name, end := range map[string]string{"from": "_from", "to": "_to"} {
		all.used[name] = true
		if values, ok := given[name]; ok {
			own[w.name+end] = values
		}
	}
	p := &parameters{resource: r, given: own, used: map[string]bool{}}
	q := Query{resource: r, limit: line.limit, desc: line.desc, sort: r.sorts[0]}
	p.filter(&q)
	for i := range p.problems {
		for name, end := range map[string]string{"from": "_from", "to": "_to"} {
			if p.problems[i].Pointer == w.name+end {
				p.problems[i].Pointer = name
			}
		}
	}
	return q, p.problems
}

// timelineParameters are those of the kind's filters that a timeline takes.
func timelineParameters(kind claims.Kind) []string {
	list := append([]string{"date_match"}, further[kind]...)
	for _, f := range resources[kind].filters {
		if f.standard != "" || slices.Contains(shared, f.name) {
			list = append(list, f.name)
		}
	}
	return list
}

// TimelineParameters lists the query parameters that a timeline understands,
// complements (not_…) left out.
func TimelineParameters() []string {
	list := append(timelineParameters(claims.KindStatement), timelineParameters(claims.KindEvent)...)
	list = append(list, "from", "to", "sort", "limit", "cursor", "as_of", "format", "excel", "fields")
	slices.Sort(list)
	return slices.Compact(list)
}

// An entry is a record in a timeline and where it stands: as in the lists, by
// start and width of its date, then by id, and behind all others without a date.
type entry struct {
	kind claims.Kind
	json jsontext.Value
	rank int
	from string // a date of the database, whose texts sort as they do
	days int
	id   string
}

// compare orders entries as time goes, or backwards; undated ones are last.
func (a entry) compare(b entry, desc bool) int {
	if d := cmp.Compare(a.rank, b.rank); d != 0 {
		return d
	}
	d := cmp.Or(strings.Compare(a.from, b.from), cmp.Compare(a.days, b.days), strings.Compare(a.id, b.id))
	if desc {
		return -d
	}
	return d
}

// Timeline answers from one snapshot. Errors: Invalid (as_of).
func (s *Store) Timeline(ctx context.Context, line Timeline) (Page, error) {
	var page Page
	err := s.throughout(ctx, s.heavy, line, func(tx pgx.Tx, pinned *int64) error {
		var err error
		page, _, err = s.linePage(ctx, tx, &line, pinned)
		return err
	})
	return page, err
}

// throughout runs something in a snapshot of a lane, at the state that is asked
// for.
func (s *Store) throughout(ctx context.Context, over *lane, line Timeline, do func(tx pgx.Tx, pinned *int64) error) error {
	var pinned *int64
	if !line.statements.asOf.IsZero() {
		seq, err := s.resolve(ctx, line.statements.asOf)
		if err != nil {
			return err
		}
		pinned = &seq
	}
	leave, err := over.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return translate(pgx.BeginTxFunc(ctx, over, oneSnapshot, func(tx pgx.Tx) error { return do(tx, pinned) }))
}

// linePage is one page, and where it ends if there is a next.
func (s *Store) linePage(ctx context.Context, tx pgx.Tx, line *Timeline, pinned *int64) (page Page, after cursor, err error) {
	var entries []entry
	for _, q := range []*Query{&line.statements, &line.events} {
		a := answer{resource: q.resource, include: q.include, pinned: pinned, valued: q.valued, lead: len(q.sort.keys) + 4, limit: q.limit + 1, leading: true}
		if err := s.pageIn(ctx, tx, q, &a); err != nil {
			return page, after, err
		}
		if entries, err = appendEntries(entries, q, &a); err != nil {
			return page, after, err
		}
		page.Seq, page.Pending = a.seq, page.Pending || a.pending
	}
	slices.SortFunc(entries, func(a, b entry) int { return a.compare(b, line.desc) })
	if len(entries) > line.limit {
		entries = entries[:line.limit]
		after = line.ended(entries[line.limit-1])
		page.Next = after.String()
	}
	page.Count = len(entries)
	page.Records = append(page.Records, '[')
	for i, e := range entries {
		if i > 0 {
			page.Records = append(page.Records, ',')
		}
		page.Records = fmt.Appendf(page.Records, `{"type":%q,%q:%s}`, e.kind, e.kind, e.json)
	}
	page.Records = append(page.Records, ']')
	return page, after, nil
}

// ended is where a page with this last entry ended.
func (line *Timeline) ended(last entry) cursor {
	return cursor{Bound: strconv.FormatUint(line.bound, 36), Rank: last.rank, ID: last.id, Keys: []string{last.from, strconv.Itoa(last.days)}}
}

// appendEntries reads the records of a page.
func appendEntries(entries []entry, q *Query, a *answer) ([]entry, error) {
	var records []jsontext.Value
	if err := json.Unmarshal(a.json, &records); err != nil {
		return nil, err
	}
	for i, record := range records {
		at := q.ended(a.leads[i])
		days, err := strconv.Atoi(at.Keys[1])
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{kind: q.resource.kind, json: bytes.TrimSpace(record), rank: at.Rank, from: at.Keys[0], days: days, id: at.ID})
	}
	return entries, nil
}
