package formats

import (
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

func fixtureText(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// upTo is what stands before the first mark.
func upTo(text, mark string) string {
	before, _, _ := strings.Cut(text, mark)
	return before
}

func cp1252(t testing.TB, s string) string {
	t.Helper()
	encoded, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// Files as they are found: what can be read whatever its dress is read, what
// can't be trusted is refused with file, line and field.
func TestFilesAsFound(t *testing.T) {
	t.Parallel()
	tsv, cases, semicolon, persons := fixtureText(t, "liar.tsv"), fixtureText(t, "averitec.json"), fixtureText(t, "euvsdisinfo-semicolon.csv"), fixtureText(t, "ministers-person.csv")
	rest := []string{fixtureText(t, "ministers-post.csv"), fixtureText(t, "ministers-appointment.csv"), fixtureText(t, "ministers-organisation.csv")}
	dates := map[string]string{"dates": "DD.MM.YYYY"}
	head, row := "strike_id,date,location,country,area,min_ppl_killed,max_ppl_killed,min_civil_killed,max_civil_killed,min_child_killed,max_child_killed,min_injured,max_injured\n", "X1,2031-03-01T00:00:00Z,V,Pakistan,A,1,2,,,,,,\n"
	second := fixtureText(t, "drone-second.csv")
	for _, c := range []struct {
		name    string
		format  *Format
		options map[string]string
		files   []string
		want    string // in the error; "" for none
	}{
		{"a byte-order mark", liar, nil, []string{"\ufeff" + tsv}, ""},
		{"CR LF", liar, nil, []string{strings.ReplaceAll(tsv, "\n", "\r\n")}, ""},
		{"Windows-1252", liar, nil, []string{tsv + cp1252(t, "9.json\ttrue\tA café.\t\tx\t\t\t\t0\t0\t0\t0\t0\t\n")}, "f0:9: is not UTF-8 (byte 0xe9)"},
		{"UTF-16", liar, nil, []string{"\xff\xfe1\x00"}, "f0:1: is UTF-16"},
		{"UTF-16 without a mark", liar, nil, []string{"1\x00.\x00"}, "f0:1: has a NUL"},
		{"a character cut in two", liar, nil, []string{tsv + "\xc3"}, "f0:9: is not UTF-8"},
		{"fields missing", liar, nil, []string{"1.json\ttrue\tText\n"}, "f0:1: has 3 fields, not 14"},
		{"cut off within the last field", liar, nil, []string{tsv[:len(tsv)-1]}, "f0:8: ends without a line break"},
		{"nothing", liar, nil, []string{""}, ""},
		{"a line of a megabyte", liar, nil, []string{tsv + strings.Repeat("x", maxLine+1) + "\n"}, "f0:9: is longer than"},

		{"JSON with a byte-order mark", averitec, nil, []string{"\ufeff" + cases}, ""},
		{"JSON with CR LF", averitec, nil, []string{strings.ReplaceAll(cases, "\n", "\r\n")}, ""},
		{"JSON cut off", averitec, nil, []string{cases[:len(cases)/2]}, "ends in the middle of a value: cut off?"},
		{"JSON cut off between two cases", averitec, nil, []string{upTo(cases, "\n {\n  \"claim\": \"The mayor")}, "ends in the middle of a value: cut off?"},
		{"JSON in Windows-1252", averitec, nil, []string{cp1252(t, strings.Replace(strings.ReplaceAll(cases, "\u200f", ""), "The town", "Café", 1))}, "f0:3: is not UTF-8"},
		{"JSON and more", averitec, nil, []string{cases + "[]"}, "stands after the end"},
		{"an object where an array is due", averitec, nil, []string{"{}"}, "f0:1: is not an array"},
		{"no JSON", averitec, nil, []string{"[\n\n{'a'}]"}, "f0:3: "},
		{"an empty file", averitec, nil, []string{""}, "cut off?"},
		{"an unknown member", averitec, nil, []string{"[\n{\n\"claim\": \"A\",\n\"verdict\": \"B\"}]"}, "f0:4: /verdict: is not a field"},
		{"a member twice", averitec, nil, []string{"[{\"claim\": \"A\",\n\"claim\": \"B\"}]"}, "the name stands twice"},
		{"a member of another type", averitec, nil, []string{"[{\"claim\":\n7}]"}, "f0:2: /claim: is a JSON number"},
		{"a date in another order", averitec, nil, []string{`[{"claim":"A","claim_date":"10-31-2020"}]`}, "f0:1: claim_date"},
		{"a date in another form", averitec, nil, []string{`[{"claim":"A","claim_date":"2020-10-31"}]`}, "claim_date: \"2020-10-31\" is not a date as 31-10-2020"},

		{"a table of other columns", euvsdisinfo, dates, []string{persons}, "f0:1: the first line does not have the columns"},
		{"dates of another locale", euvsdisinfo, map[string]string{"dates": "MM/DD/YY"}, []string{semicolon}, "f0:3: date: \"03.10.2017\" is not written as MM/DD/YY"},
		{"days taken for months", euvsdisinfo, map[string]string{"dates": "MM/DD/YYYY"}, []string{strings.NewReplacer(".10.2017", "/10/2017", ".09.2017", "/09/2017").Replace(semicolon)}, "f0:5: date: \"29/09/2017\" is no day"},
		{"an open quotation mark", euvsdisinfo, dates, []string{strings.TrimSuffix(semicolon, "\"\r\n") + "\r\n"}, "f0:10: a quoted field that begins in this record"},
		{"a quotation mark that is not doubled", euvsdisinfo, dates, []string{strings.Replace(semicolon, `""sold""`, `"sold"`, 1)}, "a quoted field"},
		{"a row cut off", euvsdisinfo, dates, []string{semicolon + "\"3\";\"01.01.2018\"\r\n"}, "has 2 fields where the head has 11"},
		{"no line break at the end", euvsdisinfo, dates, []string{strings.TrimSuffix(semicolon, "\r\n")}, "ends without a line break"},
		{"tabs and sep", euvsdisinfo, dates, []string{strings.ReplaceAll(strings.Replace(semicolon, "sep=;", "sep=\t", 1), `";"`, "\"\t\"")}, ""},

		{"a table missing", ifgMinisters, nil, []string{persons}, "the post table is missing"},
		{"a table twice", ifgMinisters, nil, append([]string{persons, persons}, rest...), "f1:1: is a second person table beside f0"},
		{"a table cut off at a line", ifgMinisters, nil, append([]string{upTo(persons, "p2")}, rest...), "f2:3: person_id: is in no row"},
		{"a name's time the wrong way round", ifgMinisters, nil, append([]string{strings.Replace(persons, "2011-05-01,\r\n", "2011-05-01,2010-01-01\r\n", 1)}, rest...), "f0:2: start_date, end_date"},
		{"a column twice", ifgMinisters, nil, append([]string{strings.Replace(persons, "gender", "name", 1)}, rest...), "does not have the columns"},

		{"no whole number", droneStrikes, nil, []string{head + strings.Replace(row, ",1,2,", ",1,some,", 1), second}, "f0:2: max_ppl_killed: \"some\" is not a whole number"},
		{"another country", droneStrikes, nil, []string{head + strings.Replace(row, "Pakistan", "Yemen", 1), second}, "f0:2: country"},
		{"a number twice", droneStrikes, nil, []string{head + row + row, second}, "f0:3: strike_id"},
		{"a day of another form", droneStrikes, nil, []string{head + strings.Replace(row, "2031-03-01T00:00:00Z", "1/3/2031", 1), second}, "f0:2: date"},
		{"another year", droneStrikes, nil, []string{head + row, strings.Replace(second, "Agency,2031", "Agency,2030", 1)}, "f1:2: year"},
		{"no degrees", droneStrikes, nil, []string{head + row, strings.Replace(second, "33.1", "N33", 1)}, "f1:2: geo_lat"},
		{"no such day", droneStrikes, nil, []string{head + strings.Replace(row, "03-01", "02-30", 1), second}, "f0:2: date"},

		{"no lists", popolo, nil, []string{`{"people":[]}`}, "has none of the lists"},
		{"two files", popolo, nil, []string{"{}", "{}"}, "one at a time"},
		{"no id", popolo, nil, []string{"{\"persons\":[\n{\"name\":\"A\"}]}"}, "f0:2: id: is missing"},
		{"a list that is none", popolo, nil, []string{"{\"persons\":\n{}}"}, "f0:2: is not an array"},
		{"names of a time that is none", popolo, nil, []string{`{"persons":[{"id":"a","name":"A","other_names":[{"name":"B","start_date":"soon"}]}]}`}, "f0:1: other_names"},

		{"a text", claimReview, nil, []string{`"ClaimReview"`}, "is not an object"},
		{"a graph cut off", claimReview, nil, []string{`{"@graph":[{"@type":"ClaimReview"},`}, "cut off?"},
	} {
		t.Run(c.format.Name+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			var sources []Source
			for i, file := range c.files {
				sources = append(sources, written("f"+string(rune('0'+i)), file))
			}
			report, err := c.format.Convert(t.Context(), sources, c.options, io.Discard)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want == "" && c.files[0] != "" && report.Lines == 0:
				t.Error("nothing was written")
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q in it", err, c.want)
			}
		})
	}
}

// What can't be opened or read is told as it is.
func TestErrorsOfReadingAreKept(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for _, f := range fixtures(t) {
		for _, src := range []Source{
			{"f", func() (io.ReadCloser, error) { return nil, broken }},
			{"f", func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader("["), errorReader{broken})), nil
			}},
		} {
			if _, err := f.format.Convert(t.Context(), []Source{src}, f.options, io.Discard); !errors.Is(err, broken) {
				t.Errorf("%s: %v", f.name, err)
			}
		}
		if _, err := f.format.Convert(t.Context(), nil, f.options, io.Discard); err == nil {
			t.Errorf("%s converts no file", f.name)
		}
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// The arrow runs from here to the domain: neither store nor api is known.
func TestImports(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"onrecord/internal/claims", "onrecord/internal/edtf", "onrecord/reference"}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			if path := strings.Trim(spec.Path.Value, `"`); strings.HasPrefix(path, "onrecord") && !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
