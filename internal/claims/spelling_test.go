package claims

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, want string }{
		{"Da’esh", "daesh"}, {"Da'esh", "daesh"}, {"Daʿesh", "daesh"}, {"DAESH", "daesh"},
		{"Tehrik-i-Taliban  Pakistan", "tehrik i taliban pakistan"},
		{"T.T.P.", "ttp"}, {"The Gambia", "gambia"}, {"The", "the"}, {"Côte d’Ivoire", "cote divoire"}, {"Łódź", "lodz"}, {"Straße", "strasse"}, {"İstanbul", "istanbul"},
		{"AT&T", "at and t"}, {"Сергей Ёлкин", "сергеи елкин"},
		{"پاكستان", "پاکستان"}, {"أفغانستان", "افغانستان"}, {"الحكومة", "الحکومه"}, {"مُحَمَّد", "محمد"}, {"می\u200cشود", "میشود"}, {"۱۲٣", "123"},
		{"अफ़गानिस्तान", "अफगानिस्तान"}, {"阿富汗", "阿富汗"}, {"“Quoted” (name), x/y", "quoted name x y"}, {"—", ""}, {"", ""},
	} {
		if got := Spell(tt.name).Folded; got != tt.want {
			t.Errorf("%s folds to %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What comes from another script in several ways has one skeleton, what is
// another name has another.
func TestSkeleton(t *testing.T) {
	t.Parallel()
	for _, same := range []string{
		"Tehrik-i-Taliban/Tehreek-e-Taliban/Tahreek-i Taleban", "Mohammed/Muhammad/Mohamad/Muhammed", "Hussein/Husain/Hussain/Husayn",
		"Al-Qaeda/al-Qaida/Al Qa'ida/Al Qaidah?", "Hezbollah/Hizbullah/Hizballah", "Osama bin Laden/Usama bin Ladin", "Zelensky/Zelenskyy/Zelenskiy", "Nawaz/Navaz", "Kharkiv/Harkiv?", "Sheikh Hasina/Shaikh Hasina/Shaykh Hasina",
	} {
		names := strings.Split(same, "/")
		want := Spell(names[0]).Skeleton
		for _, name := range names[1:] {
			bare, other := strings.CutSuffix(name, "?")
			if got := Spell(bare).Skeleton; (got == want) == other || want == "" {
				t.Errorf("%s: %q, %s: %q", names[0], want, bare, got)
			}
		}
	}
	for _, name := range []string{"Mali", "Iran", "Oman", "Ali", "TTP", "U.S."} {
		if got := Spell(name).Skeleton; got != "" {
			t.Errorf("%s is too short to be told by its skeleton: %q", name, got)
		}
	}
}

// Names one slip apart share a way, whatever the slip.
func TestOneSlipKeepsAWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zäéا-ی]{2,12}`)
		name := strings.Join(rapid.SliceOfN(word, 1, 9).Draw(t, "words"), " ")
		if len([]rune(Spell(name).Solid)) < 6 {
			return
		}
		slip := slipIn(t, name)
		if n, _ := Slips(Spell(slip).Solid, Spell(name).Solid); n > 1 { // a letter that folds into two
			return
		}
		asked, there := Spell(slip).AskedBy(), Spell(name).Ways(false)
		if !slices.ContainsFunc(asked, func(w int32) bool { return slices.Contains(there, w) }) {
			t.Fatalf("%q leads nowhere near %q", slip, name)
		}
	})
}

// slipIn makes one slip in a name.
func slipIn(t *rapid.T, name string) string {
	letters := []rune(name)
	i := rapid.IntRange(0, len(letters)-2).Draw(t, "at")
	switch rapid.IntRange(0, 3).Draw(t, "slip") {
	case 0:
		return string(slices.Delete(letters, i, i+1))
	case 1:
		return string(slices.Insert(letters, i, 'x'))
	case 2:
		letters[i] = 'q'
	default:
		letters[i], letters[i+1] = letters[i+1], letters[i]
	}
	return string(letters)
}

// Folding ends: what is folded stays as it is, and nothing breaks it.
func TestSpellOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		s := Spell(name)
		if again := Spell(s.Folded); again.Folded != s.Folded && !strings.HasPrefix(s.Folded, "the ") {
			t.Fatalf("%q folds to %q, that to %q", name, s.Folded, again.Folded)
		}
		if !slices.IsSorted(s.Ways(false)) || len(s.Words) > maxWords {
			t.Fatalf("%+v", s)
		}
	})
}
