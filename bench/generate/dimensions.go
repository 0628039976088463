package generate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"time"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

var topicNames = []string{"Security", "Terrorism", "Border incidents", "Air strikes", "Ceasefire", "Peace talks", "Sanctions", "Trade", "Tariffs", "Energy",
	"Nuclear programme", "Missiles", "Drones", "Cyber attacks", "Espionage", "Elections", "Human rights", "Refugees", "Deportations", "Prisoners",
	"Water", "Climate", "Health", "Aid", "Recognition", "Diplomatic missions", "Military exercises", "Arms sales", "Disinformation", "Religion"}

func slugOf(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

// topics are two levels deep: the first three are above some of the others.
func (w *World) topics() {
	for i, name := range topicNames[:w.Topics] {
		in := &claims.TopicInput{Slug: slugOf(name), Name: name}
		if i >= 3 && i%2 == 0 {
			in.Parent = claims.RefID(slugOf(topicNames[i/2%3]))
		}
		w.inputs = append(w.inputs, in)
	}
}

type source struct {
	ref      claims.Ref
	name     string
	state    int
	language string
}

func (w *World) sources(r *rand.Rand) []source {
	kinds := []weighted{{"newspaper", 35}, {"online", 20}, {"broadcaster", 15}, {"agency", 8}, {"government", 8}, {"think_tank", 5}, {"social", 4}, {"fact_checker", 2}, {"aggregator", 2}, {"other", 1}}
	var list []source
	for i := range w.Sources {
		s := w.stateRank.pick(r)
		name := fmt.Sprintf("%s %s", title(w.words[500+r.IntN(5000)]), choose(r, []weighted{{"Times", 20}, {"Post", 20}, {"News", 20}, {"Herald", 20}, {"Tribune", 20}}))
		key := fmt.Sprintf("gen:source-%d", i)
		in := &claims.SourceInput{Header: claims.Header{Key: key}, Name: name, SourceKind: choose(r, kinds), Country: w.states[s].country,
			Domain: fmt.Sprintf("outlet-%d.example", i), Languages: []string{choose(r, languages)}}
		if i > 20 && r.IntN(5) == 0 {
			in.Owner = list[r.IntN(20)].ref
		}
		w.inputs = append(w.inputs, in)
		list = append(list, source{claims.RefKey(key), name, s, in.Languages[0]})
	}
	return list
}

var languages = []weighted{{"en", 64}, {"ar", 9}, {"fr", 6}, {"ru", 5}, {"es", 5}, {"ur", 4}, {"fa", 4}, {"zh-Hans", 3}}

var speakerKinds = []weighted{{"person", 60}, {"ministry", 11}, {"military", 5}, {"media", 5}, {"party", 4}, {"armed_group", 3}, {"intergovernmental", 3},
	{"collective", 3}, {"security_service", 2}, {"legislature", 1}, {"court", 1}, {"ngo", 1}, {"anonymous", 1}}

// people are all who speak beside the governments.
func (w *World) people(r *rand.Rand, sources []source) {
	for i := range w.Speakers {
		s := w.stateRank.pick(r)
		key := fmt.Sprintf("gen:speaker-%d", i)
		in := &claims.SpeakerInput{Header: claims.Header{Key: key}, SpeakerKind: choose(r, speakerKinds)}
		switch in.SpeakerKind {
		case "person":
			in.Name = title(w.words[500+r.IntN(8000)]) + " " + title(w.words[500+r.IntN(8000)])
			in.Nationality = w.states[s].country
			if r.IntN(3) == 0 {
				in.Aliases = []claims.Alias{{Name: strings.ToUpper(in.Name[:1]) + ". " + strings.SplitN(in.Name, " ", 2)[1]}}
			}
		case "media":
			from := sources[i%len(sources)]
			in.Name, in.Source, s = from.name, from.ref, from.state
		default:
			in.Name = fmt.Sprintf("%s %s of %s", title(w.words[500+r.IntN(8000)]), strings.ReplaceAll(in.SpeakerKind, "_", " "), w.states[s].name)
			in.Country = w.states[s].country
			if slices.Contains([]string{"ministry", "military", "security_service"}, in.SpeakerKind) {
				in.PartOf = w.states[s].government
			}
		}
		w.inputs = append(w.inputs, in)
		made := speaker{claims.RefKey(key), in.SpeakerKind, in.Name, s}
		w.speakers = append(w.speakers, made)
		if made.kind == "media" {
			w.media = append(w.media, made)
		}
	}
	if w.media == nil { // a small world
		w.media = w.speakers[:1]
	}
}

// news are the articles, by day.
func (w *World) news(r *rand.Rand, sources []source) {
	published := make([]int, w.Articles)
	for i := range published {
		published[i] = day(r)
	}
	sort.Ints(published)
	outlets := zipf(len(sources), 0.8)
	for i, d := range published {
		from := sources[outlets.pick(r)]
		key := fmt.Sprintf("gen:article-%d", i)
		in := &claims.ArticleInput{Header: claims.Header{Key: key}, Source: from.ref, Title: w.sentence(r, 6, 12),
			URL: fmt.Sprintf("https://outlet.example/%s/%d", date(d).Format("2006/01/02"), i), Language: from.language}
		if r.IntN(50) > 0 {
			in.PublishedOn = edtf.MustParse(date(d).Format(time.DateOnly))
		}
		if i > 0 && r.IntN(10) == 0 {
			in.SyndicatedFrom = w.articles[max(0, i-1-r.IntN(40))].ref
		}
		if r.IntN(4) == 0 {
			in.Author = title(w.words[500+r.IntN(8000)]) + " " + title(w.words[500+r.IntN(8000)])
		}
		w.inputs = append(w.inputs, in)
		w.articles = append(w.articles, article{claims.RefKey(key), d, from.ref, from.language})
	}
}

// carrier is an article of the day or the few days after it.
func (w *World) carrier(r *rand.Rand, day int) article {
	i := sort.Search(len(w.articles), func(i int) bool { return w.articles[i].day >= day })
	return w.articles[min(i+int(r.ExpFloat64()*6), len(w.articles)-1)]
}
