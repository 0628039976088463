package store

import (
	"slices"
	"strings"
)

// valuesOf are the values of a dimension and those of each code of its column, but
// for what is skipped.
func (q *heldCount) valuesOf(r *cellRows, dimension int, skip func(code int) bool) *heldColumn {
	c := &r.columns[heldIn(dimension)]
	switch {
	case dimension == heldTopics:
		above := make([][]uint32, len(c.values.list))
		out := &heldColumn{}
		for n, topic := range c.values.list {
			for _, v := range q.above[topic] {
				number, _ := out.values.number([]byte(v))
				above[n] = append(above[n], number)
			}
		}
		c.stand(out, skip, false, func(n uint32) []uint32 { return above[n] })
		return out
	case heldIn(dimension) == heldTraits:
		out := &heldColumn{}
		for code, text := range c.texts.list {
			if out.at = append(out.at, uint32(len(out.parts))); skip == nil || !skip(code) {
				out.listed([]byte(strings.Split(text, "\x00")[dimension-heldLanguage]))
			}
		}
		return out
	case dimension == heldSpeakerKind, dimension == heldNationality:
		of := q.speakers.kinds
		if dimension == heldNationality {
			of = q.speakers.nationalities
		}
		out := &heldColumn{values: q.speakers.names}
		c.stand(out, skip, false, func(n uint32) []uint32 { return q.speakers.names.unless(of, n) })
		return out
	case heldIn(dimension) != heldArticles:
		return c
	}
	values, of := q.carrying(c, dimension)
	out := &heldColumn{values: values}
	if !q.reports() {
		c.stand(out, skip, false, func(n uint32) []uint32 { return values.unless(of, n) })
		return out
	}
	passing := q.passing(c)
	c.stand(out, skip, true, func(n uint32) []uint32 {
		if !passing[n] {
			return nil
		}
		return of[n : n+1]
	})
	return out
}

// unless is what a value stands for, unless that is nothing.
func (d *dictionary) unless(of []uint32, value uint32) []uint32 {
	if d.list[of[value]] == "" {
		return nil
	}
	return of[value : value+1]
}

// carrying are the values of a dimension of reports, and those of each article.
func (q *heldCount) carrying(articles *heldColumn, dimension int) (values dictionary, of []uint32) {
	switch dimension {
	case heldSources:
		return q.outlets.names, q.outlets.sources
	case heldOutlets:
		return q.outlets.names, q.outlets.countries
	}
	of = make([]uint32, len(articles.values.list))
	for n := range of {
		of[n] = uint32(n)
	}
	return articles.values, of
}

// passing tells of each article whether the filters choose reports of it.
func (q *heldCount) passing(articles *heldColumn) []bool {
	pass := slices.Repeat([]bool{true}, len(articles.values.list))
	for _, d := range q.demands {
		if heldIn(d.column) != heldArticles {
			continue
		}
		values, of := q.carrying(articles, d.column)
		wanted := values.among(d.list)
		for n := range pass {
			v := of[n]
			pass[n] = pass[n] && (wanted[v] || d.none && values.list[v] == "") != d.not
		}
	}
	return pass
}

// stand gives each code of another column what its values stand for, each value
// once or as often as there is one.
func (c *heldColumn) stand(out *heldColumn, skip func(code int) bool, repeated bool, of func(value uint32) []uint32) {
	last := make([]int, len(out.values.list)) // the code that had the value last, and one
	for code := range c.at {
		out.at = append(out.at, uint32(len(out.parts)))
		if skip != nil && skip(code) {
			continue
		}
		for _, own := range c.of(uint32(code)) {
			for _, v := range of(own) {
				if repeated || last[v] <= code {
					last[v] = code + 1
					out.parts = append(out.parts, v)
				}
			}
		}
	}
}

// times is how many reports the filters choose, by code of heldArticles.
func (q *heldCount) times(r *cellRows) []int32 {
	c := &r.columns[heldArticles]
	pass := q.passing(c)
	times := make([]int32, len(c.at))
	for code := range times {
		for _, article := range c.of(uint32(code)) {
			if pass[article] {
				times[code]++
			}
		}
	}
	return times
}

// reported weighs rows by the reports that the filters choose.
func (q *heldCount) reported(r *cellRows, chosen *selection) []int32 {
	codes, times := r.columns[heldArticles].codes, q.times(r)
	weights := make([]int32, len(r.weights))
	for rows := range chosen.blocks() {
		for _, row := range rows {
			weights[row] = r.weights[row] * times[codes[row]]
		}
	}
	return weights
}
