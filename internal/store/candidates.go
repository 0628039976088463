package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// A Question asks which records a name means.
type Question struct {
	Name  string
	On    *edtf.Range   // the days on which it was used; nil: whenever
	Kinds []claims.Kind // none: all of claims.Named
}

// Naming is what questions that are asked together share.
type Naming struct {
	Datasets []string // none: all
	Limit    int      // candidates of each
}

// A Candidate is a record that a name may mean.
type Candidate struct {
	Kind      claims.Kind `json:"kind"`
	ID        string      `json:"id"`
	Key       *string     `json:"key"`
	Name      string      `json:"name"`
	Matched   string      `json:"matched"` // which of its names
	Score     float64     `json:"score"`   // from 0 to 1
	Why       string      `json:"why"`     // Whys
	ValidFrom *string     `json:"valid_from"`
	ValidTo   *string     `json:"valid_to"` // half open
	InUse     *bool       `json:"in_use"`   // on the days asked for; nil where none are
}

// Meaning is the answer to a question, the likeliest first.
type Meaning struct {
	Candidates []Candidate
	Ambiguous  bool // several stand equally at the head
}

// Whys are the ways in which a name can mean a record.
var Whys = []string{"exact", "alias", "metonym", "demonym", "former_name", "transliteration", "acronym", "similar"}

// weights are what the sorts of names are worth.
var weights = map[string]float64{claims.OwnName: 1, "alternative": 0.95, "transliteration": 0.95, "acronym": 0.9, "metonym": 0.9, "former_name": 0.85, "demonym": 0.7}

// Bounds of a meaning.
const (
	weighted  = 200  // names of a question that are weighed, those of nearest length first
	common    = 500  // names that share a word, of which that word alone means none any more
	leastSame = 0.5  // share of letters that two names have in common at least
	outOfUse  = 0.8  // what is left of the score of a name that was not in use
	perOne    = 1000 // parts to which scores are rounded
)

const (
	spelling = `s.kind, s.record, s.n, s.name, s.sort, s.folded, s.valid_from, s.valid_to, s.denotes_kind, s.denotes`
	eligible = `s.denotes_kind = ANY(q.kinds) AND ($2::text[] IS NULL OR s.dataset = ANY($2::text[]))`
)

// candidatesSQL finds the names that share a way with a question. The record's
// own name says how it is shown, and that it is there.
const candidatesSQL = `SELECT head.seq, coalesce(q.i, -1), coalesce(own.kind, ''), coalesce(own.record, ''), own.key, coalesce(own.name, ''), coalesce(s.name, ''), coalesce(s.sort, ''),
	CASE WHEN isfinite(s.valid_from) THEN s.valid_from::text END, CASE WHEN isfinite(s.valid_to) THEN s.valid_to::text END,
	CASE WHEN q.first IS NOT NULL THEN s.valid_from < q.past AND s.valid_to > q.first END
	FROM (SELECT max(seq) AS seq FROM commits) head
	LEFT JOIN jsonb_to_recordset($1::jsonb) q(i int, folded text, ways int[], word int[], kinds text[], first date, past date) ON true
	LEFT JOIN LATERAL (
		SELECT * FROM (
			SELECT ` + spelling + ` FROM spellings s WHERE s.ways && q.ways AND ` + eligible + `
			UNION ALL SELECT ` + spelling + ` FROM (
				SELECT *, count(*) OVER () AS sharing FROM (SELECT ` + spelling + ` FROM spellings s WHERE s.ways && q.word AND ` + eligible + ` LIMIT $4 + 1) s
			) s WHERE sharing <= $4
		) s ORDER BY s.folded = q.folded DESC, abs(length(s.folded) - length(q.folded)), s.kind, s.record, s.n LIMIT $3) s ON true
	LEFT JOIN spellings own ON own.kind = s.denotes_kind AND own.record = s.denotes AND own.n = 0 AND ($2::text[] IS NULL OR own.dataset = ANY($2::text[]))`

