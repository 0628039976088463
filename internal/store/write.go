package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"onrecord/internal/claims"
)

// This is the only file that writes record tables, their parts, histories,
// changes, tombstones and names. Each statement takes any number of records
// as one JSON array, so that one record and a bulk load take the same way.

// A draft is a record on its way in: checked, with its id.
type draft struct {
	resource *resource
	input    claims.Input
	id       string
	pointer  string   // where it stands in what was sent
	trees    []string // references to the own kind that are set
}

// stored is a draft as the SQL reads it.
type stored struct {
	N      int    `json:"n"`
	ID     string `json:"id"`
	Digest string `json:"digest"`
	Row    any    `json:"row"`
}

// stored numbers a draft among the transaction's changes.
func (t *transaction) stored(d draft) stored {
	t.changes++
	t.written[d.resource] = append(t.written[d.resource], d.id)
	t.pointers[d.id] = d.pointer
	return stored{t.changes - 1, d.id, hex.EncodeToString(claims.Digest(d.input, d.id)), d.input.Row()}
}

func marshal(docs []stored) string {
	data, err := json.Marshal(docs)
	if err != nil {
		panic(fmt.Sprintf("store: a checked input does not marshal: %v", err))
	}
	return string(data)
}

// drafts checks an input and those nested in it, and gives them ids.
func (s *Store) drafts(in claims.Input, id string) ([]draft, []claims.Reference, error) {
	var c claims.Check
	in.Check(&c)
	if len(c.Problems) > 0 {
		return nil, nil, invalid(c.Problems...)
	}
	if id == "" {
		if id = claims.GivenID(in); id == "" {
			id = s.NewID()
		}
	}
	list := []draft{{resource: resources[in.Kind()], input: in, id: id}}
	for _, ref := range c.References {
		tree := strings.TrimPrefix(ref.Pointer, "/")
		if !slices.Contains(list[0].resource.trees, tree) {
			continue
		}
		if ref.ID == id {
			return nil, nil, invalid(claims.Problem{Pointer: ref.Pointer, Code: "self", Detail: "is the record itself"})
		}
		list[0].trees = append(list[0].trees, tree)
	}
	place := map[claims.Kind]int{} // in the list of its kind
	for _, nested := range in.Nested(id) {
		nestedID := claims.GivenID(nested)
		if nestedID == "" {
			nestedID = s.NewID()
		}
		list = append(list, draft{resource: resources[nested.Kind()], input: nested, id: nestedID, pointer: fmt.Sprintf("/%s/%d", resources[nested.Kind()].path, place[nested.Kind()])})
		place[nested.Kind()]++
	}
	return list, c.References, nil
}

// Create stores a new record with those nested in it. Errors: Invalid, Exists,
// Cycle, Mismatch, InFlight and those of any write.
func (s *Store) Create(ctx context.Context, w Write, in claims.Input) (Written, error) {
	list, refs, err := s.drafts(in, "")
	if err != nil {
		return Written{}, err
	}
	if w.Kind == "" {
		w.Kind = "creates"
	}
	main := list[0]
	if err := s.unguarded(ctx, list, refs); err != nil {
		return Written{}, err
	}
	view, c, err := s.inTx(ctx, w, func(t *transaction) (*answer, error) {
		if w.Idempotency != nil {
			if err := t.claim(ctx, w, main); err != nil {
				return nil, err
			}
		}
		t.create(list)
		return main.resource.view(main.id), nil
	})
	if errors.Is(err, errRepeated) {
		return s.replay(ctx, w, main.resource)
	}
	if err != nil {
		return Written{}, s.explain(ctx, err, list, refs)
	}
	return Written{Record: view.record(), At: c.At}, nil
}

