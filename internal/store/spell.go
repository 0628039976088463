package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Spellings are the names of records as they are looked for. Like facts they
// follow from the records alone, are written in the transaction that changes
// these, and go with them (write.go). What makes them is claims.Spell, so that
// they are the same whatever locale the database has.

// spellings are rows of the table of that name, column by column.
type spellings struct {
	kinds, records, names, sorts, folded, from, to, denotesKinds, denotes, datasets, keys, ways []string
	n                                                                                           []int32
	of                                                                                          map[string][]string // the records spelt, by kind
}

// add spells the names of a checked input.
func (s *spellings) add(in claims.Input, id string) {
	kind := string(in.Kind())
	for i, name := range claims.Names(in, id) {
		spelling := claims.Spell(name.Text)
		for list, value := range map[*[]string]string{&s.kinds: kind, &s.records: id, &s.names: name.Text, &s.sorts: name.Sort, &s.folded: spelling.Folded,
			&s.from: name.Valid.From.String(), &s.to: name.Valid.To.String(), &s.denotesKinds: string(name.Of), &s.denotes: name.ID,
			&s.datasets: in.Head().Dataset, &s.keys: in.Head().Key, &s.ways: array(spelling.Ways(name.Sort == "acronym"))} {
			*list = append(*list, value)
		}
		s.n = append(s.n, int32(i)) //nolint:gosec // a record has few names
		if i == 0 {
			if s.of == nil {
				s.of = map[string][]string{}
			}
			s.of[kind] = append(s.of[kind], id)
		}
	}
}

// array is how the database writes an array of numbers.
func array(list []int32) string {
	return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ","), "[]") + "}"
}

// queue adds what replaces the spellings of these records.
func (s *spellings) queue(batch *pgx.Batch) {
	for kind, records := range s.of {
		batch.Queue(`DELETE FROM spellings WHERE kind = $1 AND record = ANY($2::text[])`, kind, records)
	}
	if len(s.kinds) > 0 {
		batch.Queue(`INSERT INTO spellings (kind, record, n, name, sort, folded, valid_from, valid_to, denotes_kind, denotes, dataset, key, ways)
			SELECT kind, record, n, name, sort, folded, valid_from::date, valid_to::date, denotes_kind, denotes, dataset, nullif(key, ''), ways::int[]
			FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
				s(kind, record, n, name, sort, folded, valid_from, valid_to, denotes_kind, denotes, dataset, key, ways)`,
			s.kinds, s.records, s.n, s.names, s.sorts, s.folded, s.from, s.to, s.denotesKinds, s.denotes, s.datasets, s.keys, s.ways)
	}
}

// What the index has yet to take in is looked through by each question, so that
// it has to be little. A load lets it grow, and has it taken in at the end: the
// ways of a name lie all over the index.
const (
	fewPending  = `SELECT set_config('gin_pending_list_limit', '256', true)`
	manyPending = `SELECT set_config('gin_pending_list_limit', '65536', true)`
	takeIn      = `SELECT gin_clean_pending_list('spellings_ways_idx')`
)

// spelt is how many records are spelt at once.
const spelt = 2000

// spell spells the records of the kind whose ids, as text, SQL lists of the
// arguments. Where others may be writing them, locked makes them wait.
func (r *resource) spell(ctx context.Context, tx pgx.Tx, locked bool, ids string, args ...any) error {
	for _, sql := range []string{manyPending, `CREATE TEMPORARY TABLE IF NOT EXISTS touched_names (kind text, id text, PRIMARY KEY (kind, id)) ON COMMIT DROP`} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	tag, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO touched_names SELECT '%s', w.id FROM (%s) w(id)`, r.kind, ids), args...)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	bare := r.inputs()
	sql := fmt.Sprintf(`SELECT w.id, %s FROM (SELECT id FROM touched_names WHERE kind = '%s' AND id > $1 ORDER BY id LIMIT %d) w JOIN %s t ON t.id = w.id::%s ORDER BY w.id`,
		bare.selectList(false), r.kind, spelt, r.table, r.idType())
	for last := ""; ; {
		if locked { // before, so that what is read is what has been waited for
			if _, err := tx.Exec(ctx, fmt.Sprintf(`SELECT FROM %[1]s t WHERE t.id IN (SELECT id::%[2]s FROM touched_names WHERE kind = '%[3]s' AND id > $1 ORDER BY id LIMIT %[4]d) ORDER BY t.id FOR SHARE`,
				r.table, r.idType(), r.kind, spelt), last); err != nil {
				return err
			}
		}
		inputs, err := bare.read(ctx, tx, sql, last)
		if err != nil {
			return err
		}
		if len(inputs) == 0 {
			break
		}
		var made spellings
		for _, in := range inputs {
			made.add(in.input, in.id)
		}
		batch := &pgx.Batch{}
		made.queue(batch)
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		last = inputs[len(inputs)-1].id
	}
	_, err = tx.Exec(ctx, takeIn)
	return err
}

// read gives back what clients have written, of a query for ids and fields.
func (r *resource) read(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]draft, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []draft
	for rows.Next() {
		values := rows.RawValues()
		s, err := shapeOf(r.fields, rows.FieldDescriptions(), 1)
		if err != nil {
			return nil, err
		}
		in := claims.New(r.kind)
		if err := json.Unmarshal(append(s.append(nil, values[1:]), '}'), in); err != nil {
			return nil, err
		}
		in.Check(new(claims.Check))
		list = append(list, draft{input: in, id: string(values[0])})
	}
	return list, rows.Err()
}

// spellAll spells all names anew.
func spellAll(ctx context.Context, tx pgx.Tx, locked bool) error {
	for _, kind := range claims.Named {
		if err := resources[kind].respell(ctx, tx, locked); err != nil {
			return err
		}
	}
	return nil
}

// respell spells all names of the kind anew, and forgets those of what is gone.
func (r *resource) respell(ctx context.Context, tx pgx.Tx, locked bool) error {
	if _, err := tx.Exec(ctx, fmt.Sprintf(`DELETE FROM spellings s WHERE s.kind = '%s' AND NOT EXISTS (SELECT FROM %s t WHERE t.id::text = s.record)`, r.kind, r.table)); err != nil {
		return err
	}
	return r.spell(ctx, tx, locked, "SELECT id::text FROM "+r.table)
}

// Respell spells all names anew where they were spelt by other rules than this
// program has, or before there were any.
func (s *Store) Respell(ctx context.Context) error {
	return translate(pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, untimed); err != nil {
			return err
		}
		var rules int
		if err := tx.QueryRow(ctx, `SELECT rules FROM spelling_rules FOR UPDATE`).Scan(&rules); err != nil || rules == claims.SpellingRules {
			return err
		}
		if err := spellAll(ctx, tx, true); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE spelling_rules SET rules = $1`, claims.SpellingRules)
		return err
	}))
}
