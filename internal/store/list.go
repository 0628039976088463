package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
	MaxOffset    = 10_000
)

// An ordering is a way to sort: by keys, none of which is null, then by id.
type ordering struct {
	name string
	keys []sortKey
	date string // the date among the keys; rows without one come last in both directions
}

type sortKey struct{ sql, typ string }

// A Query is a question to a collection, made by Parse.
type Query struct {
	resource *resource
	where    []condition
	walk     *walking    // a filter whose rows can be walked in order; its condition is not in where
	search   *searching  // the words to be found; their condition is not in where either
	valued   bool        // which plan is right depends on the values
	branches []condition // at least one of them holds; each can use an index of its own
	spans    []condition // what each of them demands of a part w that carries the date
	match    condition   // how a row matches the window
	sort     ordering
	desc     bool
	limit    int
	offset   int
	after    *cursor
	asOf     AsOf
	include  []*branch
	named    []string // the members asked for; none: all
	bound    uint64   // hash of all that a cursor is bound to
	count    tally
	known    []found // the page, where it is known already

	Form
	Unasked []string          // members that the form needs, though fields leaves them out
	Limited bool              // a limit was given
	Scope   map[string]string // the values in force of the filters that have a standard
	Derived bool              // filters on facts, which have no past: the answer can't be cited
}

// AsOf is the state of the record that is asked for: the present (zero), a
// commit or a moment.
type AsOf struct {
	Seq  *int64
	Time *time.Time
}

// IsZero reports whether the present is asked for.
func (a AsOf) IsZero() bool { return a.Seq == nil && a.Time == nil }

