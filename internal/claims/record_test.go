package claims_test

import (
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
)

func input(t testing.TB, line string) claims.Input {
	t.Helper()
	inputs, err := claims.ReadStream([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return inputs[0]
}

// The canonical form is what digests are made of: it never changes for the
// same content. Defaults are written out, references are ids, what is empty and
// what is nested is left out.
func TestCanonicalForm(t *testing.T) {
	in := input(t, `{"type":"statement","text":"We will not hesitate","key":"s:1","kind":"threat","speaker":{"key":"person:khawaja-asif"},"topics":[],"language":null,"targets":[{"country":"AF","role":"object"}],"reports":[{"article":{"key":"a:1"}}]}`)
	in.Check(new(claims.Check))
	want := `{"key":"s:1","dataset":"own","review":"machine","speaker":"38a81e87-8678-8b84-b829-13f25283e4f2","kind":"threat","voice":"attributed","text":"We will not hesitate","recurrence":"once","targets":[{"role":"object","country":"AF"}]}`
	if got := string(claims.Canonical(in)); got != want {
		t.Errorf("%s", cmp.Diff(want, got))
	}
	const digest = "a9f5e73cbad1b67a1f7acedc4c0efaa68f2539fd37b0fd758a4c23b1962a3ec9"
	if got := hex.EncodeToString(claims.Digest(in, claims.ID("s:1"))); got != digest {
		t.Errorf("the digest is %s, want %s", got, digest)
	}
	again := input(t, `{"type":"statement",`+want[1:])
	again.Check(new(claims.Check))
	if string(claims.Canonical(again)) != want || !slices.Equal(claims.Digest(again, "x"), claims.Digest(in, "x")) {
		t.Errorf("the canonical form read again is %s", claims.Canonical(again))
	}
}

// Kinds are listed so that each comes after those it refers to.
func TestKindsAreInTheOrderOfTheirReferences(t *testing.T) {
	place := map[claims.Kind]int{}
	for i, kind := range claims.Kinds {
		place[kind] = i
		if in := claims.New(kind); in == nil || in.Kind() != kind {
			t.Errorf("New(%s) is %T", kind, in)
		}
	}
	for _, line := range []string{
		`{"type":"topic","slug":"a","name":"A","parent":"b"}`,
		`{"type":"source","name":"A","kind":"other","country":"AF","owner":{"key":"a:1"}}`,
		`{"type":"speaker","name":"A","kind":"media","country":"AF","source":{"key":"a:1"},"part_of":{"key":"a:2"}}`,
		`{"type":"article","source":{"key":"a:1"},"title":"A","syndicated_from":{"key":"a:2"},"seen_via":{"key":"a:3"}}`,
		`{"type":"statement","speaker":{"key":"a:1"},"kind":"threat","text":"A","on_behalf_of":"AF","text_from":{"key":"a:2"},"topics":["t"],"targets":[{"role":"object","speaker":{"key":"a:3"}}],"within":{"key":"a:4"},"condition":{"text":"x","sense":"if","outcome":"met","outcome_statement":{"key":"a:6"},"given_by":{"key":"a:5"}}}`,
		`{"type":"report","statement":{"key":"a:1"},"article":{"key":"a:2"},"cites":[{"source":{"key":"a:3"}},{"article":{"key":"a:4"}}],"renderings":[{"part":"body","form":"quotation","names_as_given":[{"name":"x","speaker":{"key":"a:5"}}]}]}`,
	} {
		in, c := input(t, line), new(claims.Check)
		in.Check(c)
		if len(c.Problems) > 0 || len(c.References) == 0 {
			t.Errorf("%s: %v, %d references", line, c.Problems, len(c.References))
		}
		if given := strings.Count(line, `{"key"`) + strings.Count(line, `"AF"`) + strings.Count(line, `"t"]`) + strings.Count(line, `"b"`); given != len(c.References) {
			t.Errorf("%s: %d references noted, %d given", line, len(c.References), given)
		}
		for _, ref := range c.References {
			if place[ref.Kind] > place[in.Kind()] {
				t.Errorf("a %s refers to a %s, which comes later", in.Kind(), ref.Kind)
			}
		}
	}
}

// Every field of every input can be decoded from null or left out without
// harm: what is required is then reported, nothing panics.
func TestEmptyInputsAreReportedNotPanickedOn(t *testing.T) {
	for _, kind := range claims.Kinds {
		in := claims.New(kind)
		fields := reflect.VisibleFields(reflect.TypeOf(in).Elem())
		var members []string
		for _, f := range fields {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				members = append(members, `"`+name+`":null`)
			}
		}
		if err := claims.Decode([]byte("{"+strings.Join(members, ",")+"}"), in); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		var c claims.Check
		in.Check(&c)
		if !slices.ContainsFunc(c.Problems, func(p claims.Problem) bool { return p.Code == "required" }) {
			t.Errorf("an empty %s lacks nothing: %v", kind, c.Problems)
		}
		in.Row()
	}
}

func TestNestedReportsHaveDerivedKeys(t *testing.T) {
	in := input(t, `{"type":"statement","key":"s:1","speaker":{"key":"p:1"},"kind":"threat","text":"A","reports":[{"article":{"key":"a:1"}},{"article":"7647af7a-931b-84f2-9cf7-51bf2bdd2536"},{"key":"r:own","article":{"key":"a:2"}}]}`)
	in.Check(new(claims.Check))
	var keys []string
	for _, nested := range in.Nested(claims.ID("s:1")) {
		keys = append(keys, nested.Head().Key)
		if nested.(*claims.ReportInput).Statement.String() != claims.ID("s:1") {
			t.Errorf("a nested report is of statement %s", nested.(*claims.ReportInput).Statement)
		}
	}
	other := input(t, `{"type":"statement","key":"s:1","dataset":"other","review":"single","speaker":{"key":"p:1"},"kind":"threat","text":"A","reports":[{"article":{"key":"a:1"}}],"positions":[{"dataset":"own","claim":{"key":"c:1"},"stance":"asserts"}]}`)
	other.Check(new(claims.Check))
	for i, want := range []string{"other single", "own single"} {
		if h := other.Nested("x")[i].Head(); h.Dataset+" "+h.Review != want {
			t.Errorf("record %d within has data set and review %s %s, want %s", i, h.Dataset, h.Review, want)
		}
	}
	if diff := cmp.Diff([]string{"s:1/a:1", "s:1/7647af7a-931b-84f2-9cf7-51bf2bdd2536", "r:own"}, keys); diff != "" {
		t.Error(diff)
	}
}

func TestNamesThatReadersNeed(t *testing.T) {
	for name, ok := range map[string]bool{
		"Zabihullah Mujahid": true, "ذبیح\u200cالله مجاهد": true, "خواجہ آصف": true, "Da’esh": true, "Ko\u017ear": true,
		"a\u200cb c": true, "\u200cab": false, "ab\u200d": false, "a\u200d b": false, "a\u202eb": false, "a\tb": false, "a\u00adb": false, "a\u2028b": false,
	} {
		in := &claims.SpeakerInput{Name: name, SpeakerKind: "person"}
		var c claims.Check
		in.Check(&c)
		if (len(c.Problems) == 0) != ok {
			t.Errorf("%q: %v", name, c.Problems)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"text":"a","speaker":{"key":"a:b"},"said_on":"2026","targets":[{"role":"object","country":"AF"}],"reports":[{"article":"x"}]}`))
	f.Add([]byte(`{"condition":{"text":"\ud800"}}`))
	f.Add([]byte(`[[[[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range claims.Kinds {
			in := claims.New(kind)
			if err := claims.Decode(data, in); err != nil {
				var e *claims.DecodeError
				if !errors.As(err, &e) || e.Code == "" || e.Detail == "" {
					t.Fatalf("%v", err)
				}
				continue
			}
			var c claims.Check
			in.Check(&c)
			if len(c.Problems) > 0 {
				continue
			}
			in.Row()
			canonical := claims.Canonical(in)
			again := claims.New(kind)
			if err := claims.Decode(canonical, again); err != nil {
				t.Fatalf("the canonical form %s is not an input: %v", canonical, err)
			}
			again.Check(&c)
			if string(claims.Canonical(again)) != string(canonical) {
				t.Fatalf("%s, read again: %s", canonical, claims.Canonical(again))
			}
		}
	})
}
