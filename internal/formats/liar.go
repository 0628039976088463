package formats

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"onrecord/internal/claims"
)

var liar = &Format{
	Name: "liar", Title: "LIAR: statements rated by PolitiFact (TSV without a head)", Dataset: "liar",
	Inputs:  []Input{{Name: "split", Title: "train.tsv, valid.tsv, test.tsv, any number of them"}},
	convert: convertLIAR,
}

// The columns of a LIAR row. Those that are not named are not carried over;
// docs/formats/liar.md says why.
const (
	liarID = iota
	liarLabel
	liarStatement
	liarSubjects
	liarSpeaker
	liarContext = 13
	liarColumns = 14
)

// liarLabels are PolitiFact's six degrees as LIAR spells them. Its last two
// degrees are one in the normalised scale; the label keeps them apart.
var liarLabels = map[string]string{
	"true": "true", "mostly-true": "mostly_true", "half-true": "mixed",
	"barely-true": "mostly_false", "false": "false", "pants-fire": "false",
}

// liarMedia are the venues whose words say how something was said. What they
// don't match is left out rather than guessed.
var liarMedia = []struct {
	venue  *regexp.Regexp
	medium string
}{
	{regexp.MustCompile(`(?i)^(an? )?(\w+ ){0,2}interview\b`), "interview"},
	{regexp.MustCompile(`(?i)^(an? )?(\w+ ){0,2}(press|news) conference\b`), "press_conference"},
	{regexp.MustCompile(`(?i)^(an? )?(\w+ ){0,3}speech\b`), "speech"},
	{regexp.MustCompile(`(?i)^(an? )?(tweet|(facebook|twitter) post|post on (facebook|twitter))\b`), "social_media"},
	{regexp.MustCompile(`(?i)^(an? )?(campaign )?(tv|television|radio) (ad|commercial)\b`), "broadcast"},
}

// convertLIAR splits at line feeds and tabs and nowhere else: quotation marks
// are text in this format, and often unbalanced.
func convertLIAR(c *conversion) error {
	kinds := speakerKinds(liarSpeakers)
	reviewer := c.key("source", "politifact")
	politifact := &claims.SourceInput{Header: head(reviewer), Name: "PolitiFact", SourceKind: "fact_checker", Domain: "politifact.com"}
	topics := map[string]string{}
	for _, src := range c.sources {
		err := eachLine(src, func(at place, line string) error {
			row := strings.Split(line, "\t")
			if len(row) != liarColumns {
				return at.fault("", fmt.Sprintf("has %d fields, not %d: cut off?", len(row), liarColumns))
			}
			if err := c.read(at); err != nil {
				return err
			}
			id, label, speaker := name(row[liarID]), name(row[liarLabel]), name(row[liarSpeaker])
			statement := c.dataset + ":" + id
			switch {
			case id == "":
				c.skip(at, "has no id")
				return nil
			case c.out.Has(statement):
				c.skip(at, "the id "+id+" stands in an earlier row")
				return nil
			case !named(speaker):
				c.skip(at, "names no speaker")
				return nil
			}
			records, refs := c.topics(strings.Split(row[liarSubjects], ","), topics)
			records = append(records, politifact,
				&claims.SpeakerInput{Header: head(c.key("speaker", speaker)), Name: speaker, SpeakerKind: kinds.of(speaker)},
				&claims.StatementInput{Header: head(statement), Speaker: c.ref("speaker", speaker), StatementKind: "other",
					Text: row[liarStatement], Medium: liarMedium(row[liarContext]), Topics: refs})
			if label != "" {
				records = append(records, &claims.AssessmentInput{Header: head(statement + "/verdict"), Statement: claims.RefKey(statement),
					Verdict: label, Scale: "Truth-O-Meter", Normalised: liarLabels[label], Reviewer: claims.RefKey(reviewer)})
			}
			guessed := !kinds.listed(speaker) && !c.out.Has(c.key("speaker", speaker))
			written, err := c.put(at, records...)
			if written {
				c.liarLosses(row, guessed)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func liarMedium(venue string) string {
	for _, m := range liarMedia {
		if m.venue.MatchString(venue) {
			return m.medium
		}
	}
	return ""
}

func (c *conversion) liarLosses(row []string, guessed bool) {
	c.leave("job title, state, party and running counts: not of the day on which it was said")
	if row[liarContext] != "" && liarMedium(row[liarContext]) == "" {
		c.leave("context: no medium follows from it")
	} else if row[liarContext] != "" {
		c.leave("context: all but the medium")
	}
	if label := name(row[liarLabel]); label == "" {
		c.leave("label: missing, no assessment")
	} else if liarLabels[label] == "" {
		c.leave("label " + label + ": not of the scale, kept without a normalised value")
	}
	if guessed {
		c.leave(personForLackOfKind)
	}
}

// liarSpeakers are the speakers of LIAR that are no persons.
//
//go:embed liar_speakers.tsv
var liarSpeakers string

// A kindTable says what speakers are that their source gives by name only. The
// model has no kind for "not given": who is not listed is taken for a person,
// and the report counts them.
type kindTable map[string]string

const personForLackOfKind = "kind of a speaker: not given, taken for a person"

// speakerKinds reads lines of a name, a tab and a kind; # begins a comment.
func speakerKinds(lines string) kindTable {
	kinds := kindTable{}
	for line := range strings.Lines(lines) {
		if name, kind, found := strings.Cut(strings.TrimSpace(line), "\t"); found && name[0] != '#' {
			kinds[name] = kind
		}
	}
	return kinds
}

func (k kindTable) listed(name string) bool { return k[name] != "" }

func (k kindTable) of(name string) string {
	if kind := k[name]; kind != "" {
		return kind
	}
	return "person"
}
