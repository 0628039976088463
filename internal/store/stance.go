package store

import "onrecord/internal/claims"

// What counts of positions, for filters of claims: the same that their status
// follows from (derive.go).

// firstHand holds of statements whose positions count.
const firstHand = "s.within IS NULL AND s.voice = 'attributed'"

// counting are the positions p on a claim, by statements s, that count: each
// speaker's latest; an undated one only where none is dated.
const counting = `{positions} p JOIN {statements} s ON s.id = p.statement WHERE p.claim = t.id AND ` + firstHand + ` AND NOT EXISTS (
	SELECT FROM {positions} lp JOIN {statements} ls ON ls.id = lp.statement
	WHERE lp.claim = p.claim AND ls.speaker = s.speaker AND ls.within IS NULL AND ls.voice = 'attributed'
		AND (ls.said_days > 0, ls.said_to, ls.said_from, lp.id) > (s.said_days > 0, s.said_to, s.said_from, p.id))`

// takenBy is a filter of claims by who takes one of the stances.
func takenBy(name, stances, doc string) filter {
	return filter{name: name, kind: references, refs: claims.KindSpeaker, doc: doc,
		sql: "EXISTS (SELECT FROM " + counting + " AND p.stance IN " + stances + " AND s.speaker = ANY(?))",
		by:  several("SELECT s.speaker AS v FROM " + counting + " AND p.stance IN " + stances)}
}

// yesNo is a filter by a condition that is never null.
func yesNo(name, condition, doc string, derived bool) filter {
	return filter{name: name, kind: choices, choices: []string{"true", "false"}, derived: derived, doc: doc,
		sql: "true => " + condition + "; false => NOT " + condition, by: only("CASE WHEN " + condition + " THEN 'true' ELSE 'false' END")}
}

const contested = "EXISTS (SELECT FROM claim_facts f WHERE f.claim = t.id AND f.status = 'contested')"

// accuses holds of claims that accuse somebody, answered of those that one of
// the accused, or somebody speaking for an accused country, takes a position
// on. To decline is none. The first is asked claim by claim: as EXISTS the
// planner would gather all that accuse, for a page.
const (
	accuses  = "(SELECT true FROM {@claim_about a} AND a.role = 'accused' LIMIT 1) IS TRUE"
	answered = `EXISTS (SELECT FROM {positions} p JOIN {statements} s ON s.id = p.statement, (SELECT * FROM {@claim_about a} AND a.role = 'accused') a
	WHERE p.claim = t.id AND p.stance <> 'declines' AND ` + firstHand + ` AND (a.speaker = s.speaker
		OR s.on_behalf_of = coalesce(a.country, (SELECT x.country FROM {speakers} x WHERE x.id = a.speaker AND x.kind IN ` + stateBodies + `))))`
)
