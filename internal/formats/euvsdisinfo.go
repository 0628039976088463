package formats

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

var euvsdisinfo = &Format{
	Name: "euvsdisinfo", Title: "EUvsDisinfo: cases as scraped into a table (CSV)", Dataset: "euvsdisinfo",
	Inputs: []Input{euvsdisinfoTable},
	Options: []Option{{Name: "dates", Title: "how the file writes days; nothing in it says so", Required: true,
		Values: []string{"DD.MM.YYYY", "DD/MM/YYYY", "DD/MM/YY", "MM/DD/YYYY", "MM/DD/YY", "YYYY-MM-DD"}}},
	convert: convertEUvsDisinfo,
}

var euvsdisinfoTable = Input{Name: "cases", Title: "any number of them, divided by comma, semicolon or tab",
	columns: []string{"issue", "date", "outlet", "language", "origin", "reported by", "keywords", "source", "title", "summary", "disproof"}}

// euvsdisinfoLanguages are the names that the column uses for languages. It
// also holds names of countries, which say nothing of the language.
var euvsdisinfoLanguages = map[string]string{
	"arabic": "ar", "armenian": "hy", "azerbaijani": "az", "belarusian": "be", "bulgarian": "bg", "czech": "cs", "dutch": "nl", "english": "en",
	"estonian": "et", "finnish": "fi", "french": "fr", "georgian": "ka", "german": "de", "greek": "el", "hungarian": "hu", "italian": "it",
	"latvian": "lv", "lithuanian": "lt", "macedonian": "mk", "norwegian": "no", "polish": "pl", "portuguese": "pt", "romanian": "ro",
	"russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "spanish": "es", "swedish": "sv", "turkish": "tr", "ukrainian": "uk",
}

// convertEUvsDisinfo reads every date before it writes a line: one that the
// option doesn't fit shows that all those before it were misread.
func convertEUvsDisinfo(c *conversion) error {
	layout := newDayLayout(c.options["dates"])
	for _, src := range c.sources {
		err := c.eachRow(src, euvsdisinfoTable, func(t *table) error {
			if _, err := layout.parse(t.field("date")); err != nil {
				return t.at.fault("date", err.Error())
			}
			return c.Err()
		})
		if err != nil {
			return err
		}
	}
	if layout.ambiguous() {
		c.leave("dates: no day of the file is above 12, so days and months may be confused: look at some")
	}
	cases := &euvsdisinfoConversion{conversion: c, layout: layout, topics: map[string]string{}, rows: map[string]place{}, pages: map[string]string{}}
	for _, src := range c.sources {
		if err := c.eachRow(src, euvsdisinfoTable, cases.row); err != nil {
			return err
		}
	}
	return nil
}

type euvsdisinfoConversion struct {
	*conversion
	layout *dayLayout
	topics map[string]string
	rows   map[string]place  // by content
	pages  map[string]string // by address: outlet and day
}

// row writes a case: the claim with EUvsDisinfo's disproof, and that the outlet
// made it, as an issue of EUvsDisinfo reports, which never shows the original.
func (c *euvsdisinfoConversion) row(t *table) error {
	if err := c.read(t.at); err != nil {
		return err
	}
	day, err := c.layout.parse(t.field("date"))
	if err != nil {
		return t.at.fault("date", err.Error())
	}
	content := []string{day.String()}
	for _, column := range euvsdisinfoTable.columns {
		if column != "date" {
			content = append(content, name(t.field(column)))
		}
	}
	id := fingerprint(content...)
	if first, twice := c.rows[id]; twice {
		c.skip(t.at, fmt.Sprintf("repeats the row of line %d", first.line))
		return nil
	}
	c.rows[id] = t.at
	outlet, title := name(t.field("outlet")), name(t.field("title"))
	if title == "" {
		c.skip(t.at, "has no title, which is what is claimed")
		return nil
	}
	self, claim := c.key("reviewer", "euvsdisinfo"), c.key("claim", fingerprint(title))
	records := []claims.Input{
		&claims.SourceInput{Header: head(self), Name: "EUvsDisinfo", SourceKind: "fact_checker", Domain: "euvsdisinfo.eu"},
		&claims.ClaimInput{Header: head(claim), Text: title, Sort: "fact"}}
	if disproof := t.field("disproof"); strings.TrimSpace(disproof) != "" {
		records = append(records, &claims.AssessmentInput{Header: head(c.key("verdict", fingerprint(title, name(disproof)))), Claim: claims.RefKey(claim),
			Verdict: "disproof", Reviewer: claims.RefKey(self), Rationale: disproof})
	} else {
		c.leave("disproof: missing, no assessment")
	}
	if named(outlet) {
		records = append(records, c.statement(t, id, claim, outlet, day)...)
	} else {
		c.leave("outlet: not named, no statement")
	}
	_, err = c.put(t.at, records...)
	return err
}

