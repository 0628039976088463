package formats

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"onrecord/internal/claims"
)

var claimReview = &Format{
	Name: "claimreview", Title: "schema.org ClaimReview (JSON-LD)", Dataset: "claimreview",
	Inputs:  []Input{{Name: "reviews", Title: "a review, an array of them, an @graph or a DataFeed; any number of files"}},
	Options: []Option{datasetOption("claimreview")},
	convert: convertClaimReview,
}

// reviewWords are ratings in words that mean the same wherever they are used.
// Others are kept as published and have no normalised value but what a number
// from 1 to 5 says.
var reviewWords = map[string]string{
	"true": "true", "mostly true": "mostly_true", "half true": "mixed", "half-true": "mixed", "mixed": "mixed", "mixture": "mixed",
	"misleading": "misleading", "mostly false": "mostly_false", "false": "false", "pants on fire": "false", "unproven": "unproven", "unverified": "unproven",
}

// reviewDegrees are the numbers of a rating from 1 to 5, as publishers of
// ClaimReview are told to use it.
var reviewDegrees = map[string]string{"1": "false", "2": "mostly_false", "3": "mixed", "4": "mostly_true", "5": "true"}

// oneToFive names that scale.
const oneToFive = "1 to 5"

// reviewProperties are those that are carried over, of each type. What else an
// object has is counted as left out.
var reviewProperties = map[string][]string{
	"ClaimReview":  {"url", "datePublished", "author", "publisher", "claimReviewed", "itemReviewed", "reviewRating", "name", "headline", "inLanguage"},
	"Rating":       {"ratingValue", "bestRating", "worstRating", "alternateName", "name", "ratingExplanation"},
	"itemReviewed": {"author", "datePublished", "appearance", "firstAppearance", "url"},
	"claimant":     {"name"},
}

type claimReviewConversion struct{ *conversion }

func convertClaimReview(c *conversion) error {
	for _, src := range c.sources {
		doc, err := openDocument(src)
		if err != nil {
			return err
		}
		defer doc.Close()
		if err := (claimReviewConversion{c}).document(doc); err != nil {
			return err
		}
		if err := doc.end(); err != nil {
			return err
		}
	}
	return nil
}

// document finds the reviews: in an array, in an object's @graph or
// dataFeedElement, or as the object itself.
func (c claimReviewConversion) document(doc *document) error {
	if doc.dec.PeekKind() == '[' {
		return doc.elements(c.element)
	}
	self, at, held := node{}, place{doc.text.name, 1}, false
	err := doc.members(func(member string) error {
		if term := schemaTerm(member); (term == "@graph" || term == "dataFeedElement") && doc.dec.PeekKind() == '[' {
			held = true
			return doc.elements(c.element)
		} else {
			e, err := doc.element()
			self[term] = e.value.Clone()
			return err
		}
	})
	if err != nil || held {
		return err
	}
	return c.node(at, self)
}

func (c claimReviewConversion) element(e element) error {
	n, err := readNode(e.value)
	if err != nil {
		c.skip(e.at, err.Error())
		return c.read(e.at)
	}
	if items := n.nodes("item"); n.is("DataFeedItem") && len(items) > 0 {
		for _, item := range items {
			if err := c.node(e.at, item); err != nil {
				return err
			}
		}
		return nil
	}
	return c.node(e.at, n)
}

