package claims

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// This file says when two ways to write a name are one name, or may be: the
// one place where names are folded.

// SpellingRules is the number of the rules below: the store spells all names
// anew where it finds those of another number.
const SpellingRules = 1

// A Spelling is a name as it is compared.
type Spelling struct {
	Folded   string   // words in one case, without accents, apostrophes and the like
	Solid    string   // the same without spaces
	Skeleton string   // what remains when a name goes from one script to another; "" where that would be too little to tell names apart
	Words    []string // skeletons of the words that carry the name: no articles, no "of"
}

// Spell folds a name.
func Spell(name string) Spelling {
	s := Spelling{Folded: fold(name)}
	s.Solid = strings.ReplaceAll(s.Folded, " ", "")
	var whole strings.Builder
	for word := range strings.FieldsSeq(s.Folded) {
		bare := skeleton(word)
		whole.WriteString(bare)
		if !particles[word] && len(s.Words) < maxWords && !slices.Contains(s.Words, bare) {
			s.Words = append(s.Words, bare)
		}
	}
	if s.Skeleton = whole.String(); consonants(s.Skeleton) < 3 {
		s.Skeleton = ""
	}
	return s
}

// Bounds of what leads to a name.
const (
	maxWords   = 8 // that carry it
	leastTyped = 5 // letters of a name that is found in spite of a slip
	leastParts = 9 // letters from which on two thirds of a name are enough to find it
)

// Ways lead from the ways to write a name to the name: a name asked for and a
// name on record may be one where they share any. Names one slip apart (a
// letter too many, missing, wrong, or two changed about) always share some from
// five letters on; what else they share has to be looked at.
func (s Spelling) Ways(acronym bool) []int32 {
	ways := []int32{way('=', s.Solid)}
	if acronym {
		return ways
	}
	switch letters := []rune(s.Solid); {
	case len(letters) >= leastParts:
		ways = append(ways, thirds(letters, len(letters))...)
	case len(letters) >= leastTyped:
		ways = append(ways, lacking(letters)...)
	}
	if s.Skeleton != "" {
		ways = append(ways, way('~', s.Skeleton))
	}
	for i, a := range s.Words {
		if consonants(a) > 1 {
			ways = append(ways, way('1', a))
		}
		for _, b := range s.Words[:i] {
			ways = append(ways, way('2', min(a, b)+" "+max(a, b)))
		}
	}
	slices.Sort(ways)
	return slices.Compact(ways)
}

// AskedBy are the ways to look for when the name is asked for.
func (s Spelling) AskedBy() []int32 {
	ways := s.Alike()
	for i, a := range s.Words {
		for _, b := range s.Words[:i] {
			ways = append(ways, way('2', min(a, b)+" "+max(a, b)))
		}
	}
	slices.Sort(ways)
	return slices.Compact(ways)
}

// AskedByWord is the way to names that have the only word of this one among
// others; nil where it has several, or too short a one.
func (s Spelling) AskedByWord() []int32 {
	if len(s.Words) != 1 || consonants(s.Words[0]) < 2 || len(s.Solid) < 4 {
		return nil
	}
	return []int32{way('1', s.Words[0])}
}

// Alike are those that lead to names like this one as a whole.
func (s Spelling) Alike() []int32 {
	if s.Solid == "" {
		return []int32{}
	}
	ways := []int32{way('=', s.Solid)}
	letters := []rune(s.Solid)
	if len(letters) >= leastTyped-1 && len(letters) <= leastParts {
		ways = append(ways, lacking(letters)...)
	}
	for n := max(len(letters)-1, leastParts); n <= len(letters)+1; n++ {
		ways = append(ways, thirds(letters, n)...)
	}
	if s.Skeleton != "" {
		ways = append(ways, way('~', s.Skeleton))
	}
	return ways
}

// lacking are the ways through each string that lacks one of the letters.
func lacking(letters []rune) []int32 {
	list := make([]int32, len(letters))
	for i := range letters {
		list[i] = way('=', string(letters[:i])+string(letters[i+1:]))
	}
	return list
}

// thirds are the ways through two thirds of a name of n letters, of which these
// are one slip apart: a slip leaves two of them whole. A letter between the
// thirds is left out, so that two that change about across a border break one.
func thirds(letters []rune, n int) []int32 {
	side := (n - 2) / 3
	middle, m := n-2-2*side, len(letters)
	head, tail := string(letters[:side]), string(letters[m-side:])
	size := string(rune('0' + n%64))
	return []int32{
		way('h', size+head+" "+string(letters[side+1:side+1+middle])),
		way('t', size+string(letters[m-side-1-middle:m-side-1])+" "+tail),
		way('e', size+head+" "+tail),
	}
}