// Update replaces a record by what apply makes of its present input. Of two
// writers who expect the same version exactly one wins. Nothing is written
// where nothing would change. Errors: NotFound, Gone, Stale, Invalid, Exists,
// Cycle and those of any write.
func (s *Store) Update(ctx context.Context, w Write, kind claims.Kind, ref string, version int, apply func(current []byte) (claims.Input, error)) (Written, error) {
	r := resources[kind]
	id, err := referenceID(kind, ref)
	if err != nil {
		return Written{}, failure(NotFound, "no "+string(kind)+" has this id")
	}
	now, current, err := s.input(ctx, r, id)
	if err != nil {
		return Written{}, err
	}
	if now != version {
		return Written{}, stale(version, now)
	}
	in, err := apply(current)
	if err != nil {
		return Written{}, err
	}
	old := claims.New(kind)
	if err := json.Unmarshal(current, old); err != nil {
		return Written{}, fmt.Errorf("store: %s %s does not read as its own input: %w", kind, id, err)
	}
	if problems := claims.Keep(old, in); len(problems) > 0 {
		return Written{}, invalid(problems...)
	}
	list, refs, err := s.drafts(in, id)
	if err != nil {
		return Written{}, err
	}
	var normal claims.Check
	old.Check(&normal)
	if string(claims.Digest(old, id)) == string(claims.Digest(in, id)) {
		record, err := s.one(ctx, r, true, nil, nil, id)
		return Written{Record: record}, err
	}
	added := slices.DeleteFunc(slices.Clone(refs), func(r claims.Reference) bool { return slices.Contains(normal.References, r) })
	if err := s.unguarded(ctx, list, added); err != nil {
		return Written{}, err
	}
	if w.Kind == "" {
		w.Kind = "revises"
	}
	view, c, err := s.inTx(ctx, w, func(t *transaction) (*answer, error) {
		t.replace(list[0], version)
		return r.view(id), nil
	})
	if err != nil {
		if CodeOf(err) == Stale {
			if now, _, gone := s.input(ctx, r, id); gone != nil {
				return Written{}, gone
			} else {
				return Written{}, stale(version, now)
			}
		}
		return Written{}, s.explain(ctx, err, list, refs)
	}
	return Written{Record: view.record(), At: c.At}, nil
}

func stale(expected, current int) *Error {
	return failure(Stale, fmt.Sprintf("version %d was expected, the current one is %d", expected, current))
}

// Delete takes a record out, with the records it owns, and leaves a tombstone.
// Errors: NotFound, Gone, Stale, InUse and those of any write.
func (s *Store) Delete(ctx context.Context, w Write, kind claims.Kind, ref string, version int) (Written, error) {
	r := resources[kind]
	id, err := referenceID(kind, ref)
	if err != nil {
		return Written{}, failure(NotFound, "no "+string(kind)+" has this id")
	}
	if w.Kind == "" {
		w.Kind = "deletes"
	}
	_, c, err := s.inTx(ctx, w, func(t *transaction) (*answer, error) {
		if err := t.lock(ctx, s, r, id, version); err != nil {
			return nil, err
		}
		if err := t.untouch(ctx, r, id); err != nil {
			return nil, err
		}
		for _, o := range r.owned {
			t.remove(resources[o.kind], o.column, id)
		}
		t.remove(r, "id", id)
		return nil, nil
	})
	return Written{Record: Record{ID: id, Version: version, Seq: c.Seq}, At: c.At}, err
}

// create queues the records, kind by kind in the order of their dependence.
func (t *transaction) create(list []draft) {
	for _, kind := range claims.Kinds {
		var docs []stored
		var named []string
		trees := map[string][]string{}
		for _, d := range list {
			if d.input.Kind() != kind {
				continue
			}
			docs = append(docs, t.stored(d))
			t.touched.touch(d.input, d.id, true)
			if d.input.Head().Key != "" || !kind.Keyed() {
				named = append(named, d.id)
			}
			for _, tree := range d.trees {
				trees[tree] = append(trees[tree], d.id)
			}
		}
		if len(docs) == 0 {
			continue
		}
		r := resources[kind]
		t.names(r, named)
		t.insert(r, docs)
		t.track(r, trees)
	}
}

func (t *transaction) track(r *resource, trees map[string][]string) {
	for column, ids := range trees {
		t.trees = append(t.trees, treeCheck{r, column, ids})
	}
}

