package generate

import (
	"math/rand/v2"
	"strings"
)

// common are the words that the field's texts are made of, the frequent first.
const common = `the of to and in that we will not is our it for on be with they have this against by their any from all are no as
attacks must country forces peace government has border security people against talks support Afghan soil ceasefire militants region
sanctions continue if groups action condemn state territory agreement minister armed should strikes war response immediately stop right
international military weapons nuclear defend citizens between under without further dialogue demand reject allegations evidence law
commitment relations neighbours two-state solution hostages civilians killed aggression terrorism threat consequences hesitate act
responsibility provocation withdraw negotiations humanitarian aid access crossing trade tariffs energy pipeline missile drone launched
exercise fleet airspace violation sovereignty independence recognition occupied settlement refugees return deportation prisoners exchange
released detained trial election interference disinformation cyber network espionage expelled diplomats embassy ambassador summoned
protest letter council resolution veto mediation guarantee framework deadline conditions monitoring inspection enrichment programme water
treaty dam river climate finance health vaccine border-fence patrol clashes casualties bombing convoy checkpoint safe havens sponsor proxies
facilitators leadership deputy spokesperson statement claims denied baseless welcome regret apologise thank solidarity brotherly mutual
interests partnership investment corridor railway port grain export ban embargo lifted frozen assets fund loan debt reform transition`

// vocabulary is the common words and, for the long tail, 20,000 made ones.
func vocabulary() []string {
	seen := map[string]bool{}
	var list []string
	for word := range strings.FieldsSeq(common) {
		if !seen[word] {
			seen[word] = true
			list = append(list, word)
		}
	}
	onsets, vowels, ends := strings.Fields("b d f g h k l m n p r s t v z kh sh zh br tr gh st"), strings.Fields("a e i o u aa ei ou"), strings.Fields("n r l s m d k sh t nd")
	r := rand.New(rand.NewPCG(7, 7)) // the language is the same in every world
	for len(list) < 20_000 {
		var b strings.Builder
		for range 2 + r.IntN(2) {
			b.WriteString(onsets[r.IntN(len(onsets))])
			b.WriteString(vowels[r.IntN(len(vowels))])
		}
		b.WriteString(ends[r.IntN(len(ends))])
		if word := b.String(); !seen[word] {
			seen[word] = true
			list = append(list, word)
		}
	}
	return list
}

// sentence is a sentence of least to most words.
func (w *World) sentence(r *rand.Rand, least, most int) string {
	var b strings.Builder
	n := least + r.IntN(most-least+1)
	b.Grow(n * 8)
	for i := range n {
		word := w.words[w.wordRank.pick(r)]
		if i == 0 {
			word = title(word)
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	b.WriteByte('.')
	return b.String()
}

// clause is a run of words of a sentence.
func clause(r *rand.Rand, sentence string, most int) string {
	words := strings.Fields(strings.TrimSuffix(sentence, "."))
	start := r.IntN(max(1, len(words)-3))
	return strings.Join(words[start:min(len(words), start+2+r.IntN(most))], " ")
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
