package store

import "fmt"

// This is how facts follow from the records, one statement of SQL for each sort.

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

// claimFactsSQL derives the status of claims in the order of the model: an
// accused concedes; asserted by one and denied by another; denied only; all
// assertions withdrawn; asserted or committed to; else open.
// %[1]s are the claims, %[2]s the transaction.
const claimFactsSQL = `WITH c AS (SELECT id FROM claims WHERE id IN (%[1]s)),
	l AS (` + latestOf + `),
	accused AS (
		SELECT DISTINCT l.claim FROM l JOIN claim_about a ON a.claim = l.claim AND a.role = 'accused' LEFT JOIN speakers sp ON sp.id = a.speaker
		WHERE l.stance = 'concedes' AND (a.speaker = l.speaker OR coalesce(a.country, CASE WHEN sp.kind IN ` + stateBodies + ` THEN sp.country END) = l.on_behalf_of)
	)
	INSERT INTO claim_facts AS f (claim, status, denied_by, denied_tx)
	SELECT c.id, CASE
		WHEN c.id IN (SELECT claim FROM accused) THEN 'conceded'
		WHEN bool_or(l.stance = 'asserts') AND bool_or(l.stance = 'denies') THEN 'contested' -- by different speakers: each has one stance
		WHEN bool_or(l.stance = 'denies') AND NOT bool_or(l.stance IN ('asserts', 'commits')) THEN 'denied'
		WHEN bool_or(l.stance = 'withdraws') AND NOT bool_or(l.stance IN ('asserts', 'commits')) THEN 'withdrawn'
		WHEN bool_or(l.stance IN ('asserts', 'commits')) THEN 'asserted'
		ELSE 'open' END,
		coalesce((array_agg(l.speaker ORDER BY l.speaker) FILTER (WHERE l.stance = 'denies'))[1:2], '{}'), %[2]s::bigint
	FROM c LEFT JOIN l ON l.claim = c.id GROUP BY c.id
	ON CONFLICT (claim) DO UPDATE SET status = excluded.status, denied_by = excluded.denied_by,
		denied_tx = CASE WHEN f.denied_by = excluded.denied_by THEN f.denied_tx ELSE excluded.denied_tx END
	WHERE f.status <> excluded.status OR f.denied_by <> excluded.denied_by`

// latestOf are the positions that count of each speaker on each of the claims c:
// first-hand and attributed, the last one said; an undated one only where none
// is dated.
const latestOf = `SELECT DISTINCT ON (p.claim, s.speaker) p.claim, s.speaker, s.on_behalf_of, p.stance
	FROM c JOIN positions p ON p.claim = c.id JOIN statements s ON s.id = p.statement
	WHERE s.within IS NULL AND s.voice = 'attributed'
	ORDER BY p.claim, s.speaker, s.said_days > 0 DESC, s.said_to DESC, s.said_from DESC, p.id DESC`

// lockFactsSQL makes writers of the same statement's facts wait for each other,
// before they look at the records. A statement without facts is this writer's.
const lockFactsSQL = `SELECT statement FROM statement_facts WHERE statement IN (` + unnested + ` UNION ` + denialTouched + `)
	ORDER BY statement FOR NO KEY UPDATE`

// lackingFactsSQL gives those of the statements $1 a row that have none, so that
// their writers wait for each other.
const lackingFactsSQL = `INSERT INTO statement_facts (statement, report_count, publishers_low, publishers_high, origins_low, origins_high, denied_by_others, second_hand, medium)
	SELECT s.id, 0, 0, 0, 0, 0, false, false, 'unknown' FROM statements s WHERE s.id IN (` + unnested + `) ON CONFLICT DO NOTHING`

// deniedSQL tells whether another speaker denies what the statement s asserts.
const deniedSQL = `s.within IS NULL AND EXISTS (SELECT FROM positions a JOIN claim_facts f ON f.claim = a.claim
	WHERE a.statement = s.id AND a.stance = 'asserts' AND EXISTS (SELECT FROM unnest(f.denied_by) d WHERE d <> s.speaker))`

// denialSQL follows a change of who denies a claim.
const denialSQL = `WITH now AS MATERIALIZED (SELECT s.id, ` + deniedSQL + ` AS denied FROM statements s WHERE s.id IN (` + denialTouched + `))
	UPDATE statement_facts f SET denied_by_others = now.denied FROM now WHERE f.statement = now.id AND f.denied_by_others <> now.denied`

