package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Facts are what follows from the records and is filtered or sorted by. They
// are computed by the statements of this file, always from the records alone,
// in the transaction that changes these. Whatever another writer may change at
// the same time is locked first, so that facts never miss a commit; but for
// what may concern many statements (wide.go).

// touched are the records whose facts, or the facts that depend on them, a
// transaction has to compute.
type touched struct {
	sources, articles, claims, statements []string
	speakers                              []string             // the claims about them, and the statements against them
	gone                                  []string             // statements that are deleted
	kinds                                 map[claims.Kind]bool // that have documents of their own
	roots                                 bool                 // chains of owners or of syndication change
	names                                 spellings
}

// touch notes what a record that is written means for the facts.
func (t *touched) touch(in claims.Input, id string, created bool) {
	t.wrote(in.Kind())
	t.names.add(in, id)
	switch in := in.(type) {
	case *claims.SourceInput:
		t.sources = append(t.sources, id)
		t.roots = t.roots || !created || !in.Owner.IsZero()
	case *claims.ArticleInput:
		t.articles = append(t.articles, id)
		t.roots = t.roots || !created || !in.SyndicatedFrom.IsZero()
	case *claims.SpeakerInput:
		if !created {
			t.speakers = append(t.speakers, id)
		}
	case *claims.ClaimInput:
		t.claims = append(t.claims, id)
	case *claims.StatementInput:
		t.statements = append(t.statements, id)
	case *claims.ReportInput:
		t.statements = append(t.statements, in.Statement.String())
	case *claims.PositionInput:
		t.statements = append(t.statements, in.Statement.String())
		t.claims = append(t.claims, in.Claim.String())
	}
}

// wrote notes that records of a kind are written. The documents of statements
// follow from their reports too, and are computed with their facts.
func (t *touched) wrote(kind claims.Kind) {
	if _, ok := documentOf(kind); !ok || kind == claims.KindStatement {
		return
	}
	if t.kinds == nil {
		t.kinds = map[claims.Kind]bool{}
	}
	t.kinds[kind] = true
}

// untouch notes what a record that is about to be deleted means for the facts.
func (t *transaction) untouch(ctx context.Context, r *resource, id string) error {
	if r.kind == claims.KindStatement {
		t.touched.gone = append(t.touched.gone, id)
	}
	sql := map[claims.Kind]string{
		claims.KindStatement: "SELECT claim, NULL::uuid FROM positions WHERE statement = $1",
		claims.KindPosition:  "SELECT claim, statement FROM positions WHERE id = $1",
		claims.KindReport:    "SELECT NULL::uuid, statement FROM reports WHERE id = $1",
	}[r.kind]
	if sql == "" {
		return nil
	}
	rows, err := t.Query(ctx, sql, id)
	if err != nil {
		return err
	}
	var claim, statement *string
	_, err = pgx.ForEachRow(rows, []any{&claim, &statement}, func() error {
		for list, v := range map[*[]string]*string{&t.touched.claims: claim, &t.touched.statements: statement} {
			if v != nil {
				*list = append(*list, *v)
			}
		}
		return nil
	})
	return err
}

// facts queues the computation of all facts that the transaction touches.
func (t *transaction) facts() {
	f := &t.touched
	if len(f.names.of) > 0 {
		t.batch.Queue(fewPending)
		f.names.queue(&t.batch)
	}
	if f.roots {
		t.batch.Queue(lockRoots)
	}
	if len(f.sources) > 0 {
		t.batch.Queue(rootsSQL("source_facts", "source", "family", "sources", "owner"), f.sources)
	}
	if len(f.articles) > 0 {
		t.batch.Queue(rootsSQL("article_facts", "article", "origin", "articles", "syndicated_from"), f.articles)
	}
	if len(f.speakers) > 0 {
		t.batch.Queue(`SELECT id FROM claims WHERE id IN (`+claimsAbout+`) ORDER BY id FOR NO KEY UPDATE`, f.speakers)
		t.batch.Queue(fmt.Sprintf(claimFactsSQL, claimsAbout, "$2"), f.speakers, t.number)
		for _, sql := range []string{holdSpeakersSQL, holdAgainstSQL, fmt.Sprintf(cellsSQL, againstSpeakers)} {
			t.batch.Queue(fmt.Sprintf(sql, unnested), f.speakers, t.number)
		}
	}
	if len(f.gone) > 0 {
		t.batch.Queue(fmt.Sprintf(cellsSQL, unnested), f.gone)
	}
	for _, d := range documents {
		if f.kinds[d.kind] {
			t.batch.Queue(writtenDocsSQL(d.kind), t.number)
		}
	}
	if len(f.statements)+len(f.claims) == 0 {
		return
	}
	statements, claimed := list(f.statements), list(f.claims)
	t.batch.Queue(`SELECT id FROM claims WHERE id IN (`+claimsTouched+`) AND tx <> $3 ORDER BY id FOR NO KEY UPDATE`, statements, claimed, t.number)
	t.batch.Queue(fmt.Sprintf(claimFactsSQL, claimsTouched, "$3"), statements, claimed, t.number)
	if len(f.statements) > 0 {
		t.batch.Queue(fmt.Sprintf(holdTargetsSQL, unnested), statements)
	}
	t.batch.Queue(lockFactsSQL, statements, claimed, t.number)
	if len(f.statements) > 0 {
		t.batch.Queue(fmt.Sprintf(statementFactsSQL, unnested), statements)
		t.batch.Queue(fmt.Sprintf(cellsSQL, unnested), statements)
		t.batch.Queue(docsSQL(claims.KindStatement, unnested), statements)
	}
	t.batch.Queue(denialSQL, statements, claimed, t.number)
}

// list is never nil, which the database would read as unknown.
func list(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}

// lockRoots lets one transaction at a time change chains.
const lockRoots = `SELECT pg_advisory_xact_lock(hashtextextended('onrecord roots', 0))`

// claimsAbout are the claims about the speakers $1.
const claimsAbout = `SELECT claim FROM claim_about WHERE speaker = ANY($1::uuid[])`

const unnested = `SELECT unnest($1::uuid[])`

// What $1 (statements) and $2 (claims) touch in transaction $3: the claims that
// these statements take a position on, and all statements with a position on
// those of which it is now somebody else who denies them.
const (
	claimsTouched = `SELECT unnest($2::uuid[]) UNION SELECT claim FROM positions WHERE statement = ANY($1::uuid[])`
	denialTouched = `SELECT p.statement FROM claim_facts f JOIN positions p ON p.claim = f.claim WHERE f.claim IN (` + claimsTouched + `) AND f.denied_tx = $3`
)
