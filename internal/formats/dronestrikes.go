package formats

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

var droneStrikes = &Format{
	Name: "drone-strikes", Title: "two trackers of drone strikes in Pakistan, paired (two CSV)", Dataset: "drone-strikes",
	Inputs:  droneInputs,
	convert: func(c *conversion) error { return convertDroneStrikes(c, dronePairs) },
}

var droneInputs = []Input{
	{Name: "first", Title: "the table that numbers its strikes (strike_id)", columns: []string{"strike_id", "date", "location", "country", "area",
		"min_ppl_killed", "max_ppl_killed", "min_civil_killed", "max_civil_killed", "min_child_killed", "max_child_killed", "min_injured", "max_injured"}},
	{Name: "second", Title: "the table with named outlets (several columns Source)", repeated: "Source", columns: []string{
		"strikes", "date", "village", "region", "year", "leaders_killed", "leader_names", "leader_description",
		"militants_low", "militants_high", "militants_avg", "unknown_low", "unknown_high", "unknown_avg", "civilians_low", "civilians_high", "civilians_avg",
		"total_low", "total_high", "total_avg", "president_name", "president_number", "target_type", "target_description", "target_organization_name",
		"target_group", "geo_lat", "geo_lon", "province", "strike_type", "Source"}},
}

// dronePairs says which strikes of the two trackers are one: a strike of the
// first by its number, one of the second, which numbers nothing, by day and
// village. What it doesn't pair stays two events.
//
//go:embed drone_pairs.csv
var dronePairs string

// A strike is what one or both trackers say of it.
type strike struct {
	event    *claims.EventInput
	days     []string
	accounts []claims.Input // mentions, and the articles and outlets behind them
	at       place
}

// convertDroneStrikes holds all strikes, some hundreds, until both trackers
// have been read.
func convertDroneStrikes(c *conversion, table string) error {
	tables, err := c.tables(droneInputs)
	if err != nil {
		return err
	}
	d := &droneConversion{conversion: c, strikes: map[string]*strike{}}
	if d.pairs, err = readDronePairs(table); err != nil {
		return err
	}
	if err := c.eachRow(tables["first"], droneInputs[0], d.first); err != nil {
		return err
	}
	if err := c.eachRow(tables["second"], droneInputs[1], d.second); err != nil {
		return err
	}
	return d.write()
}

// readDronePairs gives the number of a strike by day and village.
func readDronePairs(table string) (map[string]string, error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("drone_pairs.csv: %w", err)
	}
	pairs := map[string]string{}
	for _, row := range rows[1:] {
		pairs[row[1]+"/"+row[2]] = row[0]
	}
	return pairs, nil
}

type droneConversion struct {
	*conversion
	pairs   map[string]string
	strikes map[string]*strike
	order   []string
}

// tracker are the source and the article that stand for a tracker, which is
// what gives its figures.
func (d *droneConversion) tracker(id, name, title string, identified bool) (claims.Ref, []claims.Input) {
	source := &claims.SourceInput{Header: head(d.key("source", id)), Name: name, SourceKind: "other"}
	if !identified {
		source.Identified = new(bool)
	}
	return d.ref("tracker", id), []claims.Input{source, &claims.ArticleInput{Header: head(d.key("tracker", id)), Source: claims.RefKey(source.Key), Title: title}}
}

// strike finds or makes the event that a row is about.
func (d *droneConversion) strike(id, day string, at place) *strike {
	s := d.strikes[id]
	if s == nil {
		s = &strike{event: &claims.EventInput{Header: head(d.dataset + ":" + id), EventKind: "airstrike", Country: claims.RefID("PK")}, at: at}
		d.strikes[id] = s
		d.order = append(d.order, id)
	}
	s.days = append(s.days, day)
	return s
}

func (s *strike) place(name, precision string, latitude, longitude *float64) {
	if name != "" && !slices.ContainsFunc(s.event.Places, func(p claims.Place) bool { return p.Name == name }) {
		s.event.Places = append(s.event.Places, claims.Place{Name: name, Precision: precision, Latitude: latitude, Longitude: longitude})
	}
}

