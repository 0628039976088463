package formats

import (
	"bufio"
	"context"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json"

	"onrecord/internal/claims"
)

var claimReviewOutput = &Output{
	Name: "claimreview", Title: "schema.org ClaimReview: one for each assessment (JSON-LD)",
	convert: func(ctx context.Context, sources []Source, out *bufio.Writer, report *Report) error {
		r := &reviewRecords{conversion: &conversion{Context: ctx, sources: sources, report: report}, sources: map[string]reviewSource{}, articles: map[string]reviewPage{},
			speakers: map[string]reviewSpeaker{}, claims: map[string]string{}, statements: map[string]*reviewStatement{}, claimants: map[string][]string{}, reviews: map[string]bool{}}
		return r.convert(out)
	},
}

// reviewRecords are what a review needs of a stream, by id. Assessments and
// what they refer to stand in any order, so the stream is read twice: once for
// these and once for the assessments.
type reviewRecords struct {
	*conversion
	sources    map[string]reviewSource
	articles   map[string]reviewPage
	speakers   map[string]reviewSpeaker
	claims     map[string]string // text
	statements map[string]*reviewStatement
	claimants  map[string][]string // the statements that assert a claim, by claim
	reviews    map[string]bool     // addresses of reviews, which are no appearances of what they review
}

type (
	reviewSource    struct{ name, kind string }
	reviewPage      struct{ address, source string }
	reviewSpeaker   struct{ name, kind string }
	reviewStatement struct {
		text, speaker, said string
		secondHand          bool
		articles            []string
	}
)

// The JSON-LD that is written, in the order of the properties.
type (
	ldRating struct {
		Type              string `json:"@type"`
		RatingValue       int    `json:"ratingValue,omitzero"`
		BestRating        int    `json:"bestRating,omitzero"`
		WorstRating       int    `json:"worstRating,omitzero"`
		AlternateName     string `json:"alternateName"`
		RatingExplanation string `json:"ratingExplanation,omitzero"`
	}
	ldName struct {
		Type string `json:"@type"`
		Name string `json:"name"`
	}
	ldPage struct {
		Type string `json:"@type"`
		URL  string `json:"url"`
	}
	ldClaim struct {
		Type          string   `json:"@type"`
		Author        *ldName  `json:"author,omitzero"`
		DatePublished string   `json:"datePublished,omitzero"`
		Appearance    []ldPage `json:"appearance,omitempty"`
	}
	ldReview struct {
		Type          string   `json:"@type"`
		URL           string   `json:"url,omitzero"`
		DatePublished string   `json:"datePublished,omitzero"`
		Author        ldName   `json:"author"`
		ClaimReviewed string   `json:"claimReviewed"`
		ReviewRating  ldRating `json:"reviewRating"`
		ItemReviewed  any      `json:"itemReviewed,omitzero"` // an ldClaim, or a list of several
	}
)

