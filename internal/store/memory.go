package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Most of what a page costs is what surrounds its records: names, parts, facts,
// times of commits. So statements are remembered as JSON, each with the stamp of
// all that it was made from. A page is then asked for its places alone (ids and
// stamps); what is remembered under the same stamp is not read again
// (docs/decisions/0016).

// relabels is the condition of a change that alters what statements show of
// other records.
const relabels = `op <> 'create' AND kind IN ('speaker', 'country', 'event', 'office') OR kind = 'tenure'`

// A stamp tells the states of a record apart: the transaction that wrote it, the
// hash of its facts, the last commit that relabelled.
type stamp struct{ tx, facts, labels int64 }

// stamped are the columns of a stamp, of a statement t with its facts f.
const stamped = `t.tx, coalesce(hash_record_extended(f, 0), 0), (SELECT max(seq) FROM commits WHERE relabels)`

func stampOf(values [][]byte) stamp {
	at := func(i int) int64 { return int64(binary.BigEndian.Uint64(values[i])) }
	return stamp{at(0), at(1), at(2)}
}

// A memo is a record as JSON without the value that depends on the window asked
// for, and where in it each member ends: at the end of that value's, it stands.
type memo struct {
	stamp
	json []byte
	ends []uint32
}

// append writes the record: whole, or the members at these places of it alone.
func (r *memo) append(dst []byte, window int, match []byte, members []int) []byte {
	if members == nil {
		cut := r.ends[window]
		return append(append(append(dst, r.json[:cut]...), match...), r.json[cut:]...)
	}
	dst = append(dst, '{')
	for n, i := range members {
		start := uint32(1) // behind the brace
		if i > 0 {
			start = r.ends[i-1] + 1 // behind the comma
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		if dst = append(dst, r.json[start:r.ends[i]]...); i == window {
			dst = append(dst, match...)
		}
	}
	return append(dst, '}')
}

// A memory holds records by id: those used last, up to about its size. Of two
// generations the older is dropped when the younger is full.
type memory struct {
	mu         sync.Mutex
	young, old map[string]*memo
	bytes      [2]int64 // of the young, of the old
	size       int64
}

// standardMemory is the size of a memory in bytes.
const standardMemory = 32 << 20

// recall is the record as it is under the stamp, nil if it isn't remembered.
func (m *memory) recall(id string, s stamp) *memo {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.young[id]
	if r == nil {
		if r = m.old[id]; r != nil && r.stamp == s {
			m.keep(id, r)
		}
	}
	if r == nil || r.stamp != s {
		return nil
	}
	return r
}

func (m *memory) remember(id string, r *memo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(id, r)
}

func (m *memory) keep(id string, r *memo) {
	const beside = 400 // bytes that an entry takes beside its record
	if m.young == nil || m.bytes[0] > m.size/2 {
		m.old, m.young, m.bytes = m.young, map[string]*memo{}, [2]int64{0, m.bytes[0]}
	}
	m.young[id] = r
	m.bytes[0] += int64(len(r.json) + beside)
}

// Remembered is about how many bytes of records are remembered.
func (s *Store) Remembered() int64 {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	return s.memory.bytes[0] + s.memory.bytes[1]
}

// recalls reports whether the page can be put together from memory, which holds
// the fields of statements, but none of a lookup.
func (q *Query) recalls() bool {
	return q.resource.kind == statements.kind && q.asOf.IsZero() && len(q.include) == 0 && q.count.mode == "" &&
		!slices.ContainsFunc(q.resource.fields, func(f field) bool { return memberOf(f) < 0 })
}

// memberOf is the place of a field among those of a record in memory, -1 for
// none.
func memberOf(f field) int {
	return slices.IndexFunc(statements.fields, func(of field) bool { return of.name == f.name })
}

// placesSQL is the query for the places of a page: its lead, and of each record
// how it matches the window, and its stamp.
func (q *Query) placesSQL() (string, []any) {
	r, b := q.resource, &builder{}
	match := cmp.Or(b.add(q.match), "NULL::text")
	page := q.places(b, false)
	return fmt.Sprintf("SELECT (SELECT max(seq) FROM commits), EXISTS (SELECT FROM stale), %s, %s, %s FROM (%s UNION ALL SELECT 2%s) page LEFT JOIN (%s t LEFT JOIN statement_facts f ON f.statement = t.id) ON t.id = page.id ORDER BY page.rank, %s",
		q.lead("page."), match, stamped, page, strings.Repeat(", NULL", len(q.sort.keys)+1), r.table, q.order("page.")), b.args
}

// A place is a record's on a page.
type place struct {
	id string
	stamp
	match []byte // JSON
}

// place reads a row of placesSQL.
func (a *answer) place(values [][]byte) place {
	p := place{id: string(values[a.lead-1]), stamp: stampOf(values[a.lead+1:]), match: []byte("null")}
	if match := values[a.lead]; match != nil {
		p.match = appendString(nil, match)
	}
	return p
}

// together writes the JSON of a page whose places are known. It reports whether
// it could: a record may have changed since.
func (s *Store) together(ctx context.Context, a *answer) (bool, error) {
	found := make([]*memo, len(a.places))
	var missing []string
	for i, p := range a.places {
		if found[i] = s.memory.recall(p.id, p.stamp); found[i] == nil {
			missing = append(missing, p.id)
		}
	}
	read, err := s.learn(ctx, statements, missing)
	if err != nil {
		return false, err
	}
	size := len(a.places) + 2
	for i, p := range a.places {
		if found[i] == nil {
			if found[i] = read[p.id]; found[i] == nil || found[i].stamp != p.stamp {
				return false, nil
			}
		}
		size += len(found[i].json) + len(p.match) + 1
	}
	var members []int // nil: all
	if a.resource != statements {
		for _, f := range a.resource.fields {
			members = append(members, memberOf(f))
		}
		size = len(a.places) * 64 * len(members)
	}
	window := statements.window()
	a.json = append(make([]byte, 0, size), '[')
	for i, r := range found {
		if i > 0 {
			a.json = append(a.json, ',')
		}
		a.json = r.append(a.json, window, a.places[i].match, members)
	}
	a.json = append(a.json, ']')
	return true, nil
}

// learn reads records and remembers them.
func (s *Store) learn(ctx context.Context, r *resource, ids []string) (map[string]*memo, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	read := make(map[string]*memo, len(ids))
	sql := fmt.Sprintf("SELECT t.id::text, %s, %s FROM %s t %s WHERE t.id = ANY($1)", stamped, r.selectList(false), r.table, r.join(false))
	rows, err := s.read.Query(ctx, sql, ids)
	if err != nil {
		return nil, translate(err)
	}
	const lead = 4 // the id as text, the stamp
	window := r.window()
	var shown shape
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		values := row.RawValues()
		if shown.names == nil {
			if shown, err = shapeOf(r.fields, row.FieldDescriptions(), lead); err != nil {
				return struct{}{}, err
			}
		}
		learnt := shown.around(window, values[lead:])
		learnt.stamp = stampOf(values[1:])
		id := string(values[0])
		read[id] = learnt
		s.memory.remember(id, learnt)
		return struct{}{}, nil
	})
	return read, translate(err)
}

// window is the field whose value depends on the window asked for.
func (r *resource) window() int {
	return slices.IndexFunc(r.fields, func(f field) bool { return f.sql == matchToken })
}

// around writes a row as an object without the value of a field.
func (s *shape) around(field int, values [][]byte) *memo {
	row, ends := append(make([]byte, 0, typical), '{'), make([]uint32, len(values))
	for i, raw := range values {
		if i == field {
			row = append(row, s.names[i]...)
		} else {
			row = s.member(row, i, raw)
		}
		ends[i] = uint32(len(row))
	}
	return &memo{json: slices.Clone(append(row, '}')), ends: ends} // at its size, to be kept
}
