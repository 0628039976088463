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
// changes, tombstones and names, and takes spellings out. Each statement takes any number of records
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
	N       int    `json:"n"`
	ID      string `json:"id"`
	Version int    `json:"version"` // that an update replaces
	Digest  string `json:"digest"`
	Row     any    `json:"row"`
}

// stored numbers a draft among the transaction's changes.
func (t *transaction) stored(d draft, version int) stored {
	t.changes++
	t.written[d.resource] = append(t.written[d.resource], d.id)
	t.pointers[d.id] = d.pointer
	return stored{t.changes - 1, d.id, version, hex.EncodeToString(claims.Digest(d.input, d.id)), d.input.Row()}
}

// A source is SQL that lists records to be written, as n, id, version, digest
// and row; $1 is its parameter.
type source string

// sent are records as a JSON array of stored.
const sent source = `SELECT (e->>'n')::int AS n, e->>'id' AS id, (e->>'version')::int AS version, decode(e->>'digest', 'hex') AS digest, e->'row' AS row FROM jsonb_array_elements($1::jsonb) e`

func marshal(docs []stored) string {
	data, err := json.Marshal(docs)
	if err != nil {
		panic(fmt.Sprintf("store: a checked input does not marshal: %v", err))
	}
	return string(data)
}

// drafts checks an input and those nested in it, and gives them ids.
func (s *Store) drafts(in claims.Input, id string) ([]draft, []claims.Reference, error) {
	return s.draftsOf(in, id, new(claims.Check))
}

