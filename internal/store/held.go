package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

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

// The columns held. Each is a list of codes, by which its different values are
// numbered.
const (
	heldSpeaker = iota
	heldKind
	heldBehalf
	heldTargets
	heldTopics
	heldOccasion
	heldSaid
	heldColumns
)

// heldSQL selects them, in this order, and how often the row counts.
const heldSQL = `SELECT speaker, kind, on_behalf_of, target_countries, topics, occasion, said_from, said_to, said_days, said_qualified, %s::int AS n FROM %s s`

// heldBy are the columns of a record in which a dimension has its value, and
// those of cells in which it has all its values.
var heldBy = map[string]int{
	"t.speaker": heldSpeaker, "t.kind": heldKind, "t.on_behalf_of": heldBehalf, "t.occasion": heldOccasion,
	"target_countries": heldTargets, "topics": heldTopics,
}

// heldBytes is what a row takes.
const heldBytes = 4*heldColumns + 1

// A heldColumn is the values of rows, as codes. Of the column heldSaid values are
// spans, of all others texts; a text is empty where there is no value.
type heldColumn struct {
	codes  []uint32
	known  map[string]uint32
	before map[string]uint32 // codes that are known to a column of which this one is a copy
	texts  []string
	spans  []span
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
	weights []int8
	starts  []uint32 // of each speaker's rows, as far as these are beside each other, and the end of the last
}

// held is what is in memory. It never changes.
type held struct {
	cellRows
	mark string
}

// add appends what heldSQL selects, until there are more rows than most.
func (r *cellRows) add(rows pgx.Rows, most int) error {
	defer rows.Close()
	var said []byte
	for rows.Next() {
		if len(r.weights) == most {
			return errManyRows
		}
		raw := rows.RawValues()
		for i := range heldSaid {
			r.columns[i].add(raw[i], func() {
				text := string(raw[i])
				if id, err := uuid.FromBytes(raw[i]); err == nil && (i == heldSpeaker || i == heldOccasion) {
					text = id.String()
				}
				r.columns[i].texts = append(r.columns[i].texts, text)
			})
		}
		said = said[:0]
		for _, part := range raw[heldSaid : heldSaid+4] {
			said = append(said, part...)
		}
		r.columns[heldSaid].add(said, func() {
			r.columns[heldSaid].spans = append(r.columns[heldSaid].spans,
				span{edtf.Range{From: dayOf(said), To: dayOf(said[4:])}, int32(binary.BigEndian.Uint32(said[8:])), said[12] != 0})
		})
		r.weights = append(r.weights, int8(binary.BigEndian.Uint32(raw[heldSaid+4])))
	}
	return rows.Err()
}

var errManyRows = fmt.Errorf("store: more cells than there is room for")

// add appends a value; one that is not known yet is noted by keep.
func (c *heldColumn) add(value []byte, keep func()) {
	code, ok := c.known[string(value)]
	if !ok {
		code, ok = c.before[string(value)]
	}
	if !ok {
		if c.known == nil {
			c.known = map[string]uint32{}
		}
		code = uint32(max(len(c.texts), len(c.spans)))
		c.known[string(value)] = code
		keep()
	}
	c.codes = append(c.codes, code)
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

// with returns rows that begin with these and can be added to: what is held
// stays as it is.
func (r *cellRows) with() *cellRows {
	more := &cellRows{weights: slices.Clip(r.weights), starts: r.starts}
	for i, c := range r.columns {
		more.columns[i] = heldColumn{codes: slices.Clip(c.codes), before: c.known, texts: slices.Clip(c.texts), spans: slices.Clip(c.spans)}
	}
	return more
}

// sort puts rows of one speaker beside each other.
func (h *held) sort() {
	var order []uint32
	order, h.starts = sorted(h.columns[heldSpeaker].codes, len(h.columns[heldSpeaker].texts), nil)
	for i := range h.columns {
		h.columns[i].codes = ordered(h.columns[i].codes, order)
	}
	h.weights = ordered(h.weights, order)
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
// folded yet, which are taken off again.
func (s *Store) gather(ctx context.Context, most int) (*held, error) {
	config := s.heavy.Config().ConnConfig.Copy() // a connection of its own, and no bound on its time
	delete(config.RuntimeParams, "statement_timeout")
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing hangs on it any more
	h := &held{}
	err = pgx.BeginTxFunc(ctx, conn, oneSnapshot, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT mark::text FROM cell_folds`).Scan(&h.mark); err != nil {
			return err
		}
		for _, sql := range []string{fmt.Sprintf(heldSQL, "1", "statement_cells") + " WHERE " + standardScope, fmt.Sprintf(heldSQL, "-n", "cell_changes")} {
			rows, err := tx.Query(ctx, sql, pgx.QueryResultFormats{pgx.BinaryFormatCode})
			if err != nil {
				return err
			}
			if err := h.add(rows, most); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	h.sort()
	return h, nil
}
