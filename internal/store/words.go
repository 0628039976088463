package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// searched is the filter of a kind by the words of its documents, as they are
// typed into a search box.
func searched(kind claims.Kind, doc string) filter {
	return filter{name: "q", kind: search, derived: true, doc: doc + ": quoted phrases, OR, - for without",
		sql: fmt.Sprintf(`t.id IN (SELECT d.%[1]s FROM %[1]s_docs d JOIN search_readings(?::text[]) r ON r.stemmer = d.stemmer
			WHERE d.doc @@ search_query(?::text[]) AND `+hasReading+`)`, kind)}
}

// hasReading is the condition that the document d has what its stemmer reads, r.
// As it is written the planner takes it for a matter of chance, and does not
// reckon twice with how rare the words are.
const hasReading = "coalesce(d.doc @@ r.reading, false)"

// searching is a search in force.
type searching struct {
	condition
	words []string
	read  reading // once it was asked for
	way   string  // the only plan to be tried, if one is named
}

// A reading is what stemmers make of words.
type reading struct {
	query              string // for the index
	stemmers, readings []string
}

// has is the condition on the documents d of the relation docs that they have
// the words.
func (s *searching) has() (docs, where condition) {
	return condition{"JOIN unnest(?::text[], ?::text[]::tsquery[]) r(stemmer, reading) ON r.stemmer = d.stemmer", []any{s.read.stemmers, s.read.readings}},
		condition{"d.doc @@ ?::tsquery AND " + hasReading, []any{s.read.query}}
}

// By is the query with one plan to find words by, "index" or "walk", instead of
// the better of the two: for benchmarks.
func (q Query) By(way string) Query {
	only := *q.search
	only.way = way
	q.search = &only
	return q
}

// A readingCache keeps what stemmers make of words, which never changes: each
// has to read them, which takes as long as finding some.
type readingCache struct {
	sync.Mutex
	known map[string]reading
}

// The most that is kept, in searches, and the bytes of one that is.
const (
	maxReadings = 1000
	maxReading  = 16 << 10
)

func (r *reading) size() int { return len(r.query) + len(strings.Join(r.readings, "")) }

// ask asks how the stemmers read the words.
func (s *searching) ask(ctx context.Context, tx pgx.Tx, cache *readingCache) error {
	name := strings.Join(s.words, "\x00")
	cache.Lock()
	read, ok := cache.known[name]
	cache.Unlock()
	if !ok {
		err := tx.QueryRow(ctx, `SELECT search_query($1::text[])::text, coalesce(array_agg(stemmer), '{}'), coalesce(array_agg(reading::text), '{}') FROM search_readings($1::text[])`, s.words).
			Scan(&read.query, &read.stemmers, &read.readings)
		if err != nil {
			return err
		}
		cache.Lock()
		if cache.known == nil || len(cache.known) >= maxReadings {
			cache.known = map[string]reading{}
		}
		if read.size()+len(name) <= maxReading {
			cache.known[name] = read
		}
		cache.Unlock()
	}
	s.read = read
	return nil
}

// Which plan finds the newest with some words is a matter of how many have
// them. Of common ones a page is soon met by walking the records in their order;
// of rare ones the index of words has all. The planner can't tell: it knows
// neither how words go together nor when they were in use. So a walk is tried
// for as long as the other plan is expected to take, and then that one runs:
// together they take about twice as long as the better one alone.

const (
	firstStep = 200 // records walked at once, and the most
	lastStep  = 12_800
	mostWalk  = 200_000 // that are walked at all
	// perWalked is what the planner gives as the cost of what takes as long as
	// walking one record; perPlanned is that beside what it gives for the walk.
	perWalked  = 5.0
	perPlanned = 2.0
)

// A found is a record of a page: its rank, sort keys and id.
type found struct {
	rank int
	keys []string
	id   string
}

// adaptive reports whether the page can be found by a walk in the order of a
// date.
func (q *Query) adaptive() bool {
	return q.search != nil && q.asOf.IsZero() && q.sort.date != ""
}