func (s *Store) draftsOf(in claims.Input, id string, c *claims.Check) ([]draft, []claims.Reference, error) {
	in.Check(c)
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
			docs = append(docs, t.stored(d, 0))
			t.touched.touch(d.input, d.id, true)
			if d.input.Head().Key != "" || !kind.Keyed() || kind == claims.KindSpeaker { // whose row in names is a lock too (cells.go)
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
		t.trees = append(t.trees, treeCheck{r, column, unnestedText, ids})
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
	t.batch.Queue(namesSQL(unnestedText), ids, r.kind).Query(func(rows pgx.Rows) error {
		var id, kind string
		_, err := pgx.ForEachRow(rows, []any{&id, &kind}, func() error {
			return taken(t.pointers[id]+"/key", "this key names a "+kind)
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

// namesSQL claims the ids that SQL lists of $1, as text, for the kind $2, and
// lists those that name another kind. Who deletes or creates the same waits.
func namesSQL(ids string) string {
	return `WITH claimed AS (INSERT INTO names (id, kind) SELECT w.id::uuid, $2 FROM (` + ids + `) w(id) ORDER BY 1
		ON CONFLICT (id) DO UPDATE SET kind = names.kind RETURNING id, kind) SELECT id::text, kind FROM claimed WHERE kind <> $2`
}

func taken(pointer, detail string) *Error {
	return &Error{Code: Exists, Detail: detail, Problems: []claims.Problem{{Pointer: pointer, Code: "exists", Detail: "is taken"}}}
}

// insert queues new records with their parts.
func (t *transaction) insert(r *resource, docs []stored) {
	data := marshal(docs)
	for _, sql := range r.insertSQL(sent) {
		t.batch.Queue(sql, data, t.number)
	}
}

// insertSQL inserts new records with their parts, in transaction $2. A deleted
// record that comes back goes on with its versions.
func (r *resource) insertSQL(from source) []string {
	var columns, values []string
	for _, c := range r.allColumns() {
		columns = append(columns, quote(c))
		switch c {
		case "id":
			values = append(values, "d.id::"+r.idType())
		case "version":
			values = append(values, fmt.Sprintf("1 + coalesce((SELECT max(h.version) FROM %s_history h WHERE h.id = d.id::%s), 0)", r.table, r.idType()))
		case "created_tx", "tx":
			values = append(values, "$2::bigint")
		default:
			values = append(values, "r."+quote(c))
		}
	}
	list := []string{
		fmt.Sprintf(`DELETE FROM tombstones WHERE $2::bigint > 0 AND kind = '%s' AND id IN (SELECT id FROM (%s) d)`, r.kind, from),
		fmt.Sprintf(`WITH made AS (
			INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM (%[4]s) d, jsonb_populate_record(NULL::%[1]s, d.row) r RETURNING id, version
		)
		INSERT INTO changes (tx, n, kind, id, version, op, digest)
		SELECT $2::bigint, d.n, '%[5]s', d.id, made.version, 'create', d.digest FROM (%[4]s) d JOIN made ON made.id = d.id::%[6]s`,
			r.table, strings.Join(columns, ", "), strings.Join(values, ", "), from, r.kind, r.idType())}
	return append(list, r.partsSQL(from)...)
}

// partsSQL inserts the parts of records.
func (r *resource) partsSQL(from source) []string {
	var list []string
	for _, p := range r.parts {
		var values []string
		for _, parent := range r.parents() {
			value := "d.id::" + r.idType()
			if parent[1] != "id" {
				value = "(d.row->>'" + parent[1] + "')::uuid"
			}
			values = append(values, value)
		}
		list = append(list, fmt.Sprintf(`INSERT INTO %[1]s (%[2]s)
			SELECT %[3]s, p.n - 1, $2::bigint, %[4]s FROM (%[5]s) d,
				jsonb_array_elements(d.row->'%[6]s') WITH ORDINALITY p(doc, n), jsonb_populate_record(NULL::%[1]s, p.doc) r`,
			p.table, quoted("", r.partColumns(p)), strings.Join(values, ", "), quoted("r.", p.written()), from, p.field))
	}
	return list
}

// replace queues the next version of a record. The version before goes into
// history, its parts with it. No row means that another writer was first.
func (t *transaction) replace(d draft, version int) {
	data := marshal([]stored{t.stored(d, version)})
	t.touched.touch(d.input, d.id, false)
	for i, sql := range d.resource.replaceSQL(sent) {
		queued := t.batch.Queue(sql, data, t.number)
		if i == 0 {
			queued.Exec(func(tag pgconn.CommandTag) error {
				if tag.RowsAffected() != 1 {
					return failure(Stale, "another writer was first")
				}
				return nil
			})
		}
	}
	for _, tree := range d.trees {
		t.trees = append(t.trees, treeCheck{d.resource, tree, unnestedText, []string{d.id}})
	}
}

// replaceSQL replaces records and their parts, in transaction $2; its first
// statement writes one row of changes for each record that had the version.
func (r *resource) replaceSQL(from source) []string {
	all := r.allColumns()
	set := []string{"version = t.version + 1", "tx = $2::bigint"}
	for _, c := range all {
		if !slices.Contains([]string{"id", "key", "version", "created_tx", "tx"}, c) {
			set = append(set, quote(c)+" = r."+quote(c))
		}
	}
	list := []string{fmt.Sprintf(`WITH d AS (%[7]s), before AS (
			INSERT INTO %[1]s_history (%[3]s, to_tx) SELECT %[4]s, $2::bigint FROM %[1]s t JOIN d ON t.id = d.id::%[2]s WHERE t.version = d.version
		), made AS (
			UPDATE %[1]s t SET %[5]s FROM d, jsonb_populate_record(NULL::%[1]s, d.row) r WHERE t.id = d.id::%[2]s AND t.version = d.version RETURNING t.id, t.version
		)
		INSERT INTO changes (tx, n, kind, id, version, op, digest)
		SELECT $2::bigint, d.n, '%[6]s', d.id, made.version, 'update', d.digest FROM d JOIN made ON made.id = d.id::%[2]s`,
		r.table, r.idType(), quoted("", all), quoted("t.", all), strings.Join(set, ", "), r.kind, from)}
	list = append(list, r.removePartsSQL(fmt.Sprintf("t.id IN (SELECT d.id::%s FROM (%s) d)", r.idType(), from))...)
	return append(list, r.partsSQL(from)...)
}

// remove queues the deletion of the records whose column has the value.
func (t *transaction) remove(r *resource, column, value string) {
	for _, sql := range r.removeSQL("t." + quote(column) + " = $1") {
		t.batch.Queue(sql, value, t.number)
	}
}

// removeSQL deletes the records t for which the condition on $1 holds, with
// their parts, in transaction $2.
func (r *resource) removeSQL(condition string) []string {
	all := r.allColumns()
	list := r.removePartsSQL(condition)
	if slices.Contains(claims.Named, r.kind) {
		list = append(list, fmt.Sprintf(`DELETE FROM spellings WHERE $2::bigint > 0 AND kind = '%s' AND record IN (SELECT t.id::text FROM %s t WHERE %s)`, r.kind, r.table, condition))
	}
	return append(list, fmt.Sprintf(`WITH gone AS (
			DELETE FROM %[1]s t WHERE %[2]s RETURNING %[4]s
		), before AS (
			INSERT INTO %[1]s_history (%[3]s, to_tx) SELECT %[3]s, $2::bigint FROM gone
		), stones AS (
			INSERT INTO tombstones (kind, id, version, tx) SELECT '%[5]s', id::text, version, $2::bigint FROM gone
		)
		INSERT INTO changes (tx, n, kind, id, version, op, digest)
		SELECT $2::bigint, (SELECT count(*) FROM changes WHERE tx = $2::bigint) + row_number() OVER (ORDER BY id) - 1, '%[5]s', id::text, version, 'delete', ''::bytea FROM gone`,
		r.table, condition, quoted("", all), quoted("t.", all), r.kind))
}

// removePartsSQL moves the parts of such records into history.
func (r *resource) removePartsSQL(condition string) []string {
	var list []string
	for _, p := range r.parts {
		all := quoted("", r.partColumns(p))
		var on []string
		for _, parent := range r.parents() {
			on = append(on, "p."+quote(parent[0])+" = t."+quote(parent[1]))
		}
		list = append(list, fmt.Sprintf(`WITH gone AS (DELETE FROM %[1]s p USING %[2]s t WHERE %[3]s AND %[4]s RETURNING p.*)
			INSERT INTO %[1]s_history (%[5]s, to_tx) SELECT %[5]s, $2::bigint FROM gone`,
			p.table, r.table, strings.Join(on, " AND "), condition, all))
	}
	return list
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

const (
	unkeyedLock = `SELECT pg_advisory_xact_lock_shared(hashtextextended($2, 0)), pg_advisory_xact_lock(hashtextextended($2 || ' ' || id, 0)) FROM (SELECT unnest($1::text[]) AS id ORDER BY 1) ids`

	// unkeyedKindLock is for all codes or slugs of the kind $1.
	unkeyedKindLock = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`
)

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
