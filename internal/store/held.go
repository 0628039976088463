package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/edtf"
)

// The cells of the standard scope are held in memory as well, by column, so
// that counts over everything are scans of a few megabytes and not of a table
// (docs/decisions/0017). What is held is the cells as they were when changes of
// them were last folded: it bears the mark of that folding, and a question reads
// the mark together with the changes since, so that the answer is exact in its
// snapshot. Where the mark is another, the answer comes from the database, and
// what is held is read anew behind it.

// The columns held.
const (
	heldSpeaker = iota
	heldKind
	heldBehalf
	heldTargets
	heldTopics
	heldOccasion
	heldArticles
	heldClaims
	heldTraits
	heldSaid
	heldColumns
)

// What follows from the articles of a row, and from its speaker, in the columns
// of these; and what its traits are made of.
const (
	heldSources = heldColumns + iota
	heldOutlets
	heldSpeakerKind
	heldNationality
	heldLanguage
	heldMedium
	heldRecurrence
	heldConditional
	heldStances
	heldDimensions
)

const traits = heldDimensions - heldLanguage

// heldSQL selects them, in this order, traits and dates in their parts, and how
// often the row counts.
const heldSQL = `SELECT speaker, kind, on_behalf_of, target_countries, topics, occasion, articles, claims, language, medium_of, recurrence, conditional, stances,
	said_from, said_to, said_days, said_qualified, %s::int AS n FROM %s s`

// heldBy are the columns of a record in which a dimension has its value, and
// those of cells in which it has all its values.
var heldBy = map[string]int{
	"t.speaker": heldSpeaker, "t.kind": heldKind, "t.on_behalf_of": heldBehalf, "t.occasion": heldOccasion,
	"target_countries": heldTargets, "topics": heldTopics,
	"u.article": heldArticles, "ua.source": heldSources, "us.country": heldOutlets,
	speakerKind: heldSpeakerKind, speakerNationality: heldNationality, "claims": heldClaims,
	"t.language": heldLanguage, mediumOf: heldMedium, "t.recurrence": heldRecurrence, "conditional": heldConditional, "stances": heldStances,
}

// heldIn is the column that a dimension is held in.
func heldIn(dimension int) int {
	switch {
	case dimension >= heldLanguage:
		return heldTraits
	case dimension >= heldSpeakerKind:
		return heldSpeaker
	case dimension >= heldSources:
		return heldArticles
	}
	return dimension
}

// A columnSet is some of the columns, and of what follows from articles.
type columnSet uint

func (s columnSet) has(column int) bool { return s&(1<<column) != 0 }

// with has the column too, and the one that it is held in.
func (s columnSet) with(column int) columnSet { return s | 1<<column | 1<<heldIn(column) }

// allColumns are those that are held.
const allColumns columnSet = 1<<heldColumns - 1

// A heldColumn is what rows have in a column, as codes: of heldSaid of a span, of
// all others of a text, which stands for values (topics are a text of several; of
// traits, each has values of its own).
type heldColumn struct {
	codes  []uint32
	texts  dictionary
	values dictionary
	at     []uint32 // where in parts those of each text begin
	parts  []uint32 // its values
	spans  []span   // of the texts of heldSaid
}

// A dictionary numbers texts.
type dictionary struct {
	forgotten uint32 // texts, numbered before those listed
	list      []string
	bytes     int // that listed texts and the knowledge of them take, about
	known     map[string]uint32
	before    map[string]uint32 // what a dictionary knew of which this one is a continuation
}

// textBytes is about what a text takes beside its own bytes: so it was of a
// million.
const textBytes = 72

// len is how many texts have numbers.
func (d *dictionary) len() int { return int(d.forgotten) + len(d.list) }

// forget forgets the texts, of which nobody will ask again.
func (d *dictionary) forget() { *d = dictionary{forgotten: uint32(d.len())} }

// number is that of the text, new or not.
func (d *dictionary) number(text []byte) (n uint32, old bool) {
	if n, old = d.known[string(text)]; !old { // not by find: so nothing is copied
		n, old = d.before[string(text)]
	}
	if old {
		return n, true
	}
	if d.known == nil {
		d.known = map[string]uint32{}
	}
	n = uint32(d.len())
	own := string(text)
	d.known[own] = n
	d.list = append(d.list, own)
	d.bytes += len(own) + textBytes
	return n, false
}

