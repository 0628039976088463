package generate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// kinds are all kinds of statements, the frequent first.
var kinds = []string{"assertion", "announcement", "allegation", "condemnation", "denial", "demand", "assessment", "warning", "promise", "support", "threat", "appeal",
	"request", "offer", "justification", "refusal", "prediction", "confirmation", "courtesy", "acknowledgement", "praise", "order", "no_comment", "other",
	"claim_of_responsibility", "retraction", "apology"}

var (
	media = []weighted{{"", 25}, {"press_conference", 16}, {"interview", 14}, {"written", 12}, {"social_media", 12}, {"speech", 9}, {"meeting", 4}, {"broadcast", 3}, {"document", 3}, {"private", 1}, {"unknown", 1}}
	roles = []weighted{{"object", 45}, {"addressee", 25}, {"mentioned", 15}, {"victim", 8}, {"beneficiary", 7}}
	forms = []weighted{{"quotation", 40}, {"paraphrase", 35}, {"partial_quotation", 20}, {"inference", 5}}
	parts = []weighted{{"body", 70}, {"lead", 14}, {"headline", 12}, {"teaser", 3}, {"caption", 1}}
	verbs = []weighted{{"said", 50}, {"warned", 15}, {"told", 10}, {"claimed", 10}, {"added", 10}, {"insisted", 5}}
)

// imports is over how many imports, each with a namespace of its own, the
// statements are spread.
const imports = 20

// Key is the key of a statement, from 0 to Statements-1.
func (w *World) Key(n int) string {
	return fmt.Sprintf("gen-import-%02d:statement-%d", n*imports/w.Statements, n)
}

// Statement is a statement, from 0 to Statements-1, with its reports within.
func (w *World) Statement(n int) *claims.StatementInput {
	r := w.random(0, uint64(n))
	in := &claims.StatementInput{Header: claims.Header{Key: w.Key(n)}, StatementKind: kinds[w.kindRank.pick(r)], Text: w.sentence(r, 7, 26),
		Language: choose(r, languages), Medium: choose(r, media)}
	w.speaker(r, in)
	said := day(r)
	in.SaidOn = saidOn(r, said)
	switch x := r.IntN(100); {
	case x < 3:
		in.Recurrence = "standing"
	case x < 5:
		in.Recurrence = "repeated"
	}
	if r.IntN(10) == 0 {
		in.SpokenLanguage = choose(r, languages)
	}
	if r.IntN(100) < 6 {
		in.Condition = w.condition(r, n, said)
	}
	if n > 0 && r.IntN(100) < 2 {
		in.Within = w.earlier(r, n)
	}
	w.targets(r, in)
	for range r.IntN(4) {
		topic := claims.RefID(slugOf(topicNames[w.topicRank.pick(r)]))
		if !slices.Contains(in.Topics, topic) {
			in.Topics = append(in.Topics, topic)
		}
	}
	w.reports(r, in, said)
	return in
}

// earlier is a statement before n: none can lead back to itself.
func (w *World) earlier(r *rand.Rand, n int) claims.Ref {
	return claims.RefKey(w.Key(n - 1 - r.IntN(min(n, 5_000))))
}

var stateBodies = []string{"government", "ministry", "military", "security_service", "legislature", "court"}

func (w *World) speaker(r *rand.Rand, in *claims.StatementInput) {
	x := r.IntN(100)
	if x < 2 {
		in.Voice, in.Speaker = "editorial", w.media[r.IntN(len(w.media))].ref
		return
	}
	if x < 17 {
		s := w.states[w.stateRank.pick(r)]
		in.Speaker, in.OnBehalfOf = s.government, s.country
		return
	}
	s := w.speakers[w.speakerRank.pick(r)]
	in.Speaker = s.ref
	if slices.Contains(stateBodies, s.kind) || s.kind == "person" && r.IntN(100) < 65 {
		in.OnBehalfOf = w.states[s.state].country
	}
}

// saidOn is a date as somebody would write it for a day.
func saidOn(r *rand.Rand, day int) edtf.Date {
	on := date(day)
	text := on.Format(time.DateOnly)
	switch x := r.IntN(100); {
	case x < 3:
		return edtf.Date{}
	case x < 5: // wider than a year
		switch r.IntN(3) {
		case 0:
			text = fmt.Sprintf("%d/%d", on.Year()-2, on.Year())
		case 1:
			text = on.Format("2006-01") + "/.."
		case 2:
			text = fmt.Sprintf("%dX", on.Year()/10)
		}
	case x < 7:
		text = on.Format("2006")
	case x < 8:
		text = fmt.Sprintf("%d-%d", on.Year(), 21+r.IntN(4))
	case x < 13:
		text = on.Format("2006-01")
	case x < 15:
		text += "~"
	case x < 16:
		text = on.Format("2006-01") + "?"
	case x < 18:
		text = on.Add(time.Duration(r.IntN(86400))*time.Second).Format("2006-01-02T15:04:05") + "+05:00"
	case x < 20:
		text += "/" + on.AddDate(0, 0, 1+r.IntN(6)).Format(time.DateOnly)
	}
	return edtf.MustParse(text)
}

