package formats

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

var averitec = &Format{
	Name: "averitec", Title: "AVeriTeC: claims with evidence from the web (JSON)", Dataset: "averitec",
	Inputs: []Input{{Name: "split", Title: "train.json, dev.json, any number of them"}},
	convert: func(c *conversion) error {
		return (&averitecConversion{c, speakerKinds(averitecSpeakers), map[string]string{}}).run()
	},
}

// averitecLabels are AVeriTeC's four labels. The one for conflicting evidence
// or cherry-picking is two things, and is left without a normalised value.
var averitecLabels = map[string]string{"Supported": "true", "Refuted": "false", "Not Enough Evidence": "unproven", "Conflicting Evidence/Cherrypicking": ""}

type averitecCase struct {
	Claim                  string   `json:"claim"`
	RequiredReannotation   bool     `json:"required_reannotation"`
	Label                  string   `json:"label"`
	Justification          string   `json:"justification"`
	ClaimDate              string   `json:"claim_date"`
	Speaker                string   `json:"speaker"`
	OriginalClaimURL       string   `json:"original_claim_url"`
	CachedOriginalClaimURL string   `json:"cached_original_claim_url"`
	FactCheckingArticle    string   `json:"fact_checking_article"`
	ReportingSource        string   `json:"reporting_source"`
	LocationISOCode        string   `json:"location_ISO_code"`
	ClaimTypes             []string `json:"claim_types"`
	FactCheckingStrategies []string `json:"fact_checking_strategies"`
	Questions              []struct {
		Question string `json:"question"`
		Answers  []struct {
			Answer             string `json:"answer"`
			AnswerType         string `json:"answer_type"`
			BooleanExplanation string `json:"boolean_explanation"`
			SourceURL          string `json:"source_url"`
			CachedSourceURL    string `json:"cached_source_url"`
			SourceMedium       string `json:"source_medium"`
		} `json:"answers"`
	} `json:"questions"`
}

type averitecConversion struct {
	*conversion
	speakers kindTable
	sites    map[string]string // the kind of source that each host was entered as
}