// find is the number of a text that is known.
func (d *dictionary) find(text string) (n uint32, ok bool) {
	if n, ok = d.known[text]; !ok {
		n, ok = d.before[text]
	}
	return n, ok
}

// among tells which texts are on the list.
func (d *dictionary) among(list []string) []bool {
	found := make([]bool, len(d.list))
	for _, text := range list {
		if n, ok := d.find(text); ok {
			found[n] = true
		}
	}
	return found
}

// with is a dictionary that knows the same and can be added to.
func (d *dictionary) with() dictionary {
	return dictionary{forgotten: d.forgotten, list: slices.Clip(d.list), before: d.known}
}

// of are the values of a text.
func (c *heldColumn) of(code uint32) []uint32 {
	if int(code)+1 < len(c.at) {
		return c.parts[c.at[code]:c.at[code+1]]
	}
	return c.parts[c.at[code]:]
}

// A span is when something was said.
type span struct {
	edtf.Range
	days      int32
	qualified bool
}

// cellRows are cells, or changes of them: rows that count once, or once less.
type cellRows struct {
	columns [heldColumns]heldColumn
	weights []int32
	reads   columnSet            // the columns that are there
	starts  []uint32             // of each speaker's rows, as far as these are beside each other, and the end of the last
	counts  [heldColumns][]int64 // of the rows as far as that, by code
}

// held is what is in memory. It never changes, but for what is known of outlets.
type held struct {
	cellRows
	mark    string
	bytes   int
	outlets atomic.Pointer[outlets]
}

// heldLists are the columns in which nearly each text is another: it is not kept
// once it was read.
var heldLists = []int{heldArticles, heldClaims}

// size is about how many bytes rows take, but for the texts that aren't kept.
func (r *cellRows) size() int {
	size := 4 * len(r.weights)
	for i, c := range r.columns {
		size += 4*(len(c.codes)+len(c.at)+len(c.parts)) + 24*len(c.spans) + 8*len(r.counts[i]) + c.values.bytes
		if !slices.Contains(heldLists, i) {
			size += c.texts.bytes
		}
	}
	return size
}

// add appends what heldSQL selects, as long as there is room.
func (r *cellRows) add(rows pgx.Rows, full func() bool) error {
	defer rows.Close()
	var parts []byte
	for rows.Next() {
		if full() {
			return errManyRows
		}
		raw := rows.RawValues()
		for i := range heldTraits {
			if r.reads.has(i) {
				r.columns[i].add(raw[i], i)
			}
		}
		raw = raw[heldTraits:]
		if parts = parts[:0]; r.reads.has(heldTraits) {
			for _, trait := range raw[:traits] {
				parts = append(append(parts, trait...), 0)
			}
			r.columns[heldTraits].add(parts, heldTraits)
		}
		raw = raw[traits:]
		if parts = parts[:0]; r.reads.has(heldSaid) {
			for _, part := range raw[:4] {
				parts = append(parts, part...)
			}
			r.columns[heldSaid].add(parts, heldSaid)
		}
		r.weights = append(r.weights, int32(binary.BigEndian.Uint32(raw[4])))
	}
	return rows.Err()
}

var errManyRows = errors.New("store: more cells than there is room for")

// add appends what a row has in the column, as the database sends it.
func (c *heldColumn) add(raw []byte, column int) {
	code, old := c.texts.number(raw)
	c.codes = append(c.codes, code)
	if old {
		return
	}
	c.at = append(c.at, uint32(len(c.parts)))
	switch column {
	case heldSaid:
		c.spans = append(c.spans, span{edtf.Range{From: dayOf(raw), To: dayOf(raw[4:])}, int32(binary.BigEndian.Uint32(raw[8:])), raw[12] != 0})
	case heldSpeaker, heldOccasion:
		if id, err := uuid.FromBytes(raw); err == nil {
			c.part([]byte(id.String()))
		}
	case heldArticles:
		for ; len(raw) >= 40; raw = raw[20:] { // behind 20 bytes of the list's own come each value's length and itself
			if id, err := uuid.FromBytes(raw[24:40]); err == nil {
				c.part([]byte(id.String()))
			}
		}
	case heldTraits:
	default:
		c.listed(raw)
	}
}

