package generate

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/go-json-experiment/json"

	"onrecord/internal/claims"
)

// A Tally says what a stream has: Records are those within others too.
type Tally struct{ Lines, Records, Statements int }

// claimEvery is how many statements there are to a claim.
const claimEvery = 10

// Stream writes an import stream of so many records, at least a thousand:
// topics, sources, speakers and articles in proportion, then statements with
// their reports and, three of ten, with positions on claims, which stand
// between them. It refers to reference.Countries.
func Stream(to io.Writer, seed uint64, records int) (Tally, error) {
	w, err := New(Config{Seed: seed, Statements: records * 2 / 5, Speakers: max(records/500, 20), Sources: max(records/3_000, 10), Articles: max(records/20, 50)})
	if err != nil {
		return Tally{}, err
	}
	s := &stream{to: bufio.NewWriterSize(to, 1<<20)}
	for _, in := range w.Dimensions() {
		if err := s.line(in, 1); err != nil {
			return s.Tally, err
		}
	}
	claimed := 0
	claim := func() error {
		claimed++
		return s.line(w.claim(claimed-1), 1)
	}
	for n := 0; ; n++ {
		if n%claimEvery == 0 && s.Records < records {
			if err := claim(); err != nil {
				return s.Tally, err
			}
		}
		in := w.Statement(n)
		w.positions(in, n, claimed)
		size := 1 + len(in.Reports) + len(in.Positions)
		if s.Records+size > records {
			break
		}
		if err := s.line(in, size); err != nil {
			return s.Tally, err
		}
		s.Statements++
	}
	for s.Records < records { // to the record
		if err := claim(); err != nil {
			return s.Tally, err
		}
	}
	if s.Records > records {
		return s.Tally, fmt.Errorf("generate: a stream of %d records is too small", records)
	}
	return s.Tally, s.to.Flush()
}

type stream struct {
	Tally
	to *bufio.Writer
}

// line writes a record with those within it.
func (s *stream) line(in claims.Input, records int) error {
	in.Head().Type = in.Kind()
	if err := json.MarshalWrite(s.to, in); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	s.Lines++
	s.Records += records
	return s.to.WriteByte('\n')
}

var (
	sorts   = []weighted{{"fact", 70}, {"commitment", 12}, {"prediction", 10}, {"value", 8}}
	stances = []weighted{{"asserts", 60}, {"denies", 25}, {"questions", 10}, {"concedes", 5}}
)

// Purposes of chance beside statements.
const (
	forClaims    = 1 << 41
	forPositions = 1 << 42
)

func claimKey(n int) string { return fmt.Sprintf("gen:claim-%d", n) }

// claim is a claim about one or two parties.
func (w *World) claim(n int) *claims.ClaimInput {
	r := w.random(forClaims, uint64(n))
	in := &claims.ClaimInput{Header: claims.Header{Key: claimKey(n)}, Text: w.sentence(r, 6, 16), Sort: choose(r, sorts)}
	s := w.states[w.stateRank.pick(r)]
	in.About = []claims.ClaimParty{{Role: choose(r, []weighted{{"accused", 60}, {"subject", 40}}), Country: s.country}}
	if r.IntN(4) == 0 {
		in.About = append(in.About, claims.ClaimParty{Role: "subject", Speaker: w.speakers[w.speakerRank.pick(r)].ref})
	}
	in.Topics = []claims.Ref{claims.RefID(slugOf(topicNames[w.topicRank.pick(r)]))}
	return in
}

// positions gives three of ten statements one on a late one of the claims, and
// one of twenty two.
func (w *World) positions(in *claims.StatementInput, n, claimed int) {
	r := w.random(forPositions, uint64(n))
	some := 0
	switch x := r.IntN(100); {
	case x < 5:
		some = 2
	case x < 30:
		some = 1
	}
	first := w.late(r, claimed)
	for k := range min(some, claimed) {
		in.Positions = append(in.Positions, claims.PositionInput{Claim: claims.RefKey(claimKey((first + k) % claimed)), Stance: choose(r, stances)})
	}
}

// late is one of the last hundred.
func (w *World) late(r *rand.Rand, of int) int { return of - 1 - r.IntN(min(of, 100)) }
