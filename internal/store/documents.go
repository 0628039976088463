package store

import (
	"fmt"

	"onrecord/internal/claims"
)

// A document says what of a record can be found by words: expressions over the
// record t. It is kept in <kind>_docs, with the name of the stemmer that reads
// it, and has no history.
type document struct {
	language string // BCP 47; where it is unknown words are found as they stand
	title    string // weighs more
	body     string // the rest, line by line; "" is nothing
}

// The longest texts that are indexed, in characters.
const (
	longestTitle = "20000"
	longestBody  = "60000"
)

// documents are those of all kinds that are searched, in the order in which a
// search shows equals.
//
// A statement without a language has that of an article that carries it. Claims
// and events say in no language what they are: they are read as English, which
// leaves words in other scripts as they stand.
var documents = []struct {
	kind claims.Kind
	document
}{
	{claims.KindStatement, document{
		"coalesce(t.language, (SELECT max(a.language) FROM reports r JOIN articles a ON a.id = r.article WHERE r.statement = t.id))",
		"left(t.text, " + longestTitle + ")",
		"(SELECT string_agg(w.text, E'\\n' ORDER BY w.report, w.n) FROM renderings w WHERE w.statement = t.id)"}},
	{claims.KindClaim, document{"'en'", "left(t.text, " + longestTitle + ")", ""}},
	{claims.KindEvent, document{"'en'", "t.title",
		"concat_ws(E'\\n', t.description, (SELECT string_agg(p.name, E'\\n' ORDER BY p.n) FROM event_places p WHERE p.event = t.id))"}},
	{claims.KindArticle, document{"t.language", "t.title", "concat_ws(E'\\n', t.section, t.dateline, t.author, t.label)"}},
	{claims.KindSpeaker, document{"", "t.name", "(SELECT string_agg(p.name, E'\\n' ORDER BY p.n) FROM speaker_aliases p WHERE p.speaker = t.id)"}},
	{claims.KindCountry, document{"", "t.name", "concat_ws(E'\\n', t.official_name, (SELECT string_agg(p.name, E'\\n' ORDER BY p.n) FROM country_aliases p WHERE p.country = t.id))"}},
	{claims.KindSource, document{"", "t.name", "t.domain"}},
	{claims.KindTopic, document{"", "t.name", ""}},
	{claims.KindOffice, document{"", "t.title", ""}},
}

// documentOf is the kind's document, if it has one.
func documentOf(kind claims.Kind) (document, bool) {
	for _, d := range documents {
		if d.kind == kind {
			return d.document, true
		}
	}
	return document{}, false
}

// text is all that is found by words, line by line.
func (d document) text() string {
	if d.body == "" {
		return d.title
	}
	return fmt.Sprintf("concat_ws(E'\\n', %s, left(%s, %s))", d.title, d.body, longestBody)
}

// docsSQL keeps the documents of the records whose ids SQL lists. What is
// computed from other tables is computed once, behind the fence.
func docsSQL(kind claims.Kind, ids string) string {
	d, _ := documentOf(kind)
	language, body := d.language, d.body
	if language == "" {
		language = "NULL"
	}
	if body == "" {
		body = "NULL"
	}
	return fmt.Sprintf(`INSERT INTO %[1]s_docs AS f (%[1]s, stemmer, doc)
	SELECT t.id, search_stemmer(d.language), search_doc(d.language, %[3]s, left(d.body, %[6]s))
	FROM %[2]s t CROSS JOIN LATERAL (SELECT %[4]s::text AS language, %[5]s::text AS body OFFSET 0) d WHERE t.id IN (%[7]s)
	ON CONFLICT (%[1]s) DO UPDATE SET stemmer = excluded.stemmer, doc = excluded.doc WHERE f.doc <> excluded.doc OR f.stemmer <> excluded.stemmer`,
		kind, resources[kind].table, d.title, language, body, longestBody, ids)
}

// writtenDocsSQL keeps the documents of what the transaction $1 has written.
func writtenDocsSQL(kind claims.Kind) string {
	return docsSQL(kind, "SELECT w.id FROM "+resources[kind].table+" w WHERE w.tx = $1")
}
