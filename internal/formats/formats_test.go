package formats

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/reference"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// A fixture is one conversion of files of our own, made for these tests.
type fixture struct {
	name    string // of the golden file
	format  *Format
	options map[string]string
	files   []string
}

// madeUpStrikes pairs the strikes of the fixtures, which never happened.
func madeUpStrikes(t testing.TB) *Format {
	t.Helper()
	table, err := os.ReadFile("testdata/drone-pairs.csv")
	if err != nil {
		t.Fatal(err)
	}
	f := *droneStrikes
	f.convert = func(c *conversion) error { return convertDroneStrikes(c, string(table)) }
	return &f
}

func fixtures(t testing.TB) []fixture {
	return []fixture{
		{"liar", liar, nil, []string{"liar.tsv"}},
		{"averitec", averitec, nil, []string{"averitec.json"}},
		{"euvsdisinfo", euvsdisinfo, map[string]string{"dates": "DD.MM.YYYY"}, []string{"euvsdisinfo-semicolon.csv"}},
		{"drone-strikes", madeUpStrikes(t), nil, []string{"drone-first.csv", "drone-second.csv"}},
		{"ifg-ministers", ifgMinisters, nil, []string{"ministers-person.csv", "ministers-post.csv", "ministers-appointment.csv", "ministers-organisation.csv"}},
		{"popolo", popolo, nil, []string{"popolo.json"}},
		{"claimreview", claimReview, nil, []string{"claimreview.json"}},
	}
}

func (f fixture) convert(t testing.TB) ([]byte, Report) {
	t.Helper()
	paths := make([]string, len(f.files))
	for i, file := range f.files {
		paths[i] = filepath.Join("testdata", file)
	}
	return convert(t, f.format, f.options, paths...)
}

func convert(t testing.TB, f *Format, options map[string]string, paths ...string) ([]byte, Report) {
	t.Helper()
	var sources []Source
	for _, path := range paths {
		sources = append(sources, File(path))
	}
	var stream bytes.Buffer
	report, err := f.Convert(t.Context(), sources, options, &stream)
	if err != nil {
		t.Fatal(err)
	}
	return stream.Bytes(), report
}

// written is a source that holds text.
func written(name, text string) Source {
	return Source{name, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-want +got, -update writes it anew):\n%s", path, diff)
	}
}

// What each fixture becomes, and what the report says of it.
func TestFixtures(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			stream, report := f.convert(t)
			golden(t, f.name+".ndjson", stream)
			var text bytes.Buffer
			if _, err := report.WriteTo(&text); err != nil {
				t.Fatal(err)
			}
			golden(t, f.name+".report", text.Bytes())
			checkStream(t, stream, f.format.Dataset)
		})
	}
}

func TestConvertingTwiceGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		first, _ := f.convert(t)
		if second, _ := f.convert(t); !bytes.Equal(first, second) {
			t.Errorf("%s differs from one conversion to the next", f.name)
		}
	}
}

// checkStream holds a stream to what an import asks of it: every line decodes
// and passes its check, keys and ids stand once, references are to records of
// the stream or to countries that ship, and all is of one data set.
func checkStream(t testing.TB, stream []byte, dataset string) []claims.Input {
	t.Helper()
	inputs := readRecords(t, stream)
	known := maps.Clone(shipped())
	var check claims.Check
	var all []claims.Input
	for _, in := range inputs {
		in.Check(&check)
		all = append(append(all, in), in.Nested(claims.GivenID(in))...)
	}
	for _, p := range check.Problems {
		t.Errorf("%s %s", p.Pointer, p.Detail)
	}
	for _, in := range all {
		id := claims.GivenID(in)
		if in.Head().Dataset != dataset || in.Head().Review != "machine" {
			t.Errorf("%s is of data set %q and review %q", in.Head().Key, in.Head().Dataset, in.Head().Review)
		}
		if other := known[id]; id == "" || other != "" {
			t.Errorf("the key %q of a %s stands for a %s already", in.Head().Key, in.Kind(), other)
		}
		known[id] = in.Kind()
	}
	for _, ref := range check.References {
		if known[ref.ID] != ref.Kind {
			t.Errorf("%s refers to a %s that is not there", ref.Pointer, ref.Kind)
		}
	}
	return all
}

