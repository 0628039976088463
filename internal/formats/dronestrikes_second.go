package formats

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"onrecord/internal/claims"
)

// outletSpellings folds spellings of one outlet that can't be anybody else.
// "Post" could be, and stays.
var outletSpellings = map[string]string{
	"NYT": "New York Times", "Wash Post": "Washington Post", "ET": "Express Tribune", "Geo": "Geo TV", "GeoTV": "Geo TV",
	"AFP": "Agence France Press", "BBC News": "BBC",
}

var secondDay = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4})$`)

// second reads a strike of the tracker that names outlets. Each outlet is an
// article known through the tracker alone; which figure is whose is not said,
// so the tracker gives them all.
func (d *droneConversion) second(t *table) error {
	if err := d.read(t.at); err != nil {
		return err
	}
	given, village := strings.TrimSpace(t.field("date")), name(t.field("village"))
	m := secondDay.FindStringSubmatch(given)
	if m == nil {
		return t.at.fault("date", strconv.Quote(given)+" is not a day as 6/19/2004, the month first")
	}
	if year := strings.TrimSpace(t.field("year")); year != m[3] {
		return t.at.fault("year", strconv.Quote(year)+" is not the year of "+given)
	}
	day := fmt.Sprintf("%s-%02s-%02s", m[3], m[1], m[2])
	id := d.number(day, village)
	by, accounts := d.tracker("second", "Unidentified tracker of drone strikes in Pakistan", "Drone strikes in Pakistan (table with named outlets)", false)
	s := d.strike(id, day, t.at)
	if err := d.place(t, s, village); err != nil {
		return err
	}
	for _, f := range []figureColumns{{"total_low", "total_high", people}, {"militants_low", "militants_high", militants}, {"civilians_low", "civilians_high", civilians},
		{"unknown_low", "unknown_high", unknown}, {"leaders_killed", "leaders_killed", leaders},
		{"strikes", "strikes", claims.Figure{Metric: "count", Unit: "strikes"}}} {
		if err := d.figure(t, s, by, f); err != nil {
			return err
		}
	}
	accounts = append(accounts, d.participants(t, s, by)...)
	event := claims.RefKey(s.event.Key)
	mentions := []claims.Input{&claims.MentionInput{Header: head(s.event.Key + "/second"), Article: by, Event: event, Role: "subject", TimeAsGiven: given, Locator: village}}
	for _, outlet := range d.outlets(t) {
		source, article := d.ref("outlet", outlet), d.ref("article", id+"/"+outlet)
		accounts = append(accounts, &claims.SourceInput{Header: head(source.Key()), Name: outlet, SourceKind: "other"},
			&claims.ArticleInput{Header: head(article.Key()), Source: source, Title: "[No headline known] " + outlet + " on the drone strike of " + day, SeenVia: by})
		mentions = append(mentions, &claims.MentionInput{Header: head(article.Key() + "/mention"), Article: article, Event: event, Role: "subject"})
	}
	s.accounts = slices.Concat(accounts, s.accounts, mentions)
	slices.SortStableFunc(s.accounts, func(a, b claims.Input) int { return mentionsLast(a) - mentionsLast(b) })
	d.losses(t)
	return nil
}

// number is the strike that the row is about: the one of the first tracker that
// it is paired with, else one of its own. A second strike of a day in the same
// village is another strike.
func (d *droneConversion) number(day, village string) string {
	own := day + "/" + village
	if id := d.pairs[own]; d.strikes[id] != nil && len(d.strikes[id].days) == 1 {
		return id
	}
	id := own
	for n := 2; d.strikes[id] != nil; n++ {
		id = own + "/" + strconv.Itoa(n)
	}
	return id
}

func mentionsLast(in claims.Input) int {
	if in.Kind() == claims.KindMention {
		return 1
	}
	return 0
}

func (d *droneConversion) place(t *table, s *strike, village string) error {
	var degrees [2]*float64
	for i, column := range []string{"geo_lat", "geo_lon"} {
		if text := strings.TrimSpace(t.field(column)); text != "" {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return t.at.fault(column, strconv.Quote(text)+" is not a number of degrees")
			}
			degrees[i] = &n
		}
	}
	if i := slices.IndexFunc(s.event.Places, func(p claims.Place) bool { return p.Name == village }); i >= 0 {
		s.event.Places[i].Latitude, s.event.Places[i].Longitude = degrees[0], degrees[1]
	}
	s.place(village, "city", degrees[0], degrees[1])
	s.place(name(t.field("region")), "district", nil, nil)
	s.place(name(t.field("province")), "province", nil, nil)
	return nil
}

// participants are the organisation aimed at and the leader killed, where there
// is one of each: a list of names has no sure divider.
func (d *droneConversion) participants(t *table, s *strike, by claims.Ref) []claims.Input {
	var records []claims.Input
	part := func(role, kind, who string, aliases ...claims.Alias) {
		speaker := d.ref(kind, who)
		records = append(records, &claims.SpeakerInput{Header: head(speaker.Key()), Name: who, SpeakerKind: kind, Aliases: aliases})
		s.event.Participants = append(s.event.Participants, claims.Participant{Role: role, Speaker: speaker, GivenByArticle: by})
	}
	if organisation := name(t.field("target_organization_name")); named(organisation) {
		part("target", "armed_group", organisation)
	}
	leader := name(t.field("leader_names"))
	switch {
	case !named(leader):
	case strings.TrimSpace(t.field("leaders_killed")) != "1":
		d.leave("names of leaders: not exactly one is said to be killed")
	default:
		if first, other, found := strings.Cut(leader, ", aka "); found {
			part("victim", "person", first, claims.Alias{Name: other})
		} else if strings.Contains(leader, ",") {
			d.leave("names of leaders: one is said to be killed, several are named")
		} else {
			part("victim", "person", leader)
		}
	}
	return records
}

// outlets are the outlets that the row names, each once.
func (d *droneConversion) outlets(t *table) []string {
	var list []string
	for _, outlet := range t.fields("Source") {
		outlet = name(outlet)
		if folded := outletSpellings[outlet]; folded != "" {
			outlet = folded
		}
		switch {
		case !named(outlet):
		case slices.Contains(list, outlet):
			d.leave("outlets: named twice for one strike, kept once")
		default:
			list = append(list, outlet)
		}
	}
	return list
}

func (d *droneConversion) losses(t *table) {
	d.leave("averages: follow from the ranges")
	for _, column := range []string{"leader_description", "president_name", "target_type", "target_description", "strike_type"} {
		if named(t.field(column)) {
			d.leave(column + ": has no place")
		}
	}
}