// listed adds the values of a list with commas to the last text.
func (c *heldColumn) listed(values []byte) {
	for value := range bytes.SplitSeq(values, []byte(",")) {
		c.part(value)
	}
}

// part adds a value to the last text.
func (c *heldColumn) part(value []byte) {
	if len(value) > 0 {
		n, _ := c.values.number(value)
		c.parts = append(c.parts, n)
	}
}

// dayOf reads a date as the database sends it: days since 2000.
func dayOf(b []byte) edtf.Day {
	switch n := int32(binary.BigEndian.Uint32(b)); n {
	case 1<<31 - 1:
		return edtf.PosInf
	case -1 << 31:
		return edtf.NegInf
	default:
		return edtf.Day(n) + year2000
	}
}

const year2000 = 10957 // days since 1970

// with returns some columns of rows that begin with these and can be added to,
// which copies them: what is held stays as it is.
func (r *cellRows) with(reads columnSet) *cellRows {
	more := &cellRows{weights: slices.Clip(r.weights), reads: reads, starts: r.starts, counts: r.counts}
	for i, c := range r.columns {
		if reads.has(i) {
			more.columns[i] = heldColumn{codes: slices.Clip(c.codes), texts: c.texts.with(), values: c.values.with(), at: slices.Clip(c.at), parts: slices.Clip(c.parts), spans: slices.Clip(c.spans)}
		}
	}
	return more
}

// sort puts rows of one speaker beside each other, and counts all.
func (h *held) sort() {
	var order []uint32
	order, h.starts = sorted(h.columns[heldSpeaker].codes, h.columns[heldSpeaker].texts.len(), nil)
	for i := range h.columns {
		h.columns[i].codes = ordered(h.columns[i].codes, order)
	}
	h.weights = ordered(h.weights, order)
	for i, c := range h.columns {
		h.counts[i] = make([]int64, c.texts.len())
		for row, code := range c.codes {
			h.counts[i][code] += int64(h.weights[row])
		}
	}
}

func ordered[T any](list []T, order []uint32) []T {
	out := make([]T, len(order))
	for to, from := range order {
		out[to] = list[from]
	}
	return out
}

// sorted are rows, some or, where these are nil, all, in the order of their
// codes, and where in it each code starts, and the last ends.
func sorted(codes []uint32, different int, some []uint32) (order, starts []uint32) {
	if some == nil {
		some = make([]uint32, len(codes))
		for i := range some {
			some[i] = uint32(i)
		}
	}
	starts = make([]uint32, different+1)
	for _, row := range some {
		starts[codes[row]+1]++
	}
	for i := range different {
		starts[i+1] += starts[i]
	}
	next := slices.Clone(starts)
	order = make([]uint32, len(some))
	for _, row := range some {
		order[next[codes[row]]] = row
		next[codes[row]]++
	}
	return order, starts
}

// gather reads all cells, in one snapshot with the changes of them that are not
// folded yet, which are taken off again. Errors: errManyRows, where they take
// more bytes than most.
func (s *Store) gather(ctx context.Context, most int) (*held, error) {
	config := s.heavy.Config().ConnConfig.Copy() // a connection of its own, and no bound on its time
	delete(config.RuntimeParams, "statement_timeout")
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing hangs on it any more
	h := &held{cellRows: cellRows{reads: allColumns}}
	err = pgx.BeginTxFunc(ctx, conn, oneSnapshot, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT mark::text FROM cell_folds`).Scan(&h.mark); err != nil {
			return err
		}
		for _, sql := range []string{fmt.Sprintf(heldSQL, "1", "statement_cells") + " WHERE " + standardScope, fmt.Sprintf(heldSQL, "-n", "cell_changes")} {
			rows, err := tx.Query(ctx, sql, pgx.QueryResultFormats{pgx.BinaryFormatCode})
			if err != nil {
				return err
			}
			full := func() bool { return len(h.weights)%blockRows == 0 && h.size() > most }
			if err := h.add(rows, full); err != nil {
				return err
			}
		}
		if h.size() > most {
			return errManyRows
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	h.sort()
	for _, column := range heldLists {
		h.columns[column].texts.forget()
	}
	h.bytes = h.size()
	return h, nil
}