// shipped are the records that every installation has, by id.
var shipped = sync.OnceValue(func() map[string]claims.Kind {
	known := map[string]claims.Kind{}
	for line := range bytes.Lines(reference.Countries) {
		if in, err := readRecord(line); err == nil {
			known[claims.GivenID(in)] = in.Kind()
		}
	}
	return known
})

func readRecords(t testing.TB, stream []byte) []claims.Input {
	t.Helper()
	var inputs []claims.Input
	for line := range bytes.Lines(stream) {
		in, err := readRecord(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		inputs = append(inputs, in)
	}
	return inputs
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for i, f := range All {
		if Lookup(f.Name) != f || f.Title == "" || len(f.Inputs) == 0 {
			t.Errorf("%s is not found, or without title or inputs", f.Name)
		}
		if i > 0 && All[i-1].Name >= f.Name {
			t.Errorf("%s stands after %s", f.Name, All[i-1].Name)
		}
	}
	for _, o := range Outputs {
		if LookupOutput(o.Name) != o {
			t.Errorf("%s is not found", o.Name)
		}
	}
	if Lookup("x") != nil || LookupOutput("x") != nil {
		t.Error("a format is found that isn't there")
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format  *Format
		options map[string]string
		want    string // the option at fault
	}{
		{euvsdisinfo, nil, "dates"},
		{euvsdisinfo, map[string]string{"dates": "US"}, "dates"},
		{euvsdisinfo, map[string]string{"date": "DD.MM.YYYY"}, "date"},
		{liar, map[string]string{"dates": "DD.MM.YYYY"}, "dates"},
		{popolo, map[string]string{"classifications": "club=crowd"}, "classifications"},
		{popolo, map[string]string{"classifications": "club"}, "classifications"},
	} {
		_, err := c.format.Convert(t.Context(), []Source{written("f", "{}")}, c.options, io.Discard)
		var option *OptionError
		if !errors.As(err, &option) || option.Name != c.want {
			t.Errorf("%s with %v: %v, want a fault of %s", c.format.Name, c.options, err, c.want)
		}
	}
}

// A data set of its own for each publisher: keys and records follow the option.
func TestDatasetOption(t *testing.T) {
	t.Parallel()
	for _, f := range []fixture{
		{"", popolo, map[string]string{"dataset": "examples.parliament", "classifications": "club=ngo"}, []string{"popolo.json"}},
		{"", claimReview, map[string]string{"dataset": "examples.parliament"}, []string{"claimreview.json"}},
	} {
		stream, _ := f.convert(t)
		for _, in := range checkStream(t, stream, "examples.parliament") {
			if !strings.HasPrefix(in.Head().Key, "examples.parliament:") {
				t.Errorf("the key %s is outside the data set", in.Head().Key)
			}
		}
	}
	_, err := claimReview.Convert(t.Context(), []Source{File("testdata/claimreview.json")}, map[string]string{"dataset": "Not A Slug"}, io.Discard)
	if err == nil {
		t.Error("a data set that can't be one is taken")
	}
}

func TestConversionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, f := range fixtures(t) {
		var sources []Source
		for _, file := range f.files {
			sources = append(sources, File(filepath.Join("testdata", file)))
		}
		if _, err := f.format.Convert(ctx, sources, f.options, io.Discard); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// The two ways in which the cases are published give the same stream.
func TestEUvsDisinfoIsTheSameFromBothFiles(t *testing.T) {
	t.Parallel()
	one, _ := convert(t, euvsdisinfo, map[string]string{"dates": "DD.MM.YYYY"}, "testdata/euvsdisinfo-semicolon.csv")
	other, _ := convert(t, euvsdisinfo, map[string]string{"dates": "MM/DD/YY"}, "testdata/euvsdisinfo-comma.csv")
	if diff := cmp.Diff(string(one), string(other)); diff != "" {
		t.Error(diff)
	}
}