// Candidates answers questions, each in its place, in one statement, and tells
// the seq at which that was so.
func (s *Store) Candidates(ctx context.Context, naming Naming, questions []Question) ([]Meaning, int64, error) {
	type sent struct {
		I      int           `json:"i"`
		Folded string        `json:"folded"`
		Ways   []int32       `json:"ways"`
		Word   []int32       `json:"word,omitempty"`
		Kinds  []claims.Kind `json:"kinds"`
		First  *edtf.Day     `json:"first"`
		Past   *edtf.Day     `json:"past"`
	}
	spelt := make([]claims.Spelling, len(questions))
	rows := make([]sent, 0, len(questions))
	asked := map[string]int{} // where the same was asked before: lists of names repeat themselves
	same := make([]int, len(questions))
	for i, q := range questions {
		whole := fmt.Sprintf("%q %v %q", q.Name, q.On, q.Kinds)
		if before, ok := asked[whole]; ok {
			same[i] = before
			continue
		}
		asked[whole], same[i] = i, i
		spelt[i] = claims.Spell(q.Name)
		row := sent{I: i, Folded: spelt[i].Folded, Ways: spelt[i].AskedBy(), Word: spelt[i].AskedByWord(), Kinds: q.Kinds}
		if len(q.Kinds) == 0 {
			row.Kinds = claims.Named
		}
		if q.On != nil {
			row.First, row.Past = &q.On.From, &q.On.To
		}
		rows = append(rows, row)
	}
	data, err := json.Marshal(rows)
	if err != nil {
		return nil, 0, err
	}
	found, err := s.read.Query(ctx, candidatesSQL, string(data), naming.Datasets, weighted, common)
	if err != nil {
		return nil, 0, translate(err)
	}
	meanings := make([]Meaning, len(questions))
	var seq int64
	var i int
	var sort string
	var c Candidate
	_, err = pgx.ForEachRow(found, []any{&seq, &i, &c.Kind, &c.ID, &c.Key, &c.Name, &c.Matched, &sort, &c.ValidFrom, &c.ValidTo, &c.InUse}, func() error {
		if i >= 0 && c.ID != "" {
			meanings[i].weigh(&spelt[i], c, sort)
		}
		return nil
	})
	for i := range meanings {
		if same[i] == i {
			meanings[i].order(naming.Limit)
		}
		meanings[i] = meanings[same[i]]
	}
	return meanings, seq, translate(err)
}

// weigh takes a name as a candidate, if it is one and no better one of the same
// record is there.
func (m *Meaning) weigh(asked *claims.Spelling, c Candidate, sort string) {
	c.Score, c.Why = likeness(asked, claims.Spell(c.Matched), sort)
	if c.Score == 0 {
		return
	}
	if c.InUse != nil && !*c.InUse {
		c.Score *= outOfUse
	}
	c.Score = math.Round(c.Score*perOne) / perOne
	i := slices.IndexFunc(m.Candidates, func(o Candidate) bool { return o.Kind == c.Kind && o.ID == c.ID })
	switch {
	case i < 0:
		m.Candidates = append(m.Candidates, c)
	case m.Candidates[i].Score < c.Score:
		m.Candidates[i] = c
	}
}

// order puts the likeliest first.
func (m *Meaning) order(limit int) {
	slices.SortFunc(m.Candidates, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	if m.Candidates == nil {
		m.Candidates = []Candidate{}
	}
	m.Ambiguous = len(m.Candidates) > 1 && m.Candidates[0].Score == m.Candidates[1].Score
	m.Candidates = m.Candidates[:min(limit, len(m.Candidates))]
}

// likeness says how likely the name on record is meant, and why; 0 if it isn't.
func likeness(asked *claims.Spelling, name claims.Spelling, sort string) (float64, string) {
	if asked.Solid == name.Solid {
		return weights[sort], whyOf[sort]
	}
	if sort == "acronym" {
		return 0, ""
	}
	slips, longer := claims.Slips(asked.Solid, name.Solid)
	same := 1 - float64(slips)/float64(longer)
	switch {
	case asked.Skeleton != "" && asked.Skeleton == name.Skeleton && same >= leastSame:
		return weights[sort] * (0.6 + 0.35*same), "transliteration"
	case slips == 1 || slips == 2 && longer >= 8:
		return weights[sort] * 0.9 * same, "similar"
	}
	if shared := asked.Shares(&name); shared >= leastSame {
		return weights[sort] * 0.8 * shared, "similar"
	}
	return 0, ""
}

var whyOf = map[string]string{claims.OwnName: "exact", "alternative": "alias", "transliteration": "transliteration", "acronym": "acronym",
	"metonym": "metonym", "former_name": "former_name", "demonym": "demonym"}