// names queues the claim of keys' ids for a kind, for life. A key whose record
// was deleted gives the same id to the next one.
func (t *transaction) names(r *resource, ids []string) {
	if len(ids) == 0 {
		return
	}
	if !r.kind.Keyed() {
		t.batch.Queue(unkeyedLock, ids, r.kind)
		return
	}
	t.batch.Queue(`INSERT INTO names (id, kind) SELECT id, $2 FROM unnest($1::uuid[]) id ORDER BY id
		ON CONFLICT (id) DO UPDATE SET kind = names.kind RETURNING id::text, kind`, ids, r.kind).
		Query(func(rows pgx.Rows) error {
			var id, kind string
			_, err := pgx.ForEachRow(rows, []any{&id, &kind}, func() error {
				if kind != string(r.kind) {
					return taken(t.pointers[id]+"/key", "this key names a "+kind)
				}
				return nil
			})
			return err
		})
	if r.ofStatement() { // its primary key is wider than the id
		t.batch.Queue(fmt.Sprintf(`SELECT id::text FROM %s WHERE id = ANY($1::uuid[])`, r.table), ids).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err == nil && len(found) > 0 {
				err = taken(t.pointers[found[0]]+"/key", "a "+string(r.kind)+" with this key exists")
			}
			return err
		})
	}
}

func taken(pointer, detail string) *Error {
	return &Error{Code: Exists, Detail: detail, Problems: []claims.Problem{{Pointer: pointer, Code: "exists", Detail: "is taken"}}}
}

// insert queues new records with their parts. A deleted record that comes back
// goes on with its versions.
func (t *transaction) insert(r *resource, docs []stored) {
	data := marshal(docs)
	t.batch.Queue(`DELETE FROM tombstones WHERE kind = $2 AND id IN (SELECT e->>'id' FROM jsonb_array_elements($1::jsonb) e)`, data, r.kind)
	var columns, values []string
	for _, c := range r.allColumns() {
		columns = append(columns, quote(c))
		switch c {
		case "id":
			values = append(values, "d.id")
		case "version":
			values = append(values, fmt.Sprintf("1 + coalesce((SELECT max(h.version) FROM %s_history h WHERE h.id = d.id), 0)", r.table))
		case "created_tx", "tx":
			values = append(values, "$2::bigint")
		default:
			values = append(values, "r."+quote(c))
		}
	}
	t.batch.Queue(fmt.Sprintf(`WITH d AS (
			SELECT (e->>'n')::int AS n, (e->>'id')::%[2]s AS id, decode(e->>'digest', 'hex') AS digest, e->'row' AS row FROM jsonb_array_elements($1::jsonb) e
		), made AS (
			INSERT INTO %[1]s (%[3]s) SELECT %[4]s FROM d, jsonb_populate_record(NULL::%[1]s, d.row) r RETURNING id, version
		)
		INSERT INTO changes (tx, n, kind, id, version, op, digest)
		SELECT $2::bigint, d.n, '%[5]s', d.id::text, made.version, 'create', d.digest FROM d JOIN made USING (id)`,
		r.table, r.idType(), strings.Join(columns, ", "), strings.Join(values, ", "), r.kind), data, t.number)
	t.insertParts(r, data)
}

func (t *transaction) insertParts(r *resource, docs string) {
	for _, p := range r.parts {
		var values []string
		for _, parent := range r.parents() {
			value := "(e->>'id')::" + r.idType()
			if parent[1] != "id" {
				value = "(e->'row'->>'" + parent[1] + "')::uuid"
			}
			values = append(values, value)
		}
		t.batch.Queue(fmt.Sprintf(`INSERT INTO %[1]s (%[2]s)
			SELECT %[3]s, p.n - 1, $2::bigint, %[4]s FROM jsonb_array_elements($1::jsonb) e,
				jsonb_array_elements(e->'row'->'%[5]s') WITH ORDINALITY p(doc, n), jsonb_populate_record(NULL::%[1]s, p.doc) r`,
			p.table, quoted("", r.partColumns(p)), strings.Join(values, ", "), quoted("r.", p.written()), p.field), docs, t.number)
	}
}