// way is a hash: what shares one by chance is told apart when it is looked at.
func way(sort byte, text string) int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte{sort}) // never fails
	_, _ = h.Write([]byte(text))
	return int32(h.Sum32()) //nolint:gosec // any 32 bits will do
}

// particles carry no name.
var particles = wordSet("the of and for in on to a an al el ul ur de la le les du des da di do der die das den van von i e o y bin ibn")

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

var folding = cases.Fold()

// fold brings a name into one case, without accents, apostrophes, dots and the
// article at its head; what else is no letter or digit parts words.
func fold(name string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(folding.String(norm.NFKD.String(name)))) {
		if to, ok := letters[r]; ok {
			out.WriteString(to)
			continue
		}
		switch {
		case accent(r), apostrophe(r):
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsNumber(r):
			out.WriteRune(digit(r))
		default:
			out.WriteByte(' ')
		}
	}
	words := strings.Fields(out.String())
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// accent reports marks that are left out in writing, or are of one spelling
// only: accents, the vowel signs of Arabic and Hebrew, the dot of Devanagari.
func accent(r rune) bool {
	return r >= 0x300 && r <= 0x36f || r >= 0x591 && r <= 0x5c7 || r >= 0x64b && r <= 0x65f || r == 0x670 || r >= 0x6d6 && r <= 0x6ed || r == 0x93c || r == 0x9bc || r == 0xa3c
}

// apostrophe reports what stands within a word and is often left out.
func apostrophe(r rune) bool {
	return strings.ContainsRune("'’‘‛`´ʻʼʽʾʿ′ʹ.·\u0640\u200c\u200d\u00ad", r)
}

func digit(r rune) rune {
	for _, zero := range []rune{0x660, 0x6f0, 0x966} { // Arabic, Persian, Devanagari
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return r
}

// letters that are written in several ways and that Unicode holds apart.
var letters = map[rune]string{
	'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h", 'ŧ': "t", 'ə': "a", '&': " and ",
	'ي': "ی", 'ى': "ی", 'ې': "ی", 'ۍ': "ی", 'ے': "ی", 'ك': "ک", 'ڪ': "ک", 'ة': "ه", 'ۀ': "ه", 'ہ': "ه", 'ۃ': "ه", 'ھ': "ه", 'ە': "ه", 'ٱ': "ا", 'ء': "",
}

// skeleton is a word of Latin letters as it may come from another script:
// consonants that are one sound are one letter, each run of vowels is one mark,
// but for the first of the word, of which the sort stays. Other scripts stay as
// they are.
func skeleton(word string) string {
	word = sounds.Replace(word)
	var out []rune
	for i, r := range word {
		if sort, vowel := vowels[r]; vowel {
			if i > 0 {
				sort = '*'
			}
			if len(out) == 0 || !isVowel(out[len(out)-1]) {
				out = append(out, sort)
			}
			continue
		}
		if len(out) == 0 || out[len(out)-1] != r { // doubled ones are one
			out = append(out, r)
		}
	}
	return string(out)
}

var sounds = strings.NewReplacer("tch", "c", "dzh", "j", "kh", "k", "gh", "g", "dh", "d", "th", "t", "sh", "x", "ch", "c", "zh", "j", "dj", "j", "ph", "f",
	"ck", "k", "ou", "u", "oo", "u", "ee", "i", "ts", "s", "q", "k", "c", "k", "w", "v", "x", "ks")

var vowels = map[rune]rune{'a': 'a', 'e': 'i', 'i': 'i', 'y': 'i', 'o': 'u', 'u': 'u'}

func isVowel(r rune) bool { return r == '*' || r == 'a' || r == 'i' || r == 'u' }

func consonants(skeleton string) (n int) {
	for _, r := range skeleton {
		if !isVowel(r) {
			n++
		}
	}
	return n
}

// Shares is the share of letters in words that both names have, of all letters
// in their words.
func (s *Spelling) Shares(other *Spelling) float64 {
	var common, all int
	for _, word := range s.Words {
		if all += len(word); slices.Contains(other.Words, word) {
			common += 2 * len(word)
		}
	}
	for _, word := range other.Words {
		all += len(word)
	}
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

// Slips is the number of letters that are too many, missing, wrong, or two
// changed about, between two texts, and the length of the longer.
func Slips(one, other string) (slips, longer int) {
	a, b := []rune(one), []rune(other)
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)], max(len(a), len(b))
}
