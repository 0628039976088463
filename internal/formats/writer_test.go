package formats

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
)

// All records of a Put are written or none, no key stands for two records, and
// what was written before is passed over.
func TestWriter(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewWriter(&out)
	source := &claims.SourceInput{Header: claims.Header{Key: "x:s", Dataset: "x"}, Name: "S", SourceKind: "other"}
	article := &claims.ArticleInput{Header: claims.Header{Key: "x:a", Dataset: "x"}, Source: claims.RefKey("x:s"), Title: "A"}
	if err := w.Put(source, article, source); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		record  claims.Input
		pointer string
	}{
		"no key":                 {&claims.SourceInput{Name: "S", SourceKind: "other"}, "/key"},
		"an unknown value":       {&claims.SourceInput{Header: claims.Header{Key: "x:1"}, Name: "S", SourceKind: "paper"}, "/kind"},
		"another record's key":   {&claims.SourceInput{Header: claims.Header{Key: "x:s"}, Name: "T", SourceKind: "other"}, "/key"},
		"a key of another kind":  {&claims.ClaimInput{Header: claims.Header{Key: "x:a"}, Text: "c", Sort: "fact"}, "/key"},
		"invisible characters":   {&claims.SourceInput{Header: claims.Header{Key: "x:1"}, Name: "S\u202e", SourceKind: "other"}, "/name"},
		"no reference":           {&claims.ArticleInput{Header: claims.Header{Key: "x:1"}, Title: "A"}, "/source"},
		"what isn't UTF-8":       {&claims.ClaimInput{Header: claims.Header{Key: "x:1"}, Text: "\xff", Sort: "fact"}, ""},
		"a record within twice":  {&claims.StatementInput{Header: claims.Header{Key: "x:1"}, Speaker: claims.RefKey("x:p"), StatementKind: "other", Text: "t", Reports: []claims.ReportInput{{Article: claims.RefKey("x:a")}, {Article: claims.RefKey("x:a")}}}, "/reports/1"},
		"a text of only a space": {&claims.ClaimInput{Header: claims.Header{Key: "x:1"}, Text: " ", Sort: "fact"}, "/text"},
	} {
		good := &claims.SourceInput{Header: claims.Header{Key: "x:good"}, Name: "G", SourceKind: "other"}
		err := w.Put(good, c.record)
		var refused *RecordError
		if !errors.As(err, &refused) || len(refused.Problems) == 0 || refused.Problems[0].Pointer != c.pointer {
			t.Errorf("%s: %v, want a problem at %q", name, err, c.pointer)
		}
		if w.Has("x:good") {
			t.Fatalf("%s: the record beside it is written", name)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"source","key":"x:s","dataset":"x","name":"S","kind":"other"}
{"type":"article","key":"x:a","dataset":"x","source":{"key":"x:s"},"title":"A"}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Count{{"source", 1}, {"article", 1}}, w.counts()); diff != "" || !w.Has("x:s") || w.Has("x:1") {
		t.Error(diff)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestErrorsOfWritingAreKept(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		var sources []Source
		for _, file := range f.files {
			sources = append(sources, File("testdata/"+file))
		}
		if _, err := f.format.Convert(t.Context(), sources, f.options, fullDisk{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	if _, err := claimReviewOutput.Convert(t.Context(), []Source{File("testdata/claimreview.ndjson")}, fullDisk{}); !errors.Is(err, errFull) {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		" A  B\u00a0C ": "A B C", "A\r\nB": "A B", "Paresh \u200f": "Paresh", "e\u0301": "é", "\ufeff": "", "a\u200bb": "ab",
		"ذبیح\u200cالله": "ذبیح\u200cالله", "x\u200c y": "x y",
	} {
		if got := name(given); got != want {
			t.Errorf("the name of %q is %q, want %q", given, got, want)
		}
	}
	for given, want := range map[string]bool{"Unknown": false, " unknown. ": false, "(N/A)": false, "": false, "-": false, "Anonymous": false, "Anon Ymous": true, "Nemo": true} {
		if named(given) != want {
			t.Errorf("%q names somebody: %v", given, !want)
		}
	}
	for given, want := range map[string]string{"Russia": "RU", "the Netherlands": "NL", "USSR": "SUHH", " US ": "US", "EU": "", "Kremlin": "", "Russian": "", "": ""} {
		if got := country(given); got != want {
			t.Errorf("the country %q is %q, want %q", given, got, want)
		}
	}
	c := &conversion{dataset: "x"}
	for given, want := range map[string]string{"Visa liberalisation": "x.visa-liberalisation", "Recep Tayyip Erdoğan": "x.recep-tayyip-erdogan", "U.S. — trade": "x.u-s-trade"} {
		if got := c.slug(given); got != want {
			t.Errorf("the slug of %q is %q, want %q", given, got, want)
		}
	}
	if a, b := c.slug("Дамба"), c.slug("дамба"); a != b || len(a) != 26 {
		t.Errorf("slugs of one word are %q and %q", a, b)
	}
}
