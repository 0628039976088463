package formats

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/testkit"
)

// The published data sets lie beside the project and are no part of it.
func shared(t testing.TB, files ...string) []string {
	t.Helper()
	paths := make([]string, len(files))
	for i, file := range files {
		paths[i] = testkit.Shared(t, "data/"+file)
	}
	return paths
}

var dataSets = []struct {
	format  *Format
	options map[string]string
	files   []string
}{
	{liar, nil, []string{"liar/valid.tsv"}},
	{averitec, nil, []string{"averitec/dev-first-100.json"}},
	{euvsdisinfo, map[string]string{"dates": "DD.MM.YYYY"}, []string{"euvsdisinfo_kalkun/first-300.csv"}},
	{droneStrikes, nil, []string{"drone_strikes/bij-pakistan-first-20.csv", "drone_strikes/second-tracker-first-20.csv"}},
	{ifgMinisters, nil, []string{"ifg_ministers/person.csv", "ifg_ministers/post.csv", "ifg_ministers/appointment.csv", "ifg_ministers/organisation.csv"}},
}

// Each data set converts whole, to a stream that an import takes, and to the
// numbers that its page states.
func TestDataSets(t *testing.T) {
	t.Parallel()
	for _, d := range dataSets {
		t.Run(d.format.Name, func(t *testing.T) {
			t.Parallel()
			paths := shared(t, d.files...)
			stream, report := convert(t, d.format, d.options, paths...)
			checkStream(t, stream, d.format.Dataset)
			comparePage(t, d.format.Name, report)
			if again, _ := convert(t, d.format, d.options, paths...); !bytes.Equal(stream, again) {
				t.Error("a second conversion gives other bytes")
			}
		})
	}
}

// The formats without a published file here state the numbers of our fixtures.
func TestPagesOfFixtures(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		if f.format == popolo || f.format == claimReview {
			_, report := f.convert(t)
			comparePage(t, f.name, report)
		}
	}
}

var countRow = regexp.MustCompile(`(?m)^\| ([^|]+?) +\| +([\d,]+) \|$`)

// comparePage reads the table of counts of a format's page.
func comparePage(t *testing.T, format string, report Report) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("../../docs/formats", format+".md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Counts\n")
	section, _, _ = strings.Cut(section, "\n## ")
	got, want := map[string]string{}, map[string]string{}
	for _, row := range countRow.FindAllStringSubmatch(section, -1) {
		got[row[1]] = strings.ReplaceAll(row[2], ",", "")
	}
	for _, c := range report.Read {
		want["read: "+c.What] = fmt.Sprint(c.N)
	}
	for _, c := range report.Written {
		want[c.What] = fmt.Sprint(c.N)
	}
	want["skipped"] = fmt.Sprint(report.Skipped)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the page and the conversion differ (-conversion +page):\n%s", diff)
	}
}

// 1,284 statements in, 1,284 out, each with the text of its row byte for byte.
func TestLIARKeepsEveryStatement(t *testing.T) {
	t.Parallel()
	path := shared(t, "liar/valid.tsv")[0]
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(raw), "\n"), "\n") {
		row := strings.Split(line, "\t")
		texts["liar:"+row[0]] = row[2]
	}
	if len(texts) != 1284 {
		t.Fatalf("the file has %d statements", len(texts))
	}
	stream, _ := convert(t, liar, nil, path)
	statements := 0
	for _, in := range readRecords(t, stream) {
		s, ok := in.(*claims.StatementInput)
		if !ok {
			continue
		}
		statements++
		if want, known := texts[s.Key]; !known || s.Text != want {
			t.Errorf("%s says %q, its row %q", s.Key, s.Text, want)
		}
		if !s.SaidOn.IsZero() {
			t.Errorf("%s has a date that nobody gives", s.Key)
		}
	}
	if statements != len(texts) {
		t.Errorf("%d statements came out", statements)
	}
}

// Every strike of either tracker is in exactly one event, with the figures of
// each tracker and no others; the table pairs only what is there.
func TestDroneStrikesKeepBothAccounts(t *testing.T) {
	t.Parallel()
	paths := shared(t, "drone_strikes/bij-pakistan-first-20.csv", "drone_strikes/second-tracker-first-20.csv")
	stream, _ := convert(t, droneStrikes, nil, paths...)
	first, second := claims.RefKey("drone-strikes:tracker/first").String(), claims.RefKey("drone-strikes:tracker/second").String()
	events, accounts := map[string]*claims.EventInput{}, map[string]map[string]bool{}
	for _, in := range readRecords(t, stream) {
		switch in := in.(type) {
		case *claims.EventInput:
			events[claims.ID(in.Key)] = in
		case *claims.MentionInput:
			if accounts[in.Event.String()] == nil {
				accounts[in.Event.String()] = map[string]bool{}
			}
			accounts[in.Event.String()][in.Article.String()] = true
		}
	}
	paired := 0
	for id, event := range events {
		both := accounts[id][first] && accounts[id][second]
		if both {
			paired++
		}
		for _, f := range event.Figures {
			if by := f.GivenByArticle.String(); !accounts[id][by] || by != first && by != second {
				t.Errorf("%s has a figure of a tracker that doesn't know it", event.Key)
			}
		}
		if event.Occurred.IsSet() && !both {
			t.Errorf("%s has two days and one tracker", event.Key)
		}
	}
	pairs, err := csv.NewReader(strings.NewReader(dronePairs)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 21 || paired != 19 || len(pairs)-1 != paired {
		t.Errorf("%d events, %d of them of both trackers, %d pairs in the table", len(events), paired, len(pairs)-1)
	}
	// B2 has 0 civilians in the first tracker and a blank in the second.
	civilians := 0
	for _, f := range events[claims.ID("drone-strikes:B2")].Figures {
		if f.Of == "civilians" {
			civilians++
			if f.GivenByArticle.String() != first || *f.Low != 0 || *f.High != 0 {
				t.Errorf("civilians killed in B2: %s by %s", f.AsGiven, f.GivenByArticle)
			}
		}
	}
	if civilians != 1 {
		t.Errorf("%d figures for civilians killed in B2: a blank is not zero", civilians)
	}
}

// A file read with the wrong order of days and months is refused with the
// line, and nothing is written.
func TestEUvsDisinfoRefusesAnotherOrderOfDates(t *testing.T) {
	t.Parallel()
	path := shared(t, "euvsdisinfo_kalkun/first-300.csv")[0]
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	slashes := regexp.MustCompile(`"(\d{2})\.(\d{2})\.(\d{4})"`).ReplaceAllString(string(raw), `"$1/$2/$3"`)
	for dates, source := range map[string]Source{"MM/DD/YY": File(path), "MM/DD/YYYY": written("slashes.csv", slashes)} {
		var out bytes.Buffer
		_, err := euvsdisinfo.Convert(t.Context(), []Source{source}, map[string]string{"dates": dates}, &out)
		var fault *Error
		if !errors.As(err, &fault) || fault.Line == 0 || fault.Field != "date" || out.Len() > 0 {
			t.Errorf("%s: %v, after %d bytes", dates, err, out.Len())
		}
	}
	if _, err := euvsdisinfo.Convert(t.Context(), []Source{written("slashes.csv", slashes)}, map[string]string{"dates": "DD/MM/YYYY"}, io.Discard); err != nil {
		t.Error(err)
	}
}
