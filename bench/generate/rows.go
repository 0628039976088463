package generate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"onrecord/internal/claims"
)

// A table is one that Fill writes, with all its columns in the order of COPY.
type table struct {
	name    string
	columns []string
}

const header = "key dataset review id version created_tx tx "

var tables = []table{
	{"statements", strings.Fields(header + "speaker on_behalf_of kind voice text text_from language spoken_language said_on said_from said_to said_days said_qualified " +
		"recurrence medium occasion condition_text condition_sense condition_outcome condition_event condition_statement condition_given_by within")},
	{"statement_targets", strings.Fields("statement n tx role country speaker event said_from said_days")},
	{"statement_topics", strings.Fields("statement n tx topic said_from said_days")},
	{"reports", strings.Fields(header + "statement article match match_note credibility credibility_by credibility_on credibility_reason")},
	{"report_cites", strings.Fields("statement report n tx source article words")},
	{"renderings", strings.Fields("statement report n tx part text form attribution attribution_verb hedge content_hedge condition names_as_given time_as_given locator translated")},
	{"names", strings.Fields("id kind")},
}

// Places in tables.
const (
	statements = iota
	targets
	topics
	reports
	cites
	renderings
	names
	last
)

// lines are rows on their way into the tables, as COPY reads them.
type lines [last][]byte

// add appends a row; an empty value is NULL, for no value in a record is empty.
func (l *lines) add(table int, values ...string) {
	b := l[table]
	for i, v := range values {
		if i > 0 {
			b = append(b, '\t')
		}
		if v == "" {
			b = append(b, `\N`...)
			continue
		}
		for j := range len(v) {
			switch c := v[j]; c {
			case '\\':
				b = append(b, `\\`...)
			case '\t':
				b = append(b, `\t`...)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			default:
				b = append(b, c)
			}
		}
	}
	l[table] = append(b, '\n')
}

// write adds a checked statement and all that belongs to it.
func (l *lines) write(in *claims.StatementInput, number int64) error {
	id, tx := claims.ID(in.Key), strconv.FormatInt(number, 10)
	said := in.SaidOn.Range()
	var condition claims.Condition
	if in.Condition != nil {
		condition = *in.Condition
	}
	l.add(statements, in.Key, in.Dataset, in.Review, id, "1", tx, tx,
		in.Speaker.String(), in.OnBehalfOf.String(), in.StatementKind, in.Voice, in.Text, in.TextFrom.String(), in.Language, in.SpokenLanguage,
		in.SaidOn.String(), said.From.String(), said.To.String(), strconv.Itoa(said.Days()), strconv.FormatBool(in.SaidOn.Qualified()),
		in.Recurrence, in.Medium, in.Occasion.String(), condition.Text, condition.Sense, condition.Outcome, condition.OutcomeEvent.String(), condition.OutcomeStatement.String(), condition.GivenBy.String(), in.Within.String())
	l.add(names, id, string(claims.KindStatement))
	for i, t := range in.Targets {
		l.add(targets, id, strconv.Itoa(i), tx, t.Role, t.Country.String(), t.Speaker.String(), t.Event.String(), said.From.String(), strconv.Itoa(said.Days()))
	}
	for i, t := range in.Topics {
		l.add(topics, id, strconv.Itoa(i), tx, t.String(), said.From.String(), strconv.Itoa(said.Days()))
	}
	for i := range in.Reports {
		if err := l.report(&in.Reports[i], id, tx); err != nil {
			return err
		}
	}
	return nil
}

func (l *lines) report(in *claims.ReportInput, statement, tx string) error {
	id, credibility := claims.ID(in.Key), ""
	if in.Credibility != nil {
		credibility = strconv.Itoa(*in.Credibility)
	}
	l.add(reports, in.Key, in.Dataset, in.Review, id, "1", tx, tx,
		statement, in.Article.String(), in.Match, in.MatchNote, credibility, in.CredibilityBy, in.CredibilityOn.String(), in.CredibilityReason)
	l.add(names, id, string(claims.KindReport))
	for i, c := range in.Cites {
		l.add(cites, statement, id, strconv.Itoa(i), tx, c.Source.String(), c.Article.String(), c.Words)
	}
	for i, r := range in.Renderings {
		named := ""
		if r.NamesAsGiven != nil {
			data, err := json.Marshal(r.NamesAsGiven)
			if err != nil {
				return err
			}
			named = string(data)
		}
		l.add(renderings, statement, id, strconv.Itoa(i), tx, r.Part, r.Text, r.Form, r.Attribution, r.AttributionVerb, r.Hedge, r.ContentHedge, r.Condition,
			named, r.TimeAsGiven, r.Locator, strconv.FormatBool(r.Translated))
	}
	return nil
}

// compare holds what write makes of a checked statement against what the one
// place of writing would store: Row, column by column.
func compare(in *claims.StatementInput) error {
	var l lines
	if err := l.write(in, 1); err != nil {
		return err
	}
	next := func(table int) map[string]string {
		line, rest, _ := strings.Cut(string(l[table]), "\n")
		l[table] = []byte(rest)
		row := map[string]string{}
		for i, v := range strings.Split(line, "\t") {
			if v != `\N` {
				row[tables[table].columns[i]] = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(v)
			}
		}
		return row
	}
	records := append([]claims.Input{in}, in.Nested(claims.ID(in.Key))...)
	for _, record := range records {
		main, ofParts := statements, map[string]int{"targets": targets, "topics": topics}
		if record.Kind() == claims.KindReport {
			main, ofParts = reports, map[string]int{"cites": cites, "renderings": renderings}
		}
		data, err := json.Marshal(record.Row())
		if err != nil {
			return err
		}
		var row map[string]any
		if err := json.Unmarshal(data, &row); err != nil {
			return err
		}
		if err := same(tables[main], row, next(main)); err != nil {
			return err
		}
		for field, table := range ofParts {
			list, _ := row[field].([]any)
			for _, part := range list {
				if err := same(tables[table], part.(map[string]any), next(table)); err != nil {
					return err
				}
			}
		}
	}
	for t := range names {
		if len(l[t]) > 0 {
			return fmt.Errorf("%s: more rows than the record has", tables[t].name)
		}
	}
	return nil
}

// same compares a row as the store reads it, which ignores members that are no
// columns, with one that is copied. Columns that the store fills in itself are
// left out.
func same(table table, want map[string]any, got map[string]string) error {
	own := strings.Fields("id version created_tx tx n")
	if table.name != "reports" { // where it is a column of the input
		own = append(own, "statement", "report")
	}
	columns := table.columns
	for _, column := range columns {
		if slices.Contains(own, column) {
			continue
		}
		text := ""
		switch v := want[column].(type) {
		case nil:
		case string:
			text = v
		case bool:
			text = strconv.FormatBool(v)
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			data, err := json.Marshal(v, json.Deterministic(true))
			if err != nil {
				return err
			}
			var mine any
			if err := json.Unmarshal([]byte(got[column]), &mine); err != nil {
				return fmt.Errorf("%s.%s: %w", table.name, column, err)
			}
			again, err := json.Marshal(mine, json.Deterministic(true))
			if err != nil {
				return err
			}
			if string(again) == string(data) {
				continue
			}
			text = string(data)
		}
		if text != got[column] {
			return fmt.Errorf("%s.%s is %q where the store would write %q (of %v)", table.name, column, got[column], text, slices.Sorted(maps.Keys(want)))
		}
	}
	return nil
}
