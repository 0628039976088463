package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Facts are what follows from the records and is filtered or sorted by. They
// are computed by the statements of this file, always from the records alone,
// in the transaction that changes these. Whatever another writer may change at
// the same time is locked first, so that facts never miss a commit. Changes
// that concern many statements (an owner, a rating, a syndication, an
// occasion's kind) mark them stale; Drain computes those again in batches.

// touched are the records whose facts, or the facts that depend on them, a
// transaction has to compute.
type touched struct {
	sources, articles, claims, statements []string
	wideSources, wideArticles             []string // all statements that they carry
	wideEvents                            []string // all statements said at them
	roots                                 bool     // chains of owners or of syndication change
}

// touch notes what a record that is written means for the facts.
func (t *touched) touch(in claims.Input, id string, created bool) {
	switch in := in.(type) {
	case *claims.SourceInput:
		t.sources = append(t.sources, id)
		if t.roots = t.roots || !created || !in.Owner.IsZero(); !created {
			t.wideSources = append(t.wideSources, id)
		}
	case *claims.ArticleInput:
		t.articles = append(t.articles, id)
		if t.roots = t.roots || !created || !in.SyndicatedFrom.IsZero(); !created {
			t.wideArticles = append(t.wideArticles, id)
		}
	case *claims.RatingInput:
		t.wideSources = append(t.wideSources, in.Source.String())
	case *claims.EventInput:
		if !created {
			t.wideEvents = append(t.wideEvents, id)
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

// untouch notes what a record that is about to be deleted means for the facts.
func (t *transaction) untouch(ctx context.Context, r *resource, id string) error {
	sql := map[claims.Kind]string{
		claims.KindStatement: "SELECT claim, NULL::uuid, NULL::uuid FROM positions WHERE statement = $1",
		claims.KindPosition:  "SELECT claim, statement, NULL::uuid FROM positions WHERE id = $1",
		claims.KindReport:    "SELECT NULL::uuid, statement, NULL::uuid FROM reports WHERE id = $1",
		claims.KindRating:    "SELECT NULL::uuid, NULL::uuid, source FROM ratings WHERE id = $1",
	}[r.kind]
	if sql == "" {
		return nil
	}
	rows, err := t.Query(ctx, sql, id)
	if err != nil {
		return err
	}
	var claim, statement, source *string
	_, err = pgx.ForEachRow(rows, []any{&claim, &statement, &source}, func() error {
		for list, v := range map[*[]string]*string{&t.touched.claims: claim, &t.touched.statements: statement, &t.touched.wideSources: source} {
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
	if f.roots {
		t.batch.Queue(`SELECT pg_advisory_xact_lock(hashtextextended('onrecord roots', 0))`)
	}
	if len(f.sources) > 0 {
		t.batch.Queue(rootsSQL("source_facts", "source", "family", "sources", "owner"), f.sources)
	}
	if len(f.articles) > 0 {
		t.batch.Queue(rootsSQL("article_facts", "article", "origin", "articles", "syndicated_from"), f.articles)
	}
	if len(f.wideSources)+len(f.wideArticles)+len(f.wideEvents) > 0 {
		t.batch.Queue(staleSQL, list(f.wideSources), list(f.wideArticles), list(f.wideEvents))
	}
	if len(f.statements)+len(f.claims) == 0 {
		return
	}
	statements, claimed := list(f.statements), list(f.claims)
	t.batch.Queue(`SELECT id FROM claims WHERE id IN (`+claimsTouched+`) AND tx <> $3 ORDER BY id FOR NO KEY UPDATE`, statements, claimed, t.number)
	t.batch.Queue(`SELECT id FROM statements WHERE id IN (`+statementsTouched+`) AND tx <> $3 ORDER BY id FOR NO KEY UPDATE`, statements, claimed, t.number)
	t.batch.Queue(fmt.Sprintf(claimFactsSQL, claimsTouched), statements, claimed)
	t.batch.Queue(fmt.Sprintf(statementFactsSQL, statementsTouched), statements, claimed)
}

// list is never nil, which the database would read as unknown.
func list(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}

// What $1 (statements) and $2 (claims) touch: the claims that these statements
// take a position on, and all statements with a position on those.
const (
	claimsTouched     = `SELECT unnest($2::uuid[]) UNION SELECT claim FROM positions WHERE statement = ANY($1::uuid[])`
	statementsTouched = `SELECT unnest($1::uuid[]) UNION SELECT statement FROM positions WHERE claim IN (` + claimsTouched + `)`
)

// rootsSQL keeps the root of each chain: for the records $1 and all below them.
func rootsSQL(facts, id, root, table, parent string) string {
	return fmt.Sprintf(`WITH RECURSIVE below(id) AS (
			SELECT unnest($1::uuid[]) UNION SELECT t.id FROM below JOIN %[4]s t ON t.%[5]s = below.id
		), up(id, at) AS (
			SELECT id, id FROM below UNION SELECT up.id, t.%[5]s FROM up JOIN %[4]s t ON t.id = up.at WHERE t.%[5]s IS NOT NULL
		)
		INSERT INTO %[1]s (%[2]s, %[3]s) SELECT up.id, up.at FROM up JOIN %[4]s t ON t.id = up.at WHERE t.%[5]s IS NULL
		ON CONFLICT (%[2]s) DO UPDATE SET %[3]s = excluded.%[3]s WHERE %[1]s.%[3]s <> excluded.%[3]s`, facts, id, root, table, parent)
}

// staleSQL marks the statements that a wide change concerns: those carried,
// cited or syndicated by sources of the families of $1, by the articles $2 and
// those taken over from them; those said at the events $3.
const staleSQL = `WITH RECURSIVE family(id) AS (
		SELECT unnest($1::uuid[]) UNION SELECT s.id FROM family JOIN sources s ON s.owner = family.id
	), copies(id) AS (
		SELECT unnest($2::uuid[]) UNION SELECT a.id FROM articles a WHERE a.source IN (SELECT id FROM family)
		UNION SELECT a.id FROM copies JOIN articles a ON a.syndicated_from = copies.id
	)
	INSERT INTO stale (statement)
	SELECT r.statement FROM reports r WHERE r.article IN (SELECT id FROM copies)
	UNION SELECT c.statement FROM report_cites c WHERE c.source IN (SELECT id FROM family) OR c.article IN (SELECT id FROM copies)
	UNION SELECT s.id FROM statements s WHERE s.occasion = ANY($3::uuid[])
	ON CONFLICT DO NOTHING`

// claimFactsSQL derives the status of claims in the order of the model: an
// accused concedes; asserted by one and denied by another; denied only; all
// assertions withdrawn; asserted or committed to; else open.
const claimFactsSQL = `WITH c AS (SELECT id FROM claims WHERE id IN (%s)),
	l AS (` + latestOf + `),
	accused AS (
		SELECT DISTINCT l.claim FROM l JOIN claim_about a ON a.claim = l.claim AND a.role = 'accused' LEFT JOIN speakers sp ON sp.id = a.speaker
		WHERE l.stance = 'concedes' AND (a.speaker = l.speaker OR coalesce(a.country, CASE WHEN sp.kind IN ` + stateBodies + ` THEN sp.country END) = l.on_behalf_of)
	)
	INSERT INTO claim_facts (claim, status)
	SELECT c.id, CASE
		WHEN EXISTS (SELECT FROM accused WHERE accused.claim = c.id) THEN 'conceded'
		WHEN EXISTS (SELECT FROM l a JOIN l d ON d.claim = a.claim AND d.speaker <> a.speaker WHERE a.claim = c.id AND a.stance = 'asserts' AND d.stance = 'denies') THEN 'contested'
		WHEN bool_or(l.stance = 'denies') AND NOT bool_or(l.stance IN ('asserts', 'commits')) THEN 'denied'
		WHEN bool_or(l.stance = 'withdraws') AND NOT bool_or(l.stance IN ('asserts', 'commits')) THEN 'withdrawn'
		WHEN bool_or(l.stance IN ('asserts', 'commits')) THEN 'asserted'
		ELSE 'open' END
	FROM c LEFT JOIN l ON l.claim = c.id GROUP BY c.id
	ON CONFLICT (claim) DO UPDATE SET status = excluded.status WHERE claim_facts.status <> excluded.status`

// latestOf are the positions that count of each speaker on each of the claims c:
// first-hand and attributed, the last one said; an undated one only where none
// is dated.
const latestOf = `SELECT DISTINCT ON (p.claim, s.speaker) p.claim, s.speaker, s.on_behalf_of, p.stance
	FROM c JOIN positions p ON p.claim = c.id JOIN statements s ON s.id = p.statement
	WHERE s.within IS NULL AND s.voice = 'attributed'
	ORDER BY p.claim, s.speaker, s.said_days > 0 DESC, s.said_to DESC, s.said_from DESC, p.id DESC`

// statementFactsSQL derives the facts of statements.
//
// Publishers are distinct families of sources. Origins are what remains when
// families are joined that take over from each other: by syndication, by the
// last source or article of a report's chain of citations. A family or a
// joined group without an identified root counts as none to as many, but at
// least one in all.
const statementFactsSQL = `WITH RECURSIVE s AS (SELECT * FROM statements WHERE id IN (%s)),
	carried AS (
		SELECT r.statement, r.id AS report, a.published_from, a.published_to, a.source, sf.family, of.family AS taken_from
		FROM s JOIN reports r ON r.statement = s.id JOIN articles a ON a.id = r.article JOIN source_facts sf ON sf.source = a.source
			JOIN article_facts af ON af.article = a.id JOIN articles o ON o.id = af.origin JOIN source_facts of ON of.source = o.source
	), cited AS (
		SELECT DISTINCT ON (c.report) c.statement, c.report, coalesce(sf.family, of.family) AS family
		FROM s JOIN report_cites c ON c.statement = s.id LEFT JOIN source_facts sf ON sf.source = c.source
			LEFT JOIN article_facts af ON af.article = c.article LEFT JOIN articles o ON o.id = af.origin LEFT JOIN source_facts of ON of.source = o.source
		WHERE c.source IS NOT NULL OR c.article IS NOT NULL ORDER BY c.report, c.n DESC
	), edge AS (
		SELECT statement, family AS a, taken_from AS b FROM carried
		UNION SELECT c.statement, k.family, c.family FROM cited c JOIN carried k ON k.report = c.report AND k.statement = c.statement
	), linked AS (SELECT DISTINCT statement FROM edge WHERE a <> b),
	both_ways AS (SELECT statement, a, b FROM edge UNION SELECT statement, b, a FROM edge UNION SELECT statement, b, b FROM edge),
	reach(statement, a, b) AS (
		SELECT * FROM both_ways WHERE statement IN (SELECT statement FROM linked)
		UNION SELECT reach.statement, reach.a, n.b FROM reach JOIN both_ways n ON n.statement = reach.statement AND n.a = reach.b
	), joined AS (
		SELECT r.statement, min(r.b::text) AS origin, bool_or(f.identified) AS identified FROM reach r JOIN sources f ON f.id = r.b GROUP BY r.statement, r.a
		UNION ALL SELECT c.statement, c.family::text, f.identified FROM carried c JOIN sources f ON f.id = c.family WHERE c.statement NOT IN (SELECT statement FROM linked)
	), origins AS (
		SELECT statement, count(DISTINCT origin) FILTER (WHERE identified) AS known, count(DISTINCT origin) AS all_of FROM joined GROUP BY statement
	), publishers AS (
		SELECT c.statement, count(DISTINCT c.report) AS reports, count(DISTINCT c.family) FILTER (WHERE f.identified) AS known, count(DISTINCT c.family) AS all_of,
			min(c.published_from) FILTER (WHERE isfinite(c.published_from)) AS first_on, min(c.published_to) FILTER (WHERE isfinite(c.published_to)) AS carried_by,
			max(rating.reliability) AS worst, min(rating.reliability) AS best
		FROM carried c JOIN sources f ON f.id = c.family LEFT JOIN LATERAL (
			SELECT nullif(x.reliability, 'F') AS reliability FROM ratings x WHERE x.source = c.source AND x.rated_from <= c.published_from
			ORDER BY x.rated_from DESC, x.id DESC LIMIT 1) rating ON true
		GROUP BY c.statement
	), c AS (SELECT DISTINCT p.claim AS id FROM s JOIN positions p ON p.statement = s.id AND p.stance = 'asserts'),
	l AS (` + latestOf + `)
	INSERT INTO statement_facts (statement, report_count, publishers_low, publishers_high, origins_low, origins_high, first_carried_on, carried_by,
		min_reliability, max_reliability, denied_by_others, second_hand, medium, doc)
	SELECT s.id, coalesce(p.reports, 0), greatest(coalesce(p.known, 0), least(coalesce(p.all_of, 0), 1)), coalesce(p.all_of, 0), greatest(coalesce(o.known, 0), least(coalesce(o.all_of, 0), 1)), coalesce(o.all_of, 0),
		p.first_on, p.carried_by - 1, p.worst, p.best,
		s.within IS NULL AND EXISTS (SELECT FROM positions a JOIN l ON l.claim = a.claim AND l.stance = 'denies' AND l.speaker <> s.speaker WHERE a.statement = s.id AND a.stance = 'asserts'),
		s.within IS NOT NULL,
		coalesce(CASE (SELECT e.kind FROM events e WHERE e.id = s.occasion)
			WHEN 'interview' THEN 'interview' WHEN 'press_conference' THEN 'press_conference' WHEN 'speech' THEN 'speech' WHEN 'publication' THEN 'document'
			WHEN 'meeting' THEN 'meeting' WHEN 'talks' THEN 'meeting' WHEN 'mediation' THEN 'meeting' WHEN 'visit' THEN 'meeting' WHEN 'ceremony' THEN 'speech' END, s.medium, 'unknown'),
		setweight(to_tsvector(search_config(s.language), left(s.text, 20000)), 'A') || coalesce((
			SELECT setweight(to_tsvector(search_config(coalesce(max(a.language), s.language)), left(string_agg(w.text, E'\n' ORDER BY w.report, w.n), 60000)), 'B')
			FROM renderings w JOIN reports r ON r.statement = w.statement AND r.id = w.report JOIN articles a ON a.id = r.article WHERE w.statement = s.id), ''::tsvector)
	FROM s LEFT JOIN publishers p ON p.statement = s.id LEFT JOIN origins o ON o.statement = s.id
	ON CONFLICT (statement) DO UPDATE SET report_count = excluded.report_count, publishers_low = excluded.publishers_low, publishers_high = excluded.publishers_high,
		origins_low = excluded.origins_low, origins_high = excluded.origins_high, first_carried_on = excluded.first_carried_on, carried_by = excluded.carried_by,
		min_reliability = excluded.min_reliability, max_reliability = excluded.max_reliability, denied_by_others = excluded.denied_by_others,
		second_hand = excluded.second_hand, medium = excluded.medium, doc = excluded.doc`

// drained is how many stale statements are computed in one transaction.
const drained = 5000

// Drain computes stale facts until none is left, in batches that writers hardly
// notice, and returns how many there were.
func (s *Store) Drain(ctx context.Context) (int, error) {
	for total := 0; ; {
		n := 0
		err := pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, `DELETE FROM stale WHERE statement IN (SELECT statement FROM stale ORDER BY statement LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING statement::text`, drained)
			if err != nil {
				return err
			}
			ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if n = len(ids); err != nil || n == 0 {
				return err
			}
			if _, err := tx.Exec(ctx, `SELECT id FROM statements WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`, ids); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, fmt.Sprintf(statementFactsSQL, "SELECT unnest($1::uuid[])"), ids)
			return err
		})
		if total += n; err != nil || n == 0 {
			return total, translate(err)
		}
	}
}

// Rebuild computes the facts of sources, articles and claims anew and marks all
// statements stale, for Drain.
func (s *Store) Rebuild(ctx context.Context) error {
	return translate(pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		for _, sql := range []string{
			strings.Replace(rootsSQL("source_facts", "source", "family", "sources", "owner"), "unnest($1::uuid[])", "id FROM sources", 1),
			strings.Replace(rootsSQL("article_facts", "article", "origin", "articles", "syndicated_from"), "unnest($1::uuid[])", "id FROM articles", 1),
			fmt.Sprintf(claimFactsSQL, "SELECT id FROM claims"),
			"INSERT INTO stale (statement) SELECT id FROM statements ON CONFLICT DO NOTHING",
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	}))
}
