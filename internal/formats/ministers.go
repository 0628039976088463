package formats

import (
	"cmp"
	"slices"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

var ifgMinisters = &Format{
	Name: "ifg-ministers", Title: "Institute for Government: ministers of the United Kingdom (four CSV)", Dataset: "ifg-ministers",
	Inputs: ministersInputs, convert: convertMinisters,
}

var ministersInputs = []Input{
	{Name: "person", Title: "person.csv", columns: []string{"id", "id_parliament", "id_ifg_website", "name", "display_name", "normalized_name", "short_name", "gender", "start_date", "end_date"}},
	{Name: "post", Title: "post.csv", columns: []string{"id", "id_ifg_website", "organisation_id", "name", "display_name", "rank_equivalence", "rank_equivalence_value"}},
	{Name: "appointment", Title: "appointment.csv", columns: []string{"id", "person_id", "post_id", "start_date", "end_date"}},
	{Name: "organisation", Title: "organisation.csv", columns: []string{"id", "name", "short_name", "start_date", "end_date"}},
}

// convertMinisters writes bodies, persons, offices and tenures, in this order
// and each as their table has them.
func convertMinisters(c *conversion) error {
	tables, err := c.tables(ministersInputs)
	if err != nil {
		return err
	}
	if err := c.eachRow(tables["organisation"], ministersInputs[3], c.organisation); err != nil {
		return err
	}
	if err := c.persons(tables["person"], ministersInputs[0]); err != nil {
		return err
	}
	shared, err := c.sharedPosts(tables["appointment"])
	if err != nil {
		return err
	}
	if err := c.eachRow(tables["post"], ministersInputs[1], func(t *table) error { return c.post(t, shared) }); err != nil {
		return err
	}
	return c.eachRow(tables["appointment"], ministersInputs[2], c.appointment)
}

func (c *conversion) organisation(t *table) error {
	if err := c.read(t.at); err != nil {
		return err
	}
	body := &claims.SpeakerInput{Header: head(c.key("organisation", t.field("id"))), Name: name(t.field("name")), SpeakerKind: "ministry", Country: claims.RefID("GB")}
	if short := name(t.field("short_name")); short != "" && short != body.Name {
		body.Aliases = []claims.Alias{{Name: short}}
	}
	if t.field("start_date")+t.field("end_date") != "" {
		c.leave("dates of an organisation: a body has none")
	}
	_, err := c.put(t.at, body)
	return err
}

// persons gathers the rows of each person: a row is a name with the time in
// which it was used. The one still in use names the record.
func (c *conversion) persons(src Source, input Input) error {
	type person struct {
		at    place
		names []claims.Alias
	}
	persons, order := map[string]*person{}, []string{}
	err := c.eachRow(src, input, func(t *table) error {
		if err := c.read(t.at); err != nil {
			return err
		}
		id := t.field("id")
		p := persons[id]
		if p == nil {
			p = &person{at: t.at}
			persons[id] = p
			order = append(order, id)
		}
		used, err := span(t.field("start_date"), t.field("end_date"))
		if err != nil {
			return t.at.fault("start_date, end_date", err.Error())
		}
		p.names = append(p.names, claims.Alias{Name: name(t.field("name")), Valid: used})
		for _, column := range []string{"display_name", "normalized_name"} {
			if other := name(t.field(column)); other != "" && other != name(t.field("name")) {
				p.names = append(p.names, claims.Alias{Name: other, Kind: "alternative"})
			}
		}
		c.leave("parliament's and the website's numbers, short name, gender: no place")
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range order {
		p := persons[id]
		latest := 0
		for i, n := range p.names {
			if n.Kind == "" && until(n) > until(p.names[latest]) {
				latest = i
			}
		}
		record := &claims.SpeakerInput{Header: head(c.key("person", id)), SpeakerKind: "person", Name: p.names[latest].Name}
		for i, n := range p.names {
			if n.Kind == "" && i != latest {
				n.Kind = "former_name"
			}
			if i != latest && !slices.Contains(record.Aliases, n) {
				record.Aliases = append(record.Aliases, n)
			}
		}
		if from := p.names[latest].Valid; !from.IsZero() {
			c.leave("day from which the present name is used: only former names have a time")
		}
		if !named(record.Name) {
			c.skip(p.at, "names nobody")
		} else if _, err := c.put(p.at, record); err != nil {
			return err
		}
	}
	return nil
}

// until is the first day after which a name was not used any more; one without
// dates is still in use.
func until(n claims.Alias) edtf.Day {
	if n.Valid.IsZero() {
		return edtf.PosInf
	}
	return n.Valid.Range().To
}

// sharedPosts are those that the appointments show several persons in at once,
// for longer than a day of handover.
func (c *conversion) sharedPosts(appointments Source) (map[string]bool, error) {
	held := map[string][]edtf.Range{}
	err := c.eachRow(appointments, ministersInputs[2], func(t *table) error {
		if when, err := span(t.field("start_date"), t.field("end_date")); err == nil && !when.IsZero() {
			held[t.field("post_id")] = append(held[t.field("post_id")], when.Range())
		}
		return nil
	})
	shared := map[string]bool{}
	for post, times := range held {
		slices.SortFunc(times, func(a, b edtf.Range) int { return cmp.Compare(a.From, b.From) })
		for i, last := 1, times[0].To; i < len(times); i++ {
			shared[post] = shared[post] || times[i].From+1 < last
			last = max(last, times[i].To)
		}
	}
	return shared, err
}

func (c *conversion) post(t *table, shared map[string]bool) error {
	if err := c.read(t.at); err != nil {
		return err
	}
	body := c.ref("organisation", t.field("organisation_id"))
	if !c.out.Has(body.Key()) {
		return t.at.fault("organisation_id", "is in no row of the organisation table: is that one whole?")
	}
	office := &claims.OfficeInput{Header: head(c.key("post", t.field("id"))), Title: name(t.field("name")), Country: claims.RefID("GB"), Body: body, Shared: shared[t.field("id")]}
	if name(t.field("display_name")) != office.Title {
		c.leave("display name of a post: the organisation added to it is the office's body")
	}
	c.leave("rank of a post: no place")
	_, err := c.put(t.at, office)
	return err
}

func (c *conversion) appointment(t *table) error {
	if err := c.read(t.at); err != nil {
		return err
	}
	who, office := c.ref("person", t.field("person_id")), c.ref("post", t.field("post_id"))
	switch {
	case !c.out.Has(who.Key()):
		return t.at.fault("person_id", "is in no row of the person table that names somebody: is that one whole?")
	case !c.out.Has(office.Key()):
		return t.at.fault("post_id", "is in no row of the post table: is that one whole?")
	}
	held, err := span(t.field("start_date"), t.field("end_date"))
	switch {
	case err != nil:
		c.skip(t.at, "start_date, end_date: "+err.Error())
		return nil
	case held.IsZero():
		c.skip(t.at, "has no date, and a title without a date is no tenure")
		return nil
	}
	c.leave("whether the holder is acting: stands in a table that is not read, so the default, substantive, will apply")
	_, err = c.put(t.at, &claims.TenureInput{Header: head(c.key("appointment", t.field("id"))), Speaker: who, Office: office, Held: held})
	return err
}

// span is the time from one date to another; an end that is missing is open,
// both missing are no date.
func span(start, end string) (edtf.Date, error) {
	start, end = strings.TrimSpace(start), strings.TrimSpace(end)
	switch {
	case start == "" && end == "":
		return edtf.Date{}, nil
	case start == "":
		start = ".."
	case end == "":
		end = ".."
	}
	return edtf.Parse(start + "/" + end)
}