func (c claimReviewConversion) node(at place, n node) error {
	if err := c.read(at); err != nil {
		return err
	}
	if !n.is("ClaimReview") {
		c.skip(at, fmt.Sprintf("is a %s, not a ClaimReview", strings.Join(append(n.types(), "thing without a type")[:1], "")))
		return nil
	}
	reviewer, kind := c.reviewer(n)
	text := n.text("claimReviewed")
	rating := append(n.nodes("reviewRating"), node{})[0]
	verdict, scale, normalised := c.verdict(rating)
	switch {
	case strings.TrimSpace(text) == "":
		c.skip(at, "has no claimReviewed")
		return nil
	case reviewer == nil:
		c.skip(at, "has no author with a name: whose review it is isn't said")
		return nil
	case verdict == "":
		c.skip(at, "has no rating in words or numbers: no verdict is made up")
		return nil
	}
	address := strings.TrimSpace(n.text("url"))
	id := fingerprint(address, text, name(reviewer.text("name")))
	source, claim := c.ref("source", name(reviewer.text("name"))), c.ref("claim", fingerprint(text))
	assessment := &claims.AssessmentInput{Header: head(c.key("review", id)), Claim: claim, Verdict: verdict, Scale: scale, Normalised: normalised,
		Reviewer: source, ReviewedOn: n.published(), Rationale: rating.text("ratingExplanation")}
	if webAddress(address) {
		assessment.URL = address
	} else {
		c.leave("ClaimReview.url: missing or no address")
	}
	if c.out.Has(assessment.Key) {
		c.skip(at, "repeats an earlier review")
		return nil
	}
	if strings.TrimSpace(assessment.Rationale) == "" {
		assessment.Rationale = ""
	}
	records := c.once(&claims.SourceInput{Header: head(source.Key()), Name: name(reviewer.text("name")), SourceKind: kind, Domain: host(reviewer.text("url"))})
	records = append(records, &claims.ClaimInput{Header: head(claim.Key()), Text: text, Sort: "fact"}, assessment)
	records = append(records, c.statements(n, text, claim, source, assessment.URL)...)
	written, err := c.put(at, firsts(records)...)
	if written {
		c.rest("ClaimReview", "ClaimReview", n)
		c.rest("Rating", "reviewRating", rating)
	}
	return err
}

// once is the record, unless one of its key was written: of what two reviews
// say of one outlet or page the first is kept.
func (c claimReviewConversion) once(in claims.Input) []claims.Input {
	if c.out.Has(in.Head().Key) {
		return nil
	}
	return []claims.Input{in}
}

// firsts are the records without those whose key stands earlier in the list.
func firsts(records []claims.Input) []claims.Input {
	seen := map[string]bool{}
	return slices.DeleteFunc(records, func(in claims.Input) bool {
		key := in.Head().Key
		defer func() { seen[key] = true }()
		return seen[key]
	})
}

// reviewer is the outlet whose review it is. Where a person is the author it
// is the publisher, if there is one.
func (c claimReviewConversion) reviewer(n node) (reviewer node, kind string) {
	candidates := append(n.nodes("author"), n.nodes("publisher")...)
	i := slices.IndexFunc(candidates, func(a node) bool { return !a.is("Person") && named(a.text("name")) })
	if i >= 0 {
		if i > 0 && named(candidates[0].text("name")) {
			c.leave("ClaimReview.author: a person, beside the publisher")
		}
		return candidates[i], "fact_checker"
	}
	if i = slices.IndexFunc(candidates, func(a node) bool { return named(a.text("name")) }); i >= 0 {
		return candidates[i], "other"
	}
	return nil, ""
}

var wholeDegree = regexp.MustCompile(`^[1-5](\.0+)?$`)

// verdict is the rating as published, in words where there are any. A number
// from 1 to 5 is normalised where the words don't say it.
func (c claimReviewConversion) verdict(rating node) (verdict, scale, normalised string) {
	verdict = name(rating.text("alternateName"))
	if verdict == "" {
		verdict = name(rating.text("name"))
	}
	value, worst, best := rating.text("ratingValue"), rating.text("worstRating"), rating.text("bestRating")
	if worst != "" && best != "" {
		scale = name(worst + " to " + best)
	}
	degree := ""
	if scale == oneToFive && wholeDegree.MatchString(value) {
		degree = reviewDegrees[value[:1]]
	}
	normalised = reviewWords[strings.ToLower(strings.TrimRight(verdict, ".!"))]
	switch {
	case verdict == "":
		return name(value), scale, degree
	case normalised == "":
		normalised = degree
	}
	if value != "" && degree != normalised {
		c.leave("Rating.ratingValue: does not follow from the words, which are kept")
	} else if value != "" && degree == "" {
		c.leave("Rating.ratingValue: of a scale other than 1 to 5, beside words")
	}
	return verdict, scale, normalised
}

// rest counts the properties of an object that are not carried over.
func (c claimReviewConversion) rest(kind, object string, n node) {
	var names []string
	for property := range n {
		if !strings.HasPrefix(property, "@") && !slices.Contains(reviewProperties[kind], property) {
			names = append(names, property)
		}
	}
	slices.Sort(names)
	for _, property := range names {
		c.leave(object + "." + property + ": no place")
	}
}

// claimantKinds are the types that say what a claimant is. A plain
// Organization doesn't.
var claimantKinds = map[string]string{"Person": "person", "NewsMediaOrganization": "media", "NGO": "ngo", "Corporation": "company", "PoliticalParty": "party", "GovernmentOrganization": "ministry"}