func (c *euvsdisinfoConversion) statement(t *table, id, claim, outlet string, day edtf.Date) []claims.Input {
	issue := name(t.field("issue"))
	language := c.language(t.field("language"))
	records, topics := c.conversion.topics(strings.Split(t.field("keywords"), ","), c.topics)
	text := t.field("summary")
	if strings.TrimSpace(text) == "" {
		text = t.field("title")
	}
	report := claims.ReportInput{Article: c.ref("issue", issue), Renderings: []claims.Rendering{{Part: "body", Text: text, Form: "paraphrase"}}}
	if by := name(t.field("reported by")); named(by) {
		report.Cites = []claims.Citation{{Words: by}}
	}
	speaker, source := c.ref("outlet", outlet), c.ref("source", outlet)
	statement := &claims.StatementInput{Header: head(c.key("statement", id)), Speaker: speaker, StatementKind: "other", Text: text, TextFrom: report.Article,
		SpokenLanguage: language, SaidOn: day, Topics: topics, Targets: c.targets(t.field("origin")),
		Reports: []claims.ReportInput{report}, Positions: []claims.PositionInput{{Claim: claims.RefKey(claim), Stance: "asserts"}}}
	records = append(records,
		&claims.ArticleInput{Header: head(report.Article.Key()), Source: c.ref("reviewer", "euvsdisinfo"), Title: strings.TrimSpace("EUvsDisinfo, issue " + issue)},
		&claims.SourceInput{Header: head(source.Key()), Name: outlet, SourceKind: "other"},
		&claims.SpeakerInput{Header: head(speaker.Key()), Name: outlet, SpeakerKind: "media", Source: source})
	if address := strings.TrimSpace(t.field("source")); webAddress(address) {
		page := c.ref("article", address)
		if !c.out.Has(page.Key()) {
			c.pages[address] = outlet + " " + day.String()
			records = append(records, &claims.ArticleInput{Header: head(page.Key()), Source: source, Title: untitled(address), URL: address,
				PublishedOn: day, Language: language, SeenVia: report.Article})
		} else if c.pages[address] != outlet+" "+day.String() {
			c.leave("address: given for another outlet or day as well, the first is kept")
		}
		statement.Reports = append(statement.Reports, claims.ReportInput{Article: page, Match: "inferred",
			MatchNote: "EUvsDisinfo gives this address for the case; it was not read."})
	} else {
		c.leave("address: none that can be followed")
	}
	return append(records, statement)
}

func (c *euvsdisinfoConversion) language(column string) string {
	language := euvsdisinfoLanguages[strings.ToLower(name(column))]
	if language == "" && named(column) {
		c.leave("language " + strconv.Quote(name(column)) + ": not a language known here")
	}
	return language
}

// targets are the countries concerned. In which part is not said.
func (c *euvsdisinfoConversion) targets(origin string) []claims.Target {
	var targets []claims.Target
	for part := range strings.SplitSeq(origin, ",") {
		code := country(part)
		target := claims.Target{Role: "mentioned", Country: claims.RefID(code)}
		if code == "" && named(part) {
			c.leave("origin " + strconv.Quote(name(part)) + ": not a country")
		}
		if code != "" && !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	return targets
}

// A dayLayout reads days written in one way, and knows whether it has seen one
// that can't be read the other way round.
type dayLayout struct {
	layout        string
	form          *regexp.Regexp
	certain, seen bool
}

func newDayLayout(layout string) *dayLayout {
	form := regexp.QuoteMeta(layout)
	for _, part := range []struct{ letters, digits string }{{"YYYY", `(?P<Y>\d{4})`}, {"YY", `(?P<Y>\d{2})`}, {"MM", `(?P<M>\d{1,2})`}, {"DD", `(?P<D>\d{1,2})`}} {
		if part.letters == "YY" && strings.Contains(layout, "YYYY") {
			continue
		}
		form = strings.Replace(form, part.letters, part.digits, 1)
	}
	return &dayLayout{layout: layout, form: regexp.MustCompile("^" + form + "$")}
}

// parse reads a day. Two-digit years are of this century: the cases begin in
// 2015.
func (l *dayLayout) parse(s string) (edtf.Date, error) {
	m := l.form.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return edtf.Date{}, fmt.Errorf("%q is not written as %s", s, l.layout)
	}
	year, month, day := m[l.form.SubexpIndex("Y")], m[l.form.SubexpIndex("M")], m[l.form.SubexpIndex("D")]
	if len(year) == 2 {
		year = "20" + year
	}
	date, err := edtf.Parse(fmt.Sprintf("%s-%02s-%02s", year, month, day))
	if err != nil {
		return edtf.Date{}, fmt.Errorf("%q is no day if read as %s: are the dates of the file written in another way?", s, l.layout)
	}
	d, _ := strconv.Atoi(day)
	l.seen, l.certain = true, l.certain || d > 12
	return date, nil
}

// ambiguous reports whether all days seen could be months.
func (l *dayLayout) ambiguous() bool {
	return l.seen && !l.certain && l.layout != "YYYY-MM-DD" && !strings.Contains(l.layout, ".")
}
