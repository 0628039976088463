// Package generate makes a database of a given size that looks like a real one:
// what benchmarks, growth tests and plan tests run on.
//
// A World is decided by its Config alone: the same seed gives the same
// countries, speakers, outlets, articles and statements, record by record, in
// whatever order and by however many streams they are asked for. All of it is
// made as claims.Input, so that it can be sent through the service, written as
// an import stream, or put into a database by Fill.
//
// Skew is Zipf's: few speakers, countries, kinds and words make up most of it.
// Dates lie in ten years, more of them late than early; 3 % are missing, 2 %
// are wider than a year, others are months, seasons, years, instants,
// approximate. 2 % of the statements are second-hand, 2 % the outlet's own
// voice, 6 % hang on a condition. Each has 1 to 3 targets, 0 to 3 topics and
// 1.2 reports of 1 or 2 renderings.
package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"time"

	"onrecord/internal/claims"
	"onrecord/reference"
)

// Config decides a world. The zero value of each field stands for its default.
type Config struct {
	Seed       uint64
	Statements int // default 1,000,000
	Speakers   int // beside the governments; default 2,000
	Sources    int // default 300
	Articles   int // default 20,000
	Topics     int // default and at most 30
	PerCommit  int // statements that share a commit; default 100
}

func (c Config) complete() Config {
	for _, f := range []struct {
		value    *int
		standard int
	}{{&c.Statements, 1_000_000}, {&c.Speakers, 2_000}, {&c.Sources, 300}, {&c.Articles, 20_000}, {&c.Topics, len(topicNames)}, {&c.PerCommit, 100}} {
		if *f.value <= 0 {
			*f.value = f.standard
		}
	}
	c.Topics = min(c.Topics, len(topicNames))
	return c
}

// String names the world, so that a database can say which one it holds.
func (c Config) String() string {
	c = c.complete()
	return fmt.Sprintf("world 1 seed %d statements %d speakers %d sources %d articles %d topics %d per commit %d",
		c.Seed, c.Statements, c.Speakers, c.Sources, c.Articles, c.Topics, c.PerCommit)
}

// The ten years in which everything is said.
var firstDay = time.Date(2016, 3, 1, 0, 0, 0, 0, time.UTC)

const days = 3652

// A World is what statements are made of. It is safe for concurrent use.
type World struct {
	Config
	states      []state // the most talked-about first
	speakers    []speaker
	media       []speaker
	articles    []article // by day
	inputs      []claims.Input
	words       []string
	stateRank   ranks
	speakerRank ranks
	kindRank    ranks
	topicRank   ranks
	wordRank    ranks
}

// A state is a country whose government speaks.
type state struct {
	country, government claims.Ref
	name                string
}

type speaker struct {
	ref   claims.Ref
	kind  string
	name  string
	state int // whose national or body it is
}

type article struct {
	ref      claims.Ref
	day      int
	source   claims.Ref
	language string
}

// New makes the world of a configuration.
func New(c Config) (*World, error) {
	w := &World{Config: c.complete(), words: vocabulary()}
	if err := w.countries(); err != nil {
		return nil, err
	}
	r := w.random(1<<40, 0)
	w.stateRank, w.speakerRank, w.kindRank = zipf(len(w.states), 1), zipf(w.Speakers, 0.9), zipf(len(kinds), 0.8)
	w.topicRank, w.wordRank = zipf(w.Topics, 0.8), zipf(len(w.words), 1.05)
	w.topics()
	sources := w.sources(r)
	w.people(r, sources)
	w.news(r, sources)
	return w, nil
}

// Dimensions are the records that statements refer to, in the order of a load.
// They come after reference.Countries, to which they refer.
func (w *World) Dimensions() []claims.Input { return w.inputs }

// countries finds the states among those that ship with the service.
func (w *World) countries() error {
	inputs, err := claims.ReadStream(reference.Countries)
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	governments := map[string]claims.Ref{}
	for _, in := range inputs {
		if s, ok := in.(*claims.SpeakerInput); ok && s.SpeakerKind == "government" {
			governments[s.Country.String()] = claims.RefKey(s.Key)
		}
	}
	for _, in := range inputs {
		c, ok := in.(*claims.CountryInput)
		if !ok || c.Status != "state" && c.Status != "disputed" || governments[c.Code].IsZero() {
			continue
		}
		w.states = append(w.states, state{claims.RefID(c.Code), governments[c.Code], c.Name})
	}
	rank := map[string]int{}
	for i, code := range prominent {
		rank[code] = i - len(prominent)
	}
	sort.SliceStable(w.states, func(i, j int) bool {
		return rank[w.states[i].country.String()] < rank[w.states[j].country.String()]
	})
	return nil
}

// prominent are the countries that make most of the news, in that order.
var prominent = []string{"US", "RU", "CN", "UA", "IL", "PK", "IN", "IR", "AF", "GB", "FR", "DE", "TR", "SA", "PS", "SY", "KP", "KR", "JP", "EG",
	"QA", "AE", "IQ", "LB", "YE", "SD", "ET", "NG", "VE", "MX", "BR", "PL", "IT", "ES", "CA", "AU", "ZA", "KZ", "UZ", "TJ"}

// random is a source of chance for one record of one purpose.
func (w *World) random(purpose, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(w.Seed^purpose, n))
}

// ranks draws from 0 to n-1, small numbers more often: rank k with a weight of
// (k+1)^-s.
type ranks []float64

func zipf(n int, s float64) ranks {
	sums := make(ranks, n)
	total := 0.0
	for k := range sums {
		total += math.Pow(float64(k+1), -s)
		sums[k] = total
	}
	return sums
}

func (c ranks) pick(r *rand.Rand) int {
	at := r.Float64() * c[len(c)-1]
	return min(sort.SearchFloat64s(c, at), len(c)-1)
}

// weighted is one of few values with its share in percent.
type weighted struct {
	value   string
	percent int
}

func choose(r *rand.Rand, list []weighted) string {
	n := r.IntN(100)
	for _, w := range list {
		if n -= w.percent; n < 0 {
			return w.value
		}
	}
	return list[len(list)-1].value
}

// day draws a day, late ones more often.
func day(r *rand.Rand) int { return int(math.Pow(r.Float64(), 0.75) * days) }

func date(day int) time.Time { return firstDay.AddDate(0, 0, day) }