// statements are the claim's utterances: one for each claimant with a name, as
// the review and the appearances it gives carry it. Of one claimant on one day
// it is the same for all reviews of the claim, and each adds its reports.
func (c claimReviewConversion) statements(n node, text string, claim, source claims.Ref, review string) []claims.Input {
	var records []claims.Input
	spoken := false
	for _, item := range n.nodes("itemReviewed") {
		c.rest("itemReviewed", "itemReviewed", item)
		for _, claimant := range item.nodes("author") {
			who, kind := name(claimant.text("name")), ""
			for _, t := range claimant.types() {
				kind = claimantKinds[t]
			}
			switch {
			case !named(who):
				c.leave("claimant: not named, no statement")
				continue
			case kind == "":
				c.leave("claimant: of a type that does not say what it is, no statement")
				continue
			}
			spoken = true
			c.rest("claimant", "claimant", claimant)
			speaker := c.ref("speaker", kind+"/"+who)
			said := item.published()
			statement := &claims.StatementInput{Header: head(c.key("statement", fingerprint(text, speaker.Key(), said.String()))), Speaker: speaker,
				StatementKind: "other", Text: text, SaidOn: said, Positions: []claims.PositionInput{{Claim: claim, Stance: "asserts"}}}
			records = append(records, &claims.SpeakerInput{Header: head(speaker.Key()), Name: who, SpeakerKind: kind}, statement)
			if review != "" {
				note := ""
				if c.out.Has(statement.Key) {
					note = "Another review has the same claim by the same claimant on the same day."
				}
				records = append(records, c.once(c.review(n, source, review))...)
				records = append(records, c.report(statement, review, note)...)
			}
			records = append(records, c.appearances(item, statement, review)...)
		}
	}
	if !spoken {
		c.leave("reviews without a claimant: claim and verdict only, no appearances")
	}
	return records
}

// report says that the page at address carries the statement. With a note that
// it is this one is our conclusion.
func (c claimReviewConversion) report(statement *claims.StatementInput, address, note string) []claims.Input {
	article := c.ref("article", address)
	report := &claims.ReportInput{Header: head(statement.Key + "/" + article.Key()), Statement: claims.RefKey(statement.Key), Article: article, MatchNote: note}
	if note != "" {
		report.Match = "inferred"
	}
	return c.once(report)
}

func (c claimReviewConversion) review(n node, source claims.Ref, address string) claims.Input {
	article := &claims.ArticleInput{Header: head(c.key("article", address)), Source: source, Title: name(n.text("name")), URL: address, PublishedOn: n.published()}
	if article.Title == "" {
		article.Title = name(n.text("headline"))
	}
	if article.Title == "" {
		article.Title = untitled(address)
	}
	var check claims.Check
	if check.Language("", n.text("inLanguage")); len(check.Problems) == 0 {
		article.Language = n.text("inLanguage")
	}
	return article
}

// appearances are the pages on which the claim is said to stand.
func (c claimReviewConversion) appearances(item node, statement *claims.StatementInput, review string) []claims.Input {
	var records []claims.Input
	pages := append(item.nodes("firstAppearance"), item.nodes("appearance")...)
	if address := item.text("url"); address != "" {
		pages = append(pages, node{"url": item["url"]})
	}
	seen := map[string]bool{review: true}
	for _, page := range pages {
		address := strings.TrimSpace(page.text("url"))
		if !webAddress(address) || seen[address] {
			continue
		}
		seen[address] = true
		outlet := host(address)
		for _, publisher := range page.nodes("publisher") {
			if named(publisher.text("name")) {
				outlet = name(publisher.text("name"))
			}
		}
		source := c.ref("source", outlet)
		title := name(page.text("headline"))
		if title == "" {
			title = name(page.text("name"))
		}
		if title == "" {
			title = untitled(address)
		}
		records = append(records, c.once(&claims.SourceInput{Header: head(source.Key()), Name: outlet, SourceKind: "other", Domain: host(address)})...)
		records = append(records, c.once(&claims.ArticleInput{Header: head(c.key("article", address)), Source: source, Title: title, URL: address, PublishedOn: page.published()})...)
		records = append(records, c.report(statement, address, "The review gives this address as an appearance of the claim; it was not read.")...)
	}
	return records
}