// carriageSQL derives from the reports of the statements %s how widely each is
// carried, and its medium.
//
// Publishers are distinct families of sources. Origins are what remains when
// families are joined that take over from each other: by syndication, by the
// last source or article of a report's chain of citations. A family or a
// joined group without an identified root counts as none to as many, but at
// least one in all.
const carriageSQL = `WITH RECURSIVE s AS (SELECT id, speaker, within, occasion, medium FROM statements WHERE id IN (%s)),
	carried AS MATERIALIZED (
		SELECT r.statement, r.id AS report, a.published_from, a.published_to, sf.family, f.identified, of.family AS taken_from, rating.reliability
		FROM s JOIN reports r ON r.statement = s.id JOIN articles a ON a.id = r.article
			JOIN source_facts sf ON sf.source = a.source JOIN sources f ON f.id = sf.family
			LEFT JOIN article_facts af ON af.article = CASE WHEN a.syndicated_from IS NOT NULL THEN a.id END
			LEFT JOIN articles o ON o.id = af.origin LEFT JOIN source_facts of ON of.source = o.source
			LEFT JOIN LATERAL (SELECT nullif(x.reliability, 'F') AS reliability FROM ratings x WHERE x.source = a.source AND x.rated_from <= a.published_from
				ORDER BY x.rated_from DESC, x.id DESC LIMIT 1) rating ON true
	), cited AS (
		SELECT DISTINCT ON (c.report) c.statement, c.report, coalesce(sf.family, of.family) AS family
		FROM s JOIN report_cites c ON c.statement = s.id AND (c.source IS NOT NULL OR c.article IS NOT NULL) LEFT JOIN source_facts sf ON sf.source = c.source
			LEFT JOIN article_facts af ON af.article = c.article LEFT JOIN articles o ON o.id = af.origin LEFT JOIN source_facts of ON of.source = o.source
		ORDER BY c.report, c.n DESC
	), edge AS (
		SELECT statement, family AS a, taken_from AS b FROM carried WHERE taken_from <> family
		UNION SELECT c.statement, k.family, c.family FROM cited c JOIN carried k ON k.report = c.report AND k.statement = c.statement WHERE c.family <> k.family
	), linked AS (SELECT DISTINCT statement FROM edge),
	both_ways AS (
		SELECT statement, a, b FROM edge UNION SELECT statement, b, a FROM edge
		UNION SELECT statement, family, family FROM carried WHERE statement IN (SELECT statement FROM linked)
	), reach(statement, a, b) AS (
		SELECT * FROM both_ways UNION SELECT reach.statement, reach.a, n.b FROM reach JOIN both_ways n ON n.statement = reach.statement AND n.a = reach.b
	), joined AS (
		SELECT r.statement, min(r.b::text) AS origin, bool_or(f.identified) AS identified FROM reach r JOIN sources f ON f.id = r.b GROUP BY r.statement, r.a
	), origins AS (
		SELECT statement, count(DISTINCT origin) FILTER (WHERE identified) AS known, count(DISTINCT origin) AS all_of FROM joined GROUP BY statement
	), publishers AS (
		SELECT statement, count(*) AS reports, count(DISTINCT family) FILTER (WHERE identified) AS known, count(DISTINCT family) AS all_of,
			min(published_from) FILTER (WHERE isfinite(published_from)) AS first_on, min(published_to) FILTER (WHERE isfinite(published_to)) - 1 AS carried_by,
			max(reliability) AS worst, min(reliability) AS best
		FROM carried GROUP BY statement
	), now AS (
		SELECT s.id, s.speaker, s.within, s.occasion, coalesce(p.reports, 0) AS report_count,
			greatest(coalesce(p.known, 0), least(coalesce(p.all_of, 0), 1)) AS publishers_low, coalesce(p.all_of, 0) AS publishers_high,
			greatest(coalesce(o.known, p.known, 0), least(coalesce(o.all_of, p.all_of, 0), 1)) AS origins_low, coalesce(o.all_of, p.all_of, 0) AS origins_high,
			p.first_on AS first_carried_on, p.carried_by, p.worst AS min_reliability, p.best AS max_reliability,
			coalesce(CASE (SELECT e.kind FROM events e WHERE e.id = s.occasion)
				WHEN 'interview' THEN 'interview' WHEN 'press_conference' THEN 'press_conference' WHEN 'speech' THEN 'speech' WHEN 'publication' THEN 'document'
				WHEN 'meeting' THEN 'meeting' WHEN 'talks' THEN 'meeting' WHEN 'mediation' THEN 'meeting' WHEN 'visit' THEN 'meeting' WHEN 'ceremony' THEN 'speech' END, s.medium, 'unknown') AS medium
		FROM s LEFT JOIN publishers p ON p.statement = s.id LEFT JOIN origins o ON o.statement = s.id
	) `

// carriedAs lists the columns that carriageSQL yields, of a row.
func carriedAs(row string) string {
	return quoted(row, []string{"report_count", "publishers_low", "publishers_high", "origins_low", "origins_high",
		"first_carried_on", "carried_by", "min_reliability", "max_reliability", "medium"})
}

// statementFactsSQL keeps all facts of statements but their documents.
var statementFactsSQL = carriageSQL + `INSERT INTO statement_facts AS f (statement, second_hand, denied_by_others, ` + carriedAs("") + `)
	SELECT s.id, s.within IS NOT NULL, ` + deniedSQL + `, ` + carriedAs("s.") + ` FROM now s
	ON CONFLICT (statement) DO UPDATE SET (second_hand, denied_by_others, ` + carriedAs("") + `) = (SELECT excluded.second_hand, excluded.denied_by_others, ` + carriedAs("excluded.") + `)`

// carriageFactsSQL keeps those facts of statements that wide changes concern, and
// returns the statements that are counted by another medium now: what they were
// said at has another kind.
var carriageFactsSQL = carriageSQL + `, kept AS (
		UPDATE statement_facts f SET (` + carriedAs("") + `) = (SELECT ` + carriedAs("s.") + `)
		FROM now s WHERE f.statement = s.id AND (` + carriedAs("f.") + `) IS DISTINCT FROM (` + carriedAs("s.") + `)
		RETURNING CASE WHEN s.occasion IS NOT NULL THEN (SELECT c.id FROM statement_cells c WHERE c.id = f.statement AND c.medium_of <> f.medium) END AS moved
	) SELECT moved FROM kept WHERE moved IS NOT NULL`