// replace queues the next version of a record. The version before goes into
// history, its parts with it. No row means that another writer was first.
func (t *transaction) replace(d draft, version int) {
	r := d.resource
	data := marshal([]stored{t.stored(d)})
	t.touched.touch(d.input, d.id, false)
	all := r.allColumns()
	set := []string{"version = t.version + 1", "tx = $2::bigint"}
	for _, c := range all {
		if !slices.Contains([]string{"id", "key", "version", "created_tx", "tx"}, c) {
			set = append(set, quote(c)+" = r."+quote(c))
		}
	}
	t.batch.Queue(fmt.Sprintf(`WITH d AS (
			SELECT (e->>'n')::int AS n, (e->>'id')::%[2]s AS id, decode(e->>'digest', 'hex') AS digest, e->'row' AS row FROM jsonb_array_elements($1::jsonb) e
		), before AS (
			INSERT INTO %[1]s_history (%[3]s, to_tx) SELECT %[4]s, $2::bigint FROM %[1]s t JOIN d USING (id) WHERE t.version = $3
		), made AS (
			UPDATE %[1]s t SET %[5]s FROM d, jsonb_populate_record(NULL::%[1]s, d.row) r WHERE t.id = d.id AND t.version = $3 RETURNING t.id, t.version
		)
		INSERT INTO changes (tx, n, kind, id, version, op, digest)
		SELECT $2::bigint, d.n, '%[6]s', d.id::text, made.version, 'update', d.digest FROM d JOIN made USING (id)`,
		r.table, r.idType(), quoted("", all), quoted("t.", all), strings.Join(set, ", "), r.kind), data, t.number, version).
		Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != 1 {
				return failure(Stale, "another writer was first")
			}
			return nil
		})
	t.removeParts(r, "id", d.id)
	t.insertParts(r, data)
	for _, tree := range d.trees {
		t.trees = append(t.trees, treeCheck{r, tree, []string{d.id}})
	}
}

// remove queues the deletion of the records whose column has the value.
func (t *transaction) remove(r *resource, column, value string) {
	t.removeParts(r, column, value)
	all := r.allColumns()
	t.batch.Queue(fmt.Sprintf(`WITH gone AS (
			DELETE FROM %[1]s t WHERE t.%[2]s = $1 RETURNING %[4]s
		), before AS (
			INSERT INTO %[1]s_history (%[3]s, to_tx) SELECT %[3]s, $2::bigint FROM gone
		), stones AS (
			INSERT INTO tombstones (kind, id, version, tx) SELECT '%[5]s', id::text, version, $2::bigint FROM gone
		)
		INSERT INTO changes (tx, n, kind, id, version, op, digest)
		SELECT $2::bigint, (SELECT count(*) FROM changes WHERE tx = $2::bigint) + row_number() OVER (ORDER BY id) - 1, '%[5]s', id::text, version, 'delete', ''::bytea FROM gone`,
		r.table, quote(column), quoted("", all), quoted("t.", all), r.kind), value, t.number)
}

// removeParts queues the move of parts into history.
func (t *transaction) removeParts(r *resource, column, value string) {
	for _, p := range r.parts {
		all := quoted("", r.partColumns(p))
		var on []string
		for _, parent := range r.parents() {
			on = append(on, "p."+quote(parent[0])+" = t."+quote(parent[1]))
		}
		t.batch.Queue(fmt.Sprintf(`WITH gone AS (DELETE FROM %[1]s p USING %[2]s t WHERE %[3]s AND t.%[4]s = $1 RETURNING p.*)
			INSERT INTO %[1]s_history (%[5]s, to_tx) SELECT %[5]s, $2::bigint FROM gone`,
			p.table, r.table, strings.Join(on, " AND "), quote(column), all), value, t.number)
	}
}

