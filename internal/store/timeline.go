package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// A Timeline is a question for statements and events in one order, made by
// ParseTimeline: one query to each, in the same order, merged.
type Timeline struct {
	statements, events Query
	limit              int
	desc               bool
	bound              uint64

	Form
	Limited bool // a limit was given
	Scope   map[string]string
	Derived bool
}

// shared are the filters that statements and events both have with the same
// meaning; a timeline takes these, and those that have a standard.
var shared = []string{"q", "between", "topic", "article", "dataset", "review", "updated_since", "date_match"}

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
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains([]string{"cursor", "limit", "as_of", "format", "excel"}, name) {
			_, _ = fmt.Fprintf(h, "%s=%q;", name, given[name]) // never fails
		}
	}
	line.bound = h.Sum64()
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
			if q.after = cursorOf(after, &q); q.after == nil || q.after.Bound != strconv.FormatUint(line.bound, 36) {
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
		all.used[name], all.used["not_"+name] = true, true
		for _, n := range []string{name, "not_" + name} {
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
	list := []string{"date_match"}
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
	list = append(list, "from", "to", "sort", "limit", "cursor", "as_of", "format", "excel")
	slices.Sort(list)
	return slices.Compact(list)
}

// cursorOf reads a cursor for a query sorted by date, nil if it is none.
func cursorOf(token string, q *Query) *cursor {
	data, err := base64.RawURLEncoding.DecodeString(token)
	var c cursor
	if err != nil || json.Unmarshal(data, &c, json.RejectUnknownMembers(true)) != nil || len(c.Keys) != len(q.sort.keys) || c.Rank < 0 || c.Rank > 1 ||
		c.Rank == 1 && len(q.branches) > 0 || claims.CheckID(q.resource.kind, c.ID) != nil {
		return nil
	}
	for i, key := range q.sort.keys {
		if !key.valid(c.Keys[i]) {
			return nil
		}
	}
	return &c
}

// An entry is a record in a timeline and what it is sorted by: start and width
// of its date, then its id, as the lists are.
type entry struct {
	kind claims.Kind
	json jsontext.Value
	days edtf.Range
	id   string
}

// compare orders entries as time goes, or backwards; undated ones are last.
func (a entry) compare(b entry, desc bool) int {
	if d := boolInt(a.days.IsEmpty()) - boolInt(b.days.IsEmpty()); d != 0 {
		return d
	}
	d := int(a.days.From) - int(b.days.From)
	if d == 0 {
		d = a.days.Days() - b.days.Days()
	}
	if d == 0 {
		d = strings.Compare(a.id, b.id)
	}
	if desc {
		return -d
	}
	return d
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
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
	return translate(pgx.BeginTxFunc(ctx, over, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error { return do(tx, pinned) }))
}

// linePage is one page, and where it ends if there is a next.
func (s *Store) linePage(ctx context.Context, tx pgx.Tx, line *Timeline, pinned *int64) (page Page, after cursor, err error) {
	var entries []entry
	for _, q := range []*Query{&line.statements, &line.events} {
		a := answer{resource: q.resource, pinned: pinned, valued: q.valued, lead: len(q.sort.keys) + 4, limit: q.limit + 1}
		if err := s.pageIn(ctx, tx, q, &a); err != nil {
			return page, after, err
		}
		if entries, err = appendEntries(entries, q.resource.kind, a.json); err != nil {
			return page, after, err
		}
		page.Seq, page.Pending = a.seq, page.Pending || a.pending
	}
	slices.SortFunc(entries, func(a, b entry) int { return a.compare(b, line.desc) })
	if len(entries) > line.limit {
		entries = entries[:line.limit]
		after = line.ended(entries[line.limit-1])
		data, _ := json.Marshal(after) // text and numbers always marshal
		page.Next = base64.RawURLEncoding.EncodeToString(data)
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
	return cursor{Bound: strconv.FormatUint(line.bound, 36), Rank: boolInt(last.days.IsEmpty()), ID: last.id,
		Keys: []string{last.days.From.String(), strconv.Itoa(last.days.Days())}}
}

// appendEntries reads the records of a list.
func appendEntries(entries []entry, kind claims.Kind, array []byte) ([]entry, error) {
	var records []jsontext.Value
	if err := json.Unmarshal(array, &records); err != nil {
		return nil, err
	}
	for _, record := range records {
		var head struct {
			ID       string  `json:"id"`
			SaidOn   *string `json:"said_on"`
			Occurred *string `json:"occurred"`
		}
		if err := json.Unmarshal(record, &head); err != nil {
			return nil, err
		}
		e := entry{kind: kind, json: bytes.TrimSpace(record), id: head.ID, days: edtf.Range{From: edtf.PosInf, To: edtf.PosInf}}
		for _, date := range []*string{head.SaidOn, head.Occurred} {
			if date == nil {
				continue
			}
			parsed, err := edtf.Parse(*date)
			if err != nil {
				return nil, err
			}
			e.days = parsed.Range()
		}
		entries = append(entries, e)
	}
	return entries, nil
}