// write completes the events and writes them in order of time. Two days are one
// moment among two: which of them it was is what the trackers disagree about.
func (d *droneConversion) write() error {
	slices.SortStableFunc(d.order, func(a, b string) int {
		return cmp.Compare(slices.Min(d.strikes[a].days), slices.Min(d.strikes[b].days))
	})
	for _, id := range d.order {
		s := d.strikes[id]
		slices.Sort(s.days)
		days := slices.Compact(s.days)
		when := days[0]
		if len(days) > 1 {
			when = "[" + strings.Join(days, ",") + "]"
		}
		occurred, err := edtf.Parse(when)
		if err != nil {
			return s.at.fault("date", err.Error())
		}
		s.event.Occurred = occurred
		s.event.Title = "Drone strike"
		if len(s.event.Places) > 0 {
			s.event.Title += ", " + s.event.Places[0].Name
		}
		// Of what two rows say of one outlet or person the first is kept.
		records := slices.DeleteFunc(s.accounts, func(in claims.Input) bool {
			return in.Kind() != claims.KindMention && d.out.Has(in.Head().Key)
		})
		// The mentions stand after the event that they name.
		i := slices.IndexFunc(records, func(in claims.Input) bool { return in.Kind() == claims.KindMention })
		if _, err := d.put(s.at, slices.Concat(records[:i], []claims.Input{s.event}, records[i:])...); err != nil {
			return err
		}
	}
	return nil
}

// figure is a range that a tracker gives in two columns, or a number in one. A
// blank is no figure: it says that the tracker gives none, and not that there
// were none.
func (d *droneConversion) figure(t *table, s *strike, by claims.Ref, f figureColumns) error {
	var given []string
	figure := f.figure
	for _, end := range []struct {
		column string
		to     **float64
	}{{f.low, &figure.Low}, {f.high, &figure.High}} {
		text := strings.TrimSpace(t.field(end.column))
		if text == "" {
			continue
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !wholeNumber.MatchString(text) {
			return t.at.fault(end.column, strconv.Quote(text)+" is not a whole number")
		}
		*end.to = &n
		given = append(given, boundOf(end.column)+text)
	}
	switch {
	case len(given) == 0:
		return nil
	case figure.Low != nil && figure.High != nil && *figure.Low > *figure.High:
		d.leave(t.at.fault(f.low, "is more than "+f.high+", the figure is left out").Error())
		return nil
	case f.low == f.high:
		given = given[:1]
	}
	figure.AsGiven, figure.GivenByArticle = strings.Join(given, ", "), by
	s.event.Figures = append(s.event.Figures, figure)
	return nil
}

// boundOf is what the column's name calls its end of a range.
func boundOf(column string) string {
	for _, word := range []string{"min", "max", "low", "high"} {
		if strings.HasPrefix(column, word+"_") || strings.HasSuffix(column, "_"+word) {
			return word + " "
		}
	}
	return ""
}

// figureColumns are where a figure's ends stand, and of what it is.
type figureColumns struct {
	low, high string
	figure    claims.Figure
}

var (
	wholeNumber = regexp.MustCompile(`^\d{1,6}$`)
	firstDay    = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(T00:00:00Z)?$`)
)

// Of whom the figures are. Whether it is a civilian is said where it is given.
var (
	yes, no   = true, false
	people    = claims.Figure{Metric: "killed"}
	civilians = claims.Figure{Metric: "killed", Of: "civilians", Civilian: &yes}
	children  = claims.Figure{Metric: "killed", Of: "children"}
	militants = claims.Figure{Metric: "killed", Of: "militants", Civilian: &no}
	unknown   = claims.Figure{Metric: "killed", Of: "unknown"}
	leaders   = claims.Figure{Metric: "killed", Of: "leaders"}
	injured   = claims.Figure{Metric: "injured"}
)

func (d *droneConversion) first(t *table) error {
	if err := d.read(t.at); err != nil {
		return err
	}
	id, given := name(t.field("strike_id")), strings.TrimSpace(t.field("date"))
	m := firstDay.FindStringSubmatch(given)
	switch {
	case m == nil:
		return t.at.fault("date", strconv.Quote(given)+" is not a day as 2004-06-17T00:00:00Z")
	case id == "" || d.strikes[id] != nil:
		return t.at.fault("strike_id", strconv.Quote(id)+" is not a number of its own")
	case country(t.field("country")) != "PK":
		return t.at.fault("country", "is not Pakistan, which is what both trackers are paired for")
	}
	by, accounts := d.tracker("first", "Bureau of Investigative Journalism", "Drone strikes in Pakistan (table of strikes)", true)
	s := d.strike(id, m[1], t.at)
	s.place(name(t.field("location")), "city", nil, nil)
	s.place(name(t.field("area")), "district", nil, nil)
	for _, f := range []figureColumns{{"min_ppl_killed", "max_ppl_killed", people}, {"min_civil_killed", "max_civil_killed", civilians},
		{"min_child_killed", "max_child_killed", children}, {"min_injured", "max_injured", injured}} {
		if err := d.figure(t, s, by, f); err != nil {
			return err
		}
	}
	s.accounts = accounts
	s.accounts = append(s.accounts, &claims.MentionInput{Header: head(s.event.Key + "/first"), Article: by, Event: claims.RefKey(s.event.Key), Role: "subject",
		TimeAsGiven: given, Locator: "strike_id " + id})
	return nil
}