// lock holds a record for deletion and makes sure that it is the version
// expected and that nothing outside depends on it.
func (t *transaction) lock(ctx context.Context, s *Store, r *resource, id string, version int) error {
	if err := t.claimIDs(ctx, r, id); err != nil {
		return err
	}
	var now int
	err := t.QueryRow(ctx, fmt.Sprintf("SELECT version FROM %s WHERE id = $1 FOR UPDATE", r.table), id).Scan(&now)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return s.missing(ctx, t, r, id, nil)
	case err != nil:
		return err
	case now != version:
		return stale(version, now)
	}
	for _, o := range r.owned {
		if _, err := t.Exec(ctx, fmt.Sprintf("SELECT id FROM %s WHERE %s = $1 FOR UPDATE", resources[o.kind].table, quote(o.column)), id); err != nil {
			return err
		}
	}
	sql := dependentsSQL(r)
	if sql == "" {
		return nil
	}
	rows, _ := t.Query(ctx, sql, id)
	dependents, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Dependent])
	if err != nil || len(dependents) == 0 {
		return err
	}
	return &Error{Code: InUse, Detail: "other records refer to it", Dependents: dependents}
}

// claimIDs makes a deletion wait for whoever creates the same record, or one
// that it owns, and the other way round: by the rows of names that a create
// claims too, for codes and slugs by a lock of their own.
func (t *transaction) claimIDs(ctx context.Context, r *resource, id string) error {
	if !r.kind.Keyed() {
		_, err := t.Exec(ctx, unkeyedLock, []string{id}, r.kind)
		return err
	}
	ids := "SELECT $1::uuid"
	for _, o := range r.owned {
		ids += fmt.Sprintf(" UNION SELECT id FROM %s WHERE %s = $1", resources[o.kind].table, quote(o.column))
	}
	_, err := t.Exec(ctx, "SELECT id FROM names WHERE id IN ("+ids+") ORDER BY id FOR UPDATE", id)
	return err
}

const unkeyedLock = `SELECT pg_advisory_xact_lock(hashtextextended($2 || ' ' || id, 0)) FROM (SELECT unnest($1::text[]) AS id ORDER BY 1) ids`

// maxDependents is how many of the records in the way are named.
const maxDependents = 20

// dependentsSQL finds the records outside that refer to a record of r.
func dependentsSQL(r *resource) string {
	var list []string
	add := func(kind claims.Kind, id, table string, cols []column) {
		for _, c := range cols {
			if c.refs == r.kind && !slices.Contains(r.owned, owned{kind, c.name}) {
				list = append(list, fmt.Sprintf("SELECT '%s', %s::text FROM %s WHERE %s = $1::%s", kind, quote(id), table, quote(c.name), r.idType()))
			}
		}
	}
	if r.kind == claims.KindStatement { // its positions go with it, which others may withdraw
		list = append(list, `SELECT 'position', w.id::text FROM positions p JOIN positions w ON w.withdraws = p.id AND w.statement <> p.statement WHERE p.statement = $1`)
	}
	if r.kind == claims.KindReport { // from which the statement's wording may be copied
		list = append(list, `SELECT 'statement', s.id::text FROM reports r JOIN statements s ON s.id = r.statement AND s.text_from = r.article WHERE r.id = $1`)
	}
	if r.kind == claims.KindSpeaker || r.kind == claims.KindCountry {
		list = append(list, fmt.Sprintf(`SELECT 'report', report::text FROM renderings WHERE names_as_given @> jsonb_build_array(jsonb_build_object('%s', $1::text))`, r.kind))
	}
	for _, kind := range claims.Kinds {
		other := resources[kind]
		add(kind, "id", other.table, other.columns)
		for _, p := range other.parts {
			parents := other.parents()
			add(kind, parents[len(parents)-1][0], p.table, p.columns)
		}
	}
	if list == nil {
		return ""
	}
	return "SELECT * FROM (" + strings.Join(list, " UNION ") + fmt.Sprintf(") d(kind, id) WHERE (kind, id) <> ('%s', $1::text) LIMIT %d", r.kind, maxDependents)
}

// input is the version of a record and what a client may write of it, as JSON.
func (s *Store) input(ctx context.Context, r *resource, id string) (int, []byte, error) {
	a := r.inputs().view(id)
	a.primary = true
	sql, args := a.resource.oneSQL(nil, id)
	if err := s.ask(ctx, a, sql, args); err != nil {
		return 0, nil, err
	}
	if a.count == 0 {
		return 0, nil, s.missing(ctx, s.write, r, id, nil)
	}
	record := a.record()
	return record.Version, record.JSON, nil
}