// Parse reads the query parameters of a collection. Errors are Invalid, with
// the parameter's name as pointer.
func Parse(kind claims.Kind, given map[string][]string) (Query, error) {
	p := &parameters{resource: resources[kind], given: given, used: map[string]bool{}}
	q := Query{resource: p.resource}
	p.tally(&q)
	p.filter(&q)
	p.sort(&q)
	p.page(&q)
	p.format(&q)
	q.asOf = p.asOf()
	q.include = p.includes(q.resource)
	p.fields(&q)
	p.unknownParameters()
	if len(p.problems) > 0 {
		return q, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	return q, nil
}

// filter reads all that chooses records.
func (p *parameters) filter(q *Query) {
	q.where, q.Scope = p.conditions()
	q.walk, q.search, q.valued = p.walk, p.search, p.valued || p.search != nil
	within := append(p.inBuckets(), p.carriedThen()...)
	if q.count.units = p.units; p.unit != "" {
		within = append(within, having(p.unit, p.units))
	}
	q.where, q.valued = append(q.where, within...), q.valued || within != nil
	q.Derived = p.derived
	branches, match, args := p.bounds(q.Scope)
	q.branches, q.spans, q.match = branches, p.spans, condition{match, args}
}

// ParseItem reads the query parameters of a single record.
func ParseItem(kind claims.Kind, given map[string][]string) (Query, error) {
	p := &parameters{resource: resources[kind], given: given, used: map[string]bool{}}
	q := Query{resource: p.resource, asOf: p.asOf(), include: p.includes(resources[kind])}
	p.fields(&q)
	p.unknownParameters()
	if len(p.problems) > 0 {
		return q, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	return q, nil
}

func (p *parameters) sort(q *Query) {
	q.sort, q.desc = q.resource.sorts[0], newestFirst[q.resource.kind]
	name := p.single("sort")
	if name == "" {
		return
	}
	bare, desc := strings.CutPrefix(name, "-")
	i := slices.IndexFunc(q.resource.sorts, func(o ordering) bool { return o.name == bare })
	if i < 0 {
		var allowed []string
		for _, o := range q.resource.sorts {
			allowed = append(allowed, o.name, "-"+o.name)
		}
		p.refuse("sort", "unknown_value", fmt.Sprintf("%q is none of %s", name, strings.Join(allowed, ", ")))
		return
	}
	q.sort, q.desc = q.resource.sorts[i], desc
}

// newestFirst are the kinds that are shown latest first unless asked otherwise.
var newestFirst = map[claims.Kind]bool{claims.KindStatement: true, claims.KindArticle: true, claims.KindEvent: true, claims.KindRating: true, claims.KindTenure: true}

func (p *parameters) page(q *Query) {
	q.limit = p.number("limit", DefaultLimit, 1, MaxLimit)
	q.offset = p.number("offset", 0, 0, MaxOffset)
	token := p.single("cursor")
	q.bound = boundTo(p.given, fmt.Sprintf("%s %s %v", q.resource.path, q.sort.name, q.desc))
	if token == "" {
		return
	}
	if q.offset > 0 {
		p.refuse("offset", "contradiction", "goes without a cursor")
	}
	switch c := q.cursorOf(token); {
	case c == nil:
		p.refuse("cursor", "cursor", "is not a cursor of this collection")
	case c.Bound != strconv.FormatUint(q.bound, 36):
		p.refuse("cursor", "cursor", "belongs to other filters or another sort")
	default:
		q.after = c
	}
}

func (p *parameters) number(name string, standard, least, most int) int {
	s := p.single(name)
	if s == "" {
		return standard
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		p.refuse(name, "range", fmt.Sprintf("is not a whole number from %d to %d", least, most))
	}
	return n
}

func (p *parameters) asOf() AsOf {
	s := p.single("as_of")
	if s == "" {
		return AsOf{}
	}
	if n, ok := strings.CutPrefix(s, "seq:"); ok {
		seq, err := strconv.ParseInt(n, 10, 64)
		if err != nil || seq < 0 {
			p.refuse("as_of", "as_of", "is not seq: and a whole number")
		}
		return AsOf{Seq: &seq}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		p.refuse("as_of", "as_of", "is neither an RFC 3339 date-time nor seq:N")
	}
	return AsOf{Time: &t}
}

// resolve turns the state asked for into a commit.
func (s *Store) resolve(ctx context.Context, a AsOf) (int64, error) {
	var head int64
	var at *int64
	err := s.read.QueryRow(ctx, `SELECT max(seq), max(seq) FILTER (WHERE at <= $1) FROM commits WHERE seq IN ((SELECT max(seq) FROM commits), (SELECT seq FROM commits WHERE at <= $1 ORDER BY at DESC LIMIT 1))`, a.Time).Scan(&head, &at)
	if err != nil {
		return 0, translate(err)
	}
	refuse := func(detail string) error {
		return &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: []claims.Problem{{Pointer: "as_of", Code: "as_of", Detail: detail}}}
	}
	switch {
	case a.Seq != nil && *a.Seq > head:
		return 0, refuse(fmt.Sprintf("is after the last commit, seq:%d", head))
	case a.Seq != nil:
		return *a.Seq, nil
	case a.Time != nil && a.Time.After(time.Now().Add(time.Second)):
		return 0, refuse("lies in the future")
	case at == nil:
		return 0, refuse("lies before the beginning of the record")
	}
	return *at, nil
}

// A Page is one page of a collection: records as JSON, and where the next
// page begins.
type Page struct {
	Records []byte // a JSON array
	Count   int
	Next    string // cursor; empty at the end
	Total   *int64 // of all pages, where it is asked for
	Seq     int64  // the commit at which the page was true
	Pending bool   // some derived values wait to be computed after a wide change
}

// List answers a query. Without includes it is one statement, or of statements
// their places and what isn't remembered; with them a snapshot of two batches,
// however long the page.
func (s *Store) List(ctx context.Context, q Query) (Page, error) {
	var pinned *int64
	if !q.asOf.IsZero() {
		seq, err := s.resolve(ctx, q.asOf)
		if err != nil {
			return Page{}, err
		}
		pinned = &seq
	}
	a := answer{resource: q.resource, include: q.include, pinned: pinned, valued: q.valued, heavy: q.heavy(), lead: len(q.sort.keys) + 4, limit: q.limit}
	a.tally = q.tallying(pinned)
	if err := s.page(ctx, &q, &a); err != nil {
		return Page{}, err
	}
	page := Page{Records: a.json, Count: a.count, Seq: a.seq, Pending: a.pending, Total: a.total}
	if a.more {
		page.Next = q.ended(a.last).String()
	}
	return page, nil
}

// page fills the answer: from memory where it can, else by one query; a search
// within a snapshot.
func (s *Store) page(ctx context.Context, q *Query, a *answer) error {
	if q.recalls() && s.memory.size > 0 {
		places := *a
		places.placing = true
		if err := s.places(ctx, q, &places); err != nil {
			return err
		}
		switch done, err := s.together(ctx, &places); {
		case CodeOf(err) == Timeout && ctx.Err() == nil: // too many to read in a moment
			a.heavy = true
		case done, err != nil:
			*a = places
			return err
		}
	}
	if q.adaptive() {
		return s.reading(ctx, func(tx pgx.Tx) error { return s.pageIn(ctx, tx, q, a) })
	}
	sql, args := q.sql(a.pinned)
	return s.ask(ctx, a, sql, args)
}

// places asks for the places of a page.
func (s *Store) places(ctx context.Context, q *Query, a *answer) error {
	if !q.adaptive() {
		sql, args := q.placesSQL()
		return s.ask(ctx, a, sql, args)
	}
	return s.reading(ctx, func(tx pgx.Tx) error {
		if err := q.find(ctx, tx, &s.readings); err != nil {
			return err
		}
		sql, args := q.placesSQL()
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		return a.stream(rows)
	})
}

// pageIn fills the answer within a transaction.
func (s *Store) pageIn(ctx context.Context, tx pgx.Tx, q *Query, a *answer) error {
	if q.adaptive() {
		if err := q.find(ctx, tx, &s.readings); err != nil {
			return err
		}
	} else if settings := a.settings(); settings != "" {
		if _, err := tx.Exec(ctx, settings); err != nil {
			return err
		}
	}
	sql, args := q.sql(a.pinned)
	return a.embed(ctx, tx, sql, args)
}

// reading runs do in a snapshot. How much it reads hangs on the words.
func (s *Store) reading(ctx context.Context, do func(pgx.Tx) error) error {
	leave, err := s.heavy.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return translate(pgx.BeginTxFunc(ctx, s.heavy, oneSnapshot, do))
}

// Parameters lists the query parameters that a kind's collection understands,
// complements (not_…) left out.
func Parameters(kind claims.Kind) []string {
	r := resources[kind]
	list := []string{"sort", "limit", "offset", "cursor", "as_of", "count", "format", "excel", "fields"}
	if len(measures[kind]) > 1 {
		list = append(list, "measure")
	}
	if len(r.include) > 0 {
		list = append(list, "include")
	}
	list = append(list, choosing(kind)...)
	slices.Sort(list)
	return list
}

// choosing are the parameters that choose records.
func choosing(kind claims.Kind) []string {
	var list []string
	for _, f := range resources[kind].filters {
		list = append(list, f.name)
	}
	if kind == claims.KindStatement {
		list = append(list, "carried_from", "carried_to")
	}
	if w, ok := windows[kind]; ok {
		list = append(list, w.name+"_from", w.name+"_to", w.name+"_on", w.name+"_bucket", "date_match")
	}
	return list
}
