package store

import (
	"fmt"
	"strings"

	"onrecord/internal/claims"
)

// A Sum is what figures of a metric and unit add up to over events, as a range.
// An event counts with the widest range that its accounts span, so that what
// two outlets say of one event is not added up; figures without any bound, as
// "several", take no part. An end that is open for one event is open for all.
type Sum struct {
	Metric *string  `json:"metric"`
	Unit   *string  `json:"unit"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	Events *int64   `json:"events"` // that have such a figure
}

// unsummed are metrics whose sum means nothing.
var unsummed = []string{"percent", "other"}

// metrics reads figures.
func (p *parameters) metrics() []string {
	list := p.many("figures")
	for _, v := range list {
		if v == "" {
			continue
		}
		var allowed []string
		ok := false
		for _, m := range claims.Metrics.Values() {
			if m == unsummed[0] || m == unsummed[1] {
				continue
			}
			allowed = append(allowed, m)
			ok = ok || m == v
		}
		if !ok {
			p.refuse("figures", "unknown_value", fmt.Sprintf("%q is none of %s", v, strings.Join(allowed, ", ")))
		}
	}
	return list
}

// figuresSQL sums figures by row, and over all that is counted.
func (c *Counting) figuresSQL(b *builder, asOf bool) []string {
	const sum = `count(*) AS events, CASE WHEN bool_and(s.low IS NOT NULL) THEN sum(s.low) END AS low, CASE WHEN bool_and(s.high IS NOT NULL) THEN sum(s.high) END AS high`
	keys := strings.Join(c.keys(), ", ")
	spans := b.add(condition{`spans AS (SELECT f.event, f.metric, f.unit, CASE WHEN bool_and(f.low IS NOT NULL) THEN min(f.low) END AS low, CASE WHEN bool_and(f.high IS NOT NULL) THEN max(f.high) END AS high
		FROM {event_figures} f WHERE f.metric = ANY(?) AND (f.low IS NOT NULL OR f.high IS NOT NULL) GROUP BY 1, 2, 3)`, []any{c.metrics}})
	return []string{
		c.resource.relations(spans, asOf),
		fmt.Sprintf("figures AS (SELECT %s, s.metric, s.unit, %s FROM (SELECT DISTINCT %s, key FROM folded) x JOIN spans s ON s.event = x.key GROUP BY %s, s.metric, s.unit)", keys, sum, keys, keys),
		fmt.Sprintf("all_figures AS (SELECT s.metric, s.unit, %s FROM (SELECT DISTINCT key FROM cells) x JOIN spans s ON s.event = x.key GROUP BY s.metric, s.unit)", sum),
	}
}