func (c *averitecConversion) run() error {
	for _, src := range c.sources {
		doc, err := openDocument(src)
		if err != nil {
			return err
		}
		defer doc.Close()
		err = doc.elements(func(e element) error {
			if err := c.read(e.at); err != nil {
				return err
			}
			var in averitecCase
			if err := e.decode(&in); err != nil {
				return err
			}
			return c.convert(e.at, &in)
		})
		if err == nil {
			err = doc.end()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// convert writes one case: the claim with AVeriTeC's verdict, and where a
// speaker is named, who made it and the articles that carry it. The data set
// numbers nothing, so a case is named by what it says and where it was found.
func (c *averitecConversion) convert(at place, in *averitecCase) error {
	id := fingerprint(in.Claim, in.FactCheckingArticle, in.ClaimDate, in.Speaker, in.Label, in.Justification)
	claim := c.key("claim", id)
	if c.out.Has(claim) {
		c.skip(at, "repeats an earlier case")
		return nil
	}
	said, err := averitecDate(in.ClaimDate)
	if err != nil {
		return at.fault("claim_date", err.Error())
	}
	self := c.key("source", "averitec")
	records := []claims.Input{&claims.SourceInput{Header: head(self), Name: "AVeriTeC", SourceKind: "other"},
		&claims.ClaimInput{Header: head(claim), Text: in.Claim, Sort: "fact"}}
	if normalised, known := averitecLabels[in.Label]; in.Label != "" {
		records = append(records, &claims.AssessmentInput{Header: head(c.key("verdict", id)), Claim: claims.RefKey(claim), Verdict: name(in.Label),
			Scale: "AVeriTeC", Normalised: normalised, Reviewer: claims.RefKey(self), Rationale: in.Justification, Evidence: c.evidence(in)})
		if !known {
			c.leave("label " + name(in.Label) + ": not of the scale, kept without a normalised value")
		}
	} else {
		c.leave("label: missing, no assessment")
	}
	spoken := c.statement(id, claim, said, in)
	guessed := spoken != nil && !c.speakers.listed(name(in.Speaker)) && !c.out.Has(c.key("speaker", name(in.Speaker)))
	written, err := c.put(at, append(records, spoken...)...)
	if written {
		c.losses(in, spoken != nil)
		if guessed {
			c.leave(personForLackOfKind)
		}
	}
	return err
}

func (c *averitecConversion) statement(id, claim string, said edtf.Date, in *averitecCase) []claims.Input {
	if !named(in.Speaker) || c.byline(in) {
		return nil
	}
	speaker := name(in.Speaker)
	statement := &claims.StatementInput{Header: head(c.key("statement", id)), Speaker: c.ref("speaker", speaker), StatementKind: "other",
		Text: in.Claim, SaidOn: said, Positions: []claims.PositionInput{{Claim: claims.RefKey(claim), Stance: "asserts"}}}
	records := []claims.Input{&claims.SpeakerInput{Header: head(c.key("speaker", speaker)), Name: speaker, SpeakerKind: c.speakers.of(speaker)}}
	if address, archive := unarchived(in.FactCheckingArticle); address != "" {
		records = append(records, c.article(address, archive, "fact_checker")...)
		report := claims.ReportInput{Article: c.ref("article", address), Match: "inferred",
			MatchNote: "AVeriTeC names the speaker and says that this article checks the claim; the article was not read."}
		if words := name(in.ReportingSource); words != "" {
			report.Cites = []claims.Citation{{Words: words}}
		}
		statement.Reports = append(statement.Reports, report)
	}
	original, archive := unarchived(in.OriginalClaimURL)
	if cached, outer := unarchived(in.CachedOriginalClaimURL); outer != "" && (original == "" || archive == "" && cached == original) {
		original, archive = cached, outer
	}
	if original != "" {
		kind := "other"
		if social[host(original)] {
			kind = "social"
		}
		records = append(records, c.article(original, archive, kind)...)
		statement.Reports = append(statement.Reports, claims.ReportInput{Article: c.ref("article", original), Match: "inferred",
			MatchNote: "AVeriTeC says that the claim was made at this address; it was not read."})
	}
	return append(records, statement)
}

// byline reports whether the speaker seems to be the fact-checker: the claim
// is said to have been made where it is checked.
func (c *averitecConversion) byline(in *averitecCase) bool {
	check, _ := unarchived(in.FactCheckingArticle)
	original, _ := unarchived(in.OriginalClaimURL)
	outlet := strings.ReplaceAll(strings.ToLower(name(in.ReportingSource)), " ", "")
	site, _, _ := strings.Cut(host(check), ".")
	return check != "" && (check == original || outlet != "" && outlet == site)
}

func (c *averitecConversion) article(address, archive, kind string) []claims.Input {
	site := host(address)
	if c.sites[site] == "" {
		c.sites[site] = kind
	}
	records := []claims.Input{&claims.SourceInput{Header: head(c.key("source", site)), Name: site, SourceKind: c.sites[site], Domain: site}}
	if c.out.Has(c.key("article", address)) {
		return records // a second archived copy of the same page has no place
	}
	return append(records, &claims.ArticleInput{Header: head(c.key("article", address)), Source: c.ref("source", site),
		Title: untitled(address), URL: address, ArchiveURL: archive})
}

// social are the sites on which everybody publishes for himself.
var social = map[string]bool{"twitter.com": true, "facebook.com": true, "m.facebook.com": true, "instagram.com": true, "youtube.com": true, "tiktok.com": true, "t.me": true, "reddit.com": true}

// evidence are the addresses that the answers come from.
func (c *averitecConversion) evidence(in *averitecCase) []string {
	var list []string
	seen := map[string]bool{}
	for _, q := range in.Questions {
		for _, a := range q.Answers {
			address := strings.TrimSpace(a.SourceURL)
			if !webAddress(address) {
				address = strings.TrimSpace(a.CachedSourceURL)
			}
			if webAddress(address) && !seen[address] && len(list) < 200 {
				seen[address] = true
				list = append(list, address)
			}
		}
	}
	return list
}

func (c *averitecConversion) losses(in *averitecCase, spoken bool) {
	c.leave("questions, answers, claim types, strategies: only the addresses of the answers are kept")
	if in.LocationISOCode != "" {
		c.leave("location: where a claim matters is not whom it is about")
	}
	switch {
	case !spoken && named(in.Speaker):
		c.leave("speaker: the fact-checker's own byline, no statement")
	case !spoken:
		c.leave("speaker: not named, no statement")
	}
	if !spoken {
		c.leave("date, articles and reporting source of a claim without a statement")
	}
	if original, _ := unarchived(in.OriginalClaimURL); spoken && in.OriginalClaimURL != "" && original == "" {
		c.leave("original address: of an archive that hides the outlet")
	}
}

var (
	averitecDay = regexp.MustCompile(`^(\d{1,2})-(\d{1,2})-(\d{4})$`)
	waybackCopy = regexp.MustCompile(`^https?://web\.archive\.org/web/[^/]+/(https?://.+)$`)
	archiveHost = regexp.MustCompile(`^(archive\.(ph|is|vn|today|li|fo|md|org)|web\.archive\.org|perma\.cc|t\.co)$`)
)

// averitecDate reads day-month-year without padding; none is no date.
func averitecDate(s string) (edtf.Date, error) {
	if s = strings.TrimSpace(s); !named(s) {
		return edtf.Date{}, nil
	}
	m := averitecDay.FindStringSubmatch(s)
	if m == nil {
		return edtf.Date{}, fmt.Errorf("%q is not a date as 31-10-2020", s)
	}
	day, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	return edtf.Parse(fmt.Sprintf("%s-%02d-%02d", m[3], month, day))
}

// unarchived takes an address apart into that of the page and that of the
// archive's copy. Both are empty where only an archive knows what it copied.
func unarchived(address string) (page, archive string) {
	address = strings.TrimSpace(address)
	if m := waybackCopy.FindStringSubmatch(address); m != nil && webAddress(m[1]) && webAddress(address) {
		if inner, _ := unarchived(m[1]); inner != "" {
			return inner, address
		}
		return "", ""
	}
	if !webAddress(address) || archiveHost.MatchString(host(address)) {
		return "", ""
	}
	return address, ""
}

// averitecSpeakers are the speakers of AVeriTeC that are no persons.
//
//go:embed averitec_speakers.tsv
var averitecSpeakers string