func (w *World) condition(r *rand.Rand, n, said int) *claims.Condition {
	c := &claims.Condition{Text: clause(r, w.sentence(r, 4, 9), 6), Sense: choose(r, []weighted{{"if", 80}, {"unless", 20}})}
	if r.IntN(100) < 15 {
		c.Outcome = choose(r, []weighted{{"met", 50}, {"broken", 50}})
		c.GivenBy = w.carrier(r, said+30).ref
		if n > 0 && r.IntN(2) == 0 {
			c.OutcomeStatement = w.earlier(r, n)
		}
	}
	return c
}

func (w *World) targets(r *rand.Rand, in *claims.StatementInput) {
	n := 1
	switch x := r.IntN(100); {
	case x < 30:
		n = 2
	case x < 45:
		n = 3
	}
	for range n {
		t := claims.Target{Role: choose(r, roles)}
		s := w.states[w.stateRank.pick(r)]
		switch x := r.IntN(100); {
		case x < 65:
			t.Country = s.country
		case x < 80:
			t.Speaker = s.government
		default:
			t.Speaker = w.speakers[w.speakerRank.pick(r)].ref
		}
		if !slices.Contains(in.Targets, t) {
			in.Targets = append(in.Targets, t)
		}
	}
}

func (w *World) reports(r *rand.Rand, in *claims.StatementInput, said int) {
	n := 1
	switch x := r.IntN(100); {
	case x < 4:
		n = 0
	case x < 17:
		n = 2
	case x < 22:
		n = 3
	}
	for range n {
		from := w.carrier(r, said)
		if slices.ContainsFunc(in.Reports, func(other claims.ReportInput) bool { return other.Article == from.ref }) {
			continue
		}
		report := claims.ReportInput{Article: from.ref}
		if r.IntN(10) == 0 {
			report.Match, report.MatchNote = "inferred", "the same words on the same day"
		}
		if r.IntN(10) == 0 {
			rating := 1 + r.IntN(6)
			report.Credibility, report.CredibilityBy, report.CredibilityOn = &rating, "desk", edtf.MustParse(date(said+1).Format(time.DateOnly))
		}
		switch x := r.IntN(100); {
		case x < 12:
			report.Cites = []claims.Citation{{Source: w.carrier(r, said).source}}
		case x < 20:
			report.Cites = []claims.Citation{{Words: "according to reports"}}
		}
		for range 1 + r.IntN(2) {
			report.Renderings = append(report.Renderings, w.rendering(r, in))
		}
		in.Reports = append(in.Reports, report)
	}
	if len(in.Reports) > 0 && r.IntN(100) < 85 {
		in.TextFrom = in.Reports[0].Article
	}
}

func (w *World) rendering(r *rand.Rand, in *claims.StatementInput) claims.Rendering {
	made := claims.Rendering{Part: choose(r, parts), Form: choose(r, forms), Locator: fmt.Sprintf("paragraph %d", 1+r.IntN(20)), Translated: r.IntN(5) == 0}
	switch made.Form {
	case "quotation":
		made.Text = in.Text
	case "partial_quotation":
		made.Text = clause(r, in.Text, 6)
	default:
		made.Text = w.sentence(r, 6, 16)
	}
	if r.IntN(100) < 80 {
		made.AttributionVerb = choose(r, verbs)
	} else {
		made.Attribution = choose(r, []weighted{{"carried_over", 60}, {"unclear", 25}, {"own_voice", 15}})
	}
	if r.IntN(20) == 0 {
		made.Hedge = "reportedly"
	}
	if r.IntN(6) == 0 {
		made.NamesAsGiven = []claims.NameAsGiven{{Speaker: in.Speaker, Name: title(w.words[500+r.IntN(8000)])}}
	}
	if r.IntN(6) == 0 {
		made.TimeAsGiven = choose(r, []weighted{{"on Wednesday", 50}, {"last week", 30}, {"recently", 20}})
	}
	if in.Condition != nil {
		made.Condition = in.Condition.Text
	}
	return made
}