func (r *reviewRecords) convert(out *bufio.Writer) error {
	for _, src := range r.conversion.sources {
		if err := eachRecord(r, src, func(_ place, in claims.Input) error { r.know(in); return nil }); err != nil {
			return err
		}
	}
	if _, err := out.WriteString(`{"@context":"https://schema.org","@graph":[`); err != nil {
		return err
	}
	for _, src := range r.conversion.sources {
		err := eachRecord(r, src, func(at place, in claims.Input) error {
			r.report.Read = count(r.report.Read, string(in.Kind()))
			assessment, ok := in.(*claims.AssessmentInput)
			if !ok {
				return nil
			}
			review, reason := r.review(assessment)
			if reason != "" {
				r.skip(at, reason)
				return nil
			}
			data, err := json.Marshal(review)
			if err != nil {
				return err
			}
			separator := ",\n"
			if r.report.Lines == 0 {
				separator = "\n"
			}
			r.report.Lines++
			r.report.Written = count(r.report.Written, "ClaimReview")
			_, err = out.WriteString(separator + string(data))
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err := out.WriteString("\n]}\n")
	return err
}

// know keeps what a review may need of a record.
func (r *reviewRecords) know(in claims.Input) {
	id := claims.GivenID(in)
	switch in := in.(type) {
	case *claims.SourceInput:
		r.sources[id] = reviewSource{in.Name, in.SourceKind}
	case *claims.ArticleInput:
		r.articles[id] = reviewPage{in.URL, in.Source.String()}
	case *claims.SpeakerInput:
		r.speakers[id] = reviewSpeaker{in.Name, in.SpeakerKind}
	case *claims.ClaimInput:
		r.claims[id] = in.Text
	case *claims.StatementInput:
		s := r.statement(id)
		s.text, s.speaker, s.said, s.secondHand = in.Text, in.Speaker.String(), in.SaidOn.String(), !in.Within.IsZero()
		for _, nested := range in.Nested(id) {
			r.know(nested)
		}
	case *claims.ReportInput:
		s := r.statement(in.Statement.String())
		s.articles = append(s.articles, in.Article.String())
	case *claims.AssessmentInput:
		r.reviews[in.URL] = true
	case *claims.PositionInput:
		if in.Stance == "asserts" {
			r.claimants[in.Claim.String()] = append(r.claimants[in.Claim.String()], in.Statement.String())
		}
	}
}

func (r *reviewRecords) statement(id string) *reviewStatement {
	if r.statements[id] == nil {
		r.statements[id] = &reviewStatement{}
	}
	return r.statements[id]
}

// review is an assessment as a ClaimReview, or why it can't be one. The rating
// is the reviewer's: a number is written only where the reviewer's own scale
// has one.
func (r *reviewRecords) review(in *claims.AssessmentInput) (ldReview, string) {
	review := ldReview{Type: "ClaimReview", URL: in.URL, Author: ldName{"Organization", r.sources[in.Reviewer.String()].name},
		ReviewRating: ldRating{Type: "Rating", AlternateName: in.Verdict, RatingExplanation: in.Rationale}}
	if review.Author.Name == "" {
		return review, "its reviewer is not in the stream"
	}
	said := []string{in.Statement.String()}
	if in.Statement.IsZero() {
		review.ClaimReviewed, said = r.claims[in.Claim.String()], r.claimants[in.Claim.String()]
	} else if s := r.statements[in.Statement.String()]; s != nil {
		review.ClaimReviewed = s.text
	}
	if review.ClaimReviewed == "" {
		return review, "what it assesses is not in the stream"
	}
	if review.DatePublished = isoDay(in.ReviewedOn.String()); review.DatePublished == "" && !in.ReviewedOn.IsZero() {
		r.leave("reviewed_on: vaguer than a day")
	}
	r.rate(in, &review.ReviewRating)
	var items []ldClaim
	for _, id := range r.reviewed(said, in.URL) {
		if s := r.statements[id]; s != nil && s.text != "" && !s.secondHand {
			if item := r.item(s); item.Author != nil || item.DatePublished != "" || item.Appearance != nil {
				items = append(items, item)
			}
		} else if s != nil && s.secondHand {
			r.leave("statements: second-hand, which say nothing of whom they are ascribed to")
		}
	}
	switch len(items) {
	case 0:
	case 1:
		review.ItemReviewed = items[0]
	default:
		review.ItemReviewed = items
	}
	if in.URL == "" {
		r.leave("url: the assessment has none, which some readers of ClaimReview require")
	}
	if len(in.Evidence) > 0 {
		r.leave("evidence: no property of a review")
	}
	return review, ""
}

// reviewed are the statements that the review at address reports, or all where
// it reports none.
func (r *reviewRecords) reviewed(statements []string, address string) []string {
	var list []string
	for _, id := range statements {
		s := r.statements[id]
		if address != "" && s != nil && slices.ContainsFunc(s.articles, func(id string) bool { return r.articles[id].address == address }) {
			list = append(list, id)
		}
	}
	if list == nil {
		return statements
	}
	return list
}

func (r *reviewRecords) rate(in *claims.AssessmentInput, rating *ldRating) {
	if in.Scale == oneToFive {
		for degree, verdict := range reviewDegrees {
			if verdict == in.Normalised {
				rating.RatingValue, rating.WorstRating, rating.BestRating = int(degree[0]-'0'), 1, 5
			}
		}
		return
	}
	if in.Scale != "" {
		r.leave("scale " + in.Scale + ": one of words")
	}
	if in.Normalised != "" {
		r.leave("normalised: ours, not the reviewer's")
	}
}

// item is a statement as the thing reviewed. Unnamed speakers stay unnamed, and
// a page that checks it is no appearance.
func (r *reviewRecords) item(s *reviewStatement) ldClaim {
	item := ldClaim{Type: "Claim", DatePublished: isoDay(s.said)}
	if item.DatePublished == "" && s.said != "" {
		r.leave("said_on: vaguer than a day")
	}
	switch speaker := r.speakers[s.speaker]; speaker.kind {
	case "":
		r.leave("speaker: not in the stream")
	case "anonymous", "collective", "community":
		r.leave("speaker: nobody in particular")
	case "person":
		item.Author = &ldName{"Person", speaker.name}
	default:
		item.Author = &ldName{schemaType(speaker.kind), speaker.name}
	}
	for _, id := range s.articles {
		page := r.articles[id]
		appearance := ldPage{"CreativeWork", page.address}
		check := r.reviews[page.address] || r.sources[page.source].kind == "fact_checker"
		if page.address != "" && !check && !slices.Contains(item.Appearance, appearance) {
			item.Appearance = append(item.Appearance, appearance)
		}
	}
	return item
}

// schemaType is the type of schema.org for a body's kind, as the reader of
// ClaimReview here takes it.
func schemaType(kind string) string {
	for t, k := range claimantKinds {
		if k == kind {
			return t
		}
	}
	return "Organization"
}

var dayOrInstant = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T[^/]+)?$`)

// isoDay is a date that ISO 8601 without extensions writes alike, else "".
func isoDay(date string) string {
	if dayOrInstant.MatchString(date) {
		return date
	}
	return ""
}