// find looks for the page's records. A plan for the index of words is made for
// the words at hand, all others for any.
func (q *Query) find(ctx context.Context, tx pgx.Tx, cache *readingCache) error {
	if err := q.search.ask(ctx, tx, cache); err != nil {
		return err
	}
	sql, args := q.foundSQL()
	if q.sort.date != "" {
		budget, err := 0, error(nil)
		switch q.search.way {
		case "walk":
			budget = math.MaxInt
		case "":
			budget, err = q.budget(ctx, tx, sql, args)
		}
		if err != nil {
			return err
		}
		list, complete, err := q.walkFor(ctx, tx, q.limit+1+q.offset, budget)
		if err != nil {
			return err
		}
		if complete {
			q.known = append([]found{}, list[min(q.offset, len(list)):]...)
			return nil
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`)
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		q.known, err = pgx.CollectRows(rows, q.scan)
		return err
	})
	batch.Queue(`SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`)
	return tx.SendBatch(ctx, batch).Close()
}

// budget is how many records can be walked in the time that the query by the
// index is expected to take; 0 where it finds its records sooner than some are
// walked. In a window each step has to look at the wide dates, so that what one
// costs is asked too.
func (q *Query) budget(ctx context.Context, tx pgx.Tx, sql string, args []any) (int, error) {
	index, err := cost(ctx, tx, sql, args)
	step := firstStep * perWalked
	if err == nil && len(q.branches) > 1 && index >= step {
		sql, args = q.step(firstStep, q.limit)
		step, err = cost(ctx, tx, sql, args)
		step *= perPlanned
	}
	if budget := int(min(firstStep*index/step, mostWalk)); err == nil && budget >= firstStep {
		return budget, nil
	}
	return 0, err
}

// cost is what the planner expects a query to cost.
func cost(ctx context.Context, tx pgx.Tx, sql string, args []any) (float64, error) {
	var plans []struct {
		Plan struct {
			Cost float64 `json:"Total Cost"`
		}
	}
	err := tx.QueryRow(ctx, "EXPLAIN (FORMAT JSON) "+sql, args...).Scan(&plans)
	if err != nil {
		return 0, err
	}
	return plans[0].Plan.Cost, nil
}

// walkFor walks the records in their order, some more each time, until it has
// met as many as are wanted or there are no more: then what it has met is
// complete. It gives up when it has walked more than the budget, or seems to do so
// in vain.
func (q *Query) walkFor(ctx context.Context, tx pgx.Tx, want, budget int) (list []found, complete bool, err error) {
	walk := *q
	for size, walked := firstStep, 0; walked < budget; {
		sql, args := walk.step(size, want-len(list))
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return nil, false, err
		}
		seen := 0
		met, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (found, error) {
			var all *int
			one := found{keys: make([]string, len(q.sort.keys))}
			if err := r.Scan(one.into(&all)...); err != nil || all == nil {
				return one, err
			}
			seen, walk.after = *all, &cursor{Rank: one.rank, Keys: one.keys, ID: one.id}
			return one, nil
		})
		if err != nil {
			return nil, false, err
		}
		list = append(list, met[:max(0, len(met)-boolInt(seen > 0))]...) // the last row is where the step ended
		if len(list) >= want || seen < size {
			return list, true, nil
		}
		if walked += seen; inVain(walked, len(list), want, budget) {
			break
		}
		size = nextStep(walked, len(list), want)
	}
	return list, false, nil
}

// inVain reports whether so little was met on the first quarter of the way that
// the rest of it, and as much again, would not do.
func inVain(walked, met, want, budget int) bool {
	return walked >= budget/4 && (want-met)*walked > 2*met*(budget-walked)
}

// step is the query for those of the next records in order that have the words,
// and for the last of all and how many they were. What may keep few records of
// many is asked of those walked, and each for its document, behind a fence, so
// that a step stays one.
func (q *Query) step(size, want int) (string, []any) {
	walk := *q
	walk.search, walk.where, walk.offset, walk.limit = nil, nil, 0, size-1
	docs, has := q.search.has()
	asked := []condition{has}
	for _, c := range q.where {
		if len(c.args) == 0 || plain.MatchString(c.sql) {
			walk.where = append(walk.where, c)
		} else {
			asked = append(asked, c)
		}
	}
	records := ""
	if len(asked) > 1 {
		records = " JOIN " + q.resource.table + " t ON t.id = w.id"
	}
	b := &builder{}
	return fmt.Sprintf(`WITH walked AS MATERIALIZED %s
		(SELECT NULL::bigint, w.rank, %s FROM walked w CROSS JOIN LATERAL (SELECT d.stemmer, d.doc FROM %s_docs d WHERE d.%[3]s = w.id OFFSET 0) d %[4]s%[5]s%[6]s ORDER BY w.rank, %[7]s LIMIT %[8]d)
		UNION ALL (SELECT (SELECT count(*) FROM walked), w.rank, %[2]s FROM walked w ORDER BY w.rank DESC, %[9]s LIMIT 1)`,
		walk.page(b, false), walk.texts("w."), q.resource.kind, b.add(docs), records, q.conditions(b, asked, false), walk.order("w."), want, walk.reversed("w.")), b.args
}

// nextStep is how many records are to be walked next: as many as the page seems
// to need, within bounds. The steps are few sizes, so that plans are used again.
func nextStep(walked, met, want int) int {
	need := walked * (want - met) / max(met, 1)
	step := firstStep
	for step < need*5/4 && step < walked*2 && step < lastStep {
		step *= 2
	}
	return step
}

// foundSQL is the query that finds the page by the index of words, or by
// another that the planner thinks better: fenced, so that it reckons with all
// records that have the words, and not with meeting a page of them soon.
func (q *Query) foundSQL() (string, []any) {
	b := &builder{}
	docs, has := q.search.has()
	has = condition{fmt.Sprintf("t.id IN (SELECT d.%[1]s FROM %[1]s_docs d %[2]s WHERE %[3]s)", q.resource.kind, docs.sql, has.sql), append(docs.args, has.args...)}
	where := append(append([]condition{}, q.where...), has)
	if q.walk != nil {
		where = append(where, q.walk.condition)
	}
	if len(q.branches) > 0 {
		var or condition
		for i, branch := range q.branches {
			if i > 0 {
				or.sql += " OR "
			}
			or.sql, or.args = or.sql+"("+branch.sql+")", append(or.args, branch.args...)
		}
		where = append(where, condition{"(" + or.sql + ")", or.args})
	}
	rank := "0"
	if q.sort.date != "" && len(q.branches) == 0 {
		rank = fmt.Sprintf("CASE WHEN %s = 'infinity' THEN 1 ELSE 0 END", q.sort.date)
	}
	if q.after != nil {
		after := q.keyset()
		dated, undated := q.sort.date+" < 'infinity'", q.sort.date+" = 'infinity'"
		if q.after.Rank == 0 {
			after.sql = fmt.Sprintf("(%s AND %s OR %s)", after.sql, dated, undated)
		} else {
			after.sql = fmt.Sprintf("(%s AND %s)", after.sql, undated)
		}
		where = append(where, after)
	}
	return fmt.Sprintf("SELECT rank, %s FROM (SELECT %s AS rank, %st.id FROM %s t%s OFFSET 0) w ORDER BY rank, %s LIMIT %d OFFSET %d",
		q.texts("w."), rank, q.keys(), q.resource.table, q.conditions(b, where, false), q.order("w."), q.limit+1, q.offset), b.args
}

// found is a page whose records are known.
func (q *Query) found(b *builder) string {
	ranks, ids := make([]int, len(q.known)), make([]string, len(q.known))
	keys := make([][]string, len(q.sort.keys))
	for i, f := range q.known {
		ranks[i], ids[i] = f.rank, f.id
		for k, v := range f.keys {
			keys[k] = append(keys[k], v)
		}
	}
	arrays, names := b.add(condition{"?::int[]", []any{ranks}}), "rank"
	for k, key := range q.sort.keys {
		arrays += ", " + b.add(condition{"?::text[]::" + key.typ + "[]", []any{list(keys[k])}})
		names += ", k" + strconv.Itoa(k)
	}
	arrays += ", " + b.add(condition{"?::text[]::" + q.resource.idType() + "[]", []any{ids}})
	return "(SELECT * FROM unnest(" + arrays + ") page(" + names + ", id))"
}

// texts are a row's keys and id as text.
func (q *Query) texts(prefix string) string {
	var list strings.Builder
	for i := range q.sort.keys {
		fmt.Fprintf(&list, "%sk%d::text, ", prefix, i)
	}
	return list.String() + prefix + "id::text"
}

func (q *Query) reversed(prefix string) string {
	back := *q
	back.desc = !q.desc
	return back.order(prefix)
}

func (q *Query) scan(row pgx.CollectableRow) (found, error) {
	one := found{keys: make([]string, len(q.sort.keys))}
	err := row.Scan(one.into()...)
	return one, err
}

// into is where a row's columns go, behind others.
func (f *found) into(others ...any) []any {
	into := slices.Concat(others, []any{&f.rank})
	for i := range f.keys {
		into = append(into, &f.keys[i])
	}
	return append(into, &f.id)
}
