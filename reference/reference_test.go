package reference_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
	"onrecord/reference"
)

// An entry is a country and the government on the line after it.
type entry struct {
	country    claims.CountryInput
	government claims.SpeakerInput
}

func entries(t *testing.T) []entry {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(reference.Countries), "\n"), "\n")
	if len(lines)%2 != 0 {
		t.Fatalf("%d lines: not every country has its government", len(lines))
	}
	all := make([]entry, len(lines)/2)
	for i := range all {
		decode(t, 2*i+1, lines[2*i], &all[i].country)
		decode(t, 2*i+2, lines[2*i+1], &all[i].government)
	}
	return all
}

// decode reads the line as a record of in's kind. Encoding it again must give
// the same line, so fields are in their order and none is empty.
func decode(t *testing.T, number int, line string, in claims.Input) {
	t.Helper()
	record, ok := strings.CutPrefix(line, fmt.Sprintf(`{"type":%q,`, in.Kind()))
	if !ok {
		t.Fatalf("line %d is no %s: %.60s", number, in.Kind(), line)
	}
	record = "{" + record
	if err := claims.Decode([]byte(record), in); err != nil {
		t.Fatalf("line %d: %v", number, err)
	}
	canonical := string(claims.Canonical(in))
	if diff := cmp.Diff(canonical, record); diff != "" {
		t.Errorf("line %d is not in canonical form (-canonical +line):\n%s", number, diff)
	}
}

func present(t *testing.T) []claims.CountryInput {
	t.Helper()
	var countries []claims.CountryInput
	for _, e := range entries(t) {
		if e.country.Status != "former" {
			countries = append(countries, e.country)
		}
	}
	return countries
}

func aliases(in []claims.Alias, kind string) []string {
	var names []string
	for _, a := range in {
		if a.Kind == kind {
			names = append(names, a.Name)
		}
	}
	return names
}

func TestEveryLineIsAValidRecord(t *testing.T) {
	t.Parallel()
	for _, e := range entries(t) {
		for _, in := range []claims.Input{&e.country, &e.government} {
			var check claims.Check
			in.Check(&check)
			for _, p := range check.Problems {
				t.Errorf("%s %s: %s %s", in.Kind(), e.country.Code, p.Pointer, p.Detail)
			}
		}
	}
}

func TestEveryCountryIsFollowedByItsGovernment(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, e := range entries(t) {
		codes = append(codes, e.country.Code)
		got := []string{e.government.Key, e.government.SpeakerKind, e.government.Country.String()}
		if diff := cmp.Diff([]string{"gov:" + e.country.Code, "government", e.country.Code}, got); diff != "" {
			t.Errorf("government of %s (-want +got):\n%s", e.country.Code, diff)
		}
	}
	if !slices.IsSorted(codes) {
		t.Error("the file is not sorted by code")
	}
	if len(slices.Compact(codes)) != len(codes) {
		t.Error("a code stands twice")
	}
}

func TestOnlyAfghanistanAndMyanmarAreRuledDeFacto(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, e := range entries(t) {
		if d := e.government.DeFacto; !d.IsZero() {
			got[e.country.Code] = d.String()
		}
	}
	want := map[string]string{"AF": "2021-08-15/..", "MM": "2021-02-01/.."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPresentCountriesAreThoseOfISO3166(t *testing.T) {
	t.Parallel()
	// Regions that CLDR still numbers although ISO has withdrawn them.
	withdrawn := []string{"AN", "CS", "NT", "SU", "YU"}

	got := map[string][2]string{}
	alpha3, numeric := map[string]bool{}, map[string]bool{}
	for _, c := range present(t) {
		got[c.Code] = [2]string{c.Alpha3, c.Numeric}
		if alpha3[c.Alpha3] || c.Numeric != "" && numeric[c.Numeric] {
			t.Errorf("%s: %s or %s stands twice", c.Code, c.Alpha3, c.Numeric)
		}
		alpha3[c.Alpha3], numeric[c.Numeric] = true, true
	}
	want := map[string][2]string{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			r, err := language.ParseRegion(code)
			if err != nil || !r.IsCountry() || r.M49() == 0 || r.Canonicalize() != r || slices.Contains(withdrawn, code) {
				continue
			}
			want[code] = [2]string{r.ISO3(), fmt.Sprintf("%03d", r.M49())}
		}
	}
	want["XK"] = [2]string{"XKX", ""} // ISO assigns Kosovo nothing; XKX is what others use
	if len(want) != 249+1 {
		t.Errorf("%d countries to compare with, want 249 and Kosovo", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-CLDR +file):\n%s", diff)
	}
}

func TestFormerCountriesAreThoseOfISO3166Part3(t *testing.T) {
	t.Parallel()
	goOn := []string{"BQAQ", "FQHH", "FXFR", "JTUM", "MIUM", "NQAQ", "PUUM", "WKUM"}
	var codes []string
	for _, e := range entries(t) {
		c := e.country
		if c.Status != "former" {
			continue
		}
		codes = append(codes, c.Code)
		if c.Alpha3 == "" {
			t.Errorf("%s has no alpha3", c.Code)
		}
		days := c.Valid.Range()
		if ended := !days.IsEmpty() && days.To != edtf.PosInf; ended == slices.Contains(goOn, c.Code) {
			t.Errorf("%s existed %q", c.Code, c.Valid)
		}
	}
	want := strings.Fields(`AIDJ ANHH BQAQ BUMM BYAA CSHH CSXX CTKI DDDE DYBJ FQHH FXFR GEHH HVBF JTUM MIUM
		NHVU NQAQ NTHH PCHH PUUM PZPA RHZW SKIN SUHH TPTL VDVN WKUM YDYE YUCS ZRCD`)
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPresentCountriesAreComplete(t *testing.T) {
	t.Parallel()
	// Territories that have none.
	without := map[string][]string{
		"numeric":   {"XK"},
		"region":    {"AQ"},
		"subregion": {"AQ"},
		"capital":   {"AQ", "BQ", "BV", "HM", "IO", "TK", "UM"},
		"demonym":   {"AQ", "BV", "GS", "HM", "IO", "SJ", "TF", "UM", "VA"},
	}
	got := map[string][]string{}
	for _, c := range present(t) {
		missing := func(field string, is bool) {
			if is {
				got[field] = append(got[field], c.Code)
			}
		}
		missing("name", c.Name == "")
		missing("alpha3", c.Alpha3 == "")
		missing("numeric", c.Numeric == "")
		missing("region", c.Region == "")
		missing("subregion", c.Subregion == "")
		missing("capital", c.Capital == "")
		missing("coordinates", c.Latitude == nil)
		missing("demonym", len(aliases(c.Aliases, "demonym")) == 0)
	}
	if diff := cmp.Diff(without, got); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestACapitalIsAMetonymOfItsState(t *testing.T) {
	t.Parallel()
	contested := []string{"EH", "PS"} // the proclaimed capital is not where the government sits
	for _, c := range present(t) {
		if c.Status == "dependency" || c.Capital == "" || c.Capital == c.Name || slices.Contains(contested, c.Code) {
			continue
		}
		if !slices.Contains(aliases(c.Aliases, "metonym"), c.Capital) {
			t.Errorf("%s is no metonym of %s", c.Capital, c.Name)
		}
	}
}

func TestNamesFollowTheCalendar(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		on   string
		name string
		want []string // whose name it is on the day, and as what
	}{
		{"1998-01-01", "Astana", nil},
		{"1998-05-06", "Astana", []string{"KZ metonym"}},
		{"2020-01-01", "Astana", nil},
		{"2020-01-01", "Nur-Sultan", []string{"KZ metonym"}},
		{"2026-02-18", "Nur-Sultan", nil},
		{"2026-02-18", "Astana", []string{"KZ metonym"}},
		{"1980-01-01", "Kremlin", []string{"SUHH metonym"}},
		{"2026-02-18", "Kremlin", []string{"RU metonym"}},
		{"2020-01-01", "Blue House", []string{"KR metonym"}},
		{"2023-01-01", "Blue House", nil},
		{"2018-01-01", "Swaziland", []string{"SZ former_name"}},
		{"2020-01-01", "Swaziland", nil},
		{"2026-02-18", "Tel Aviv", []string{"IL metonym"}},
		{"2026-02-18", "Delhi", []string{"IN metonym"}},
		{"2026-02-18", "Kabul", []string{"AF metonym"}},
		{"2021-08-14", "Islamic Emirate", nil},
		{"2026-02-18", "Islamic Emirate", []string{"gov:AF alternative"}},
		{"2026-02-18", "Afghan authorities", []string{"gov:AF alternative"}},
		{"2025-01-01", "State Administration Council", []string{"gov:MM alternative"}},
		{"2026-02-18", "State Administration Council", nil},
	} {
		var got []string
		note := func(owner string, list []claims.Alias) {
			for _, a := range list {
				if a.Name == test.name && (a.Valid.IsZero() || a.Valid.Match(edtf.MustParse(test.on).Range()) != edtf.None) {
					got = append(got, owner+" "+a.Kind)
				}
			}
		}
		for _, e := range entries(t) {
			note(e.country.Code, e.country.Aliases)
			note(e.government.Key, e.government.Aliases)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", test.name, test.on, diff)
		}
	}
}

func TestANameIsGivenOnce(t *testing.T) {
	t.Parallel()
	once := func(owner, name string, list []claims.Alias) {
		for i, a := range list {
			if a.Name == name {
				t.Errorf("%s: alias %q is its name", owner, a.Name)
			}
			for _, b := range list[:i] {
				if !strings.EqualFold(a.Name, b.Name) || a.Language != b.Language {
					continue
				}
				if a.Valid.IsZero() || b.Valid.IsZero() || a.Kind == b.Kind && a.Valid.Match(b.Valid.Range()) != edtf.None {
					t.Errorf("%s: alias %q stands twice for the same time", owner, a.Name)
				}
			}
		}
	}
	for _, e := range entries(t) {
		once(e.country.Code, e.country.Name, e.country.Aliases)
		once(e.government.Key, e.government.Name, e.government.Aliases)
	}
}

func TestTextIsCleanUnicode(t *testing.T) {
	t.Parallel()
	if !norm.NFC.IsNormal(reference.Countries) {
		t.Error("the file is not in NFC")
	}
	if !bytes.HasSuffix(reference.Countries, []byte("}\n")) {
		t.Error("the file does not end in one newline")
	}
	for _, bad := range []rune{'\u00a0', '\u202f', '\ufeff', '\r', '\t'} {
		if bytes.ContainsRune(reference.Countries, bad) {
			t.Errorf("the file holds %U", bad)
		}
	}
}

// TestAgreesWithDatahub compares with the table the codes came from, which lies
// beside the repository where there is one. ONRECORD_REQUIRE_SHARED makes its
// absence a failure.
func TestAgreesWithDatahub(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../shared/data/countries_datahub/country-codes.csv")
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("ONRECORD_REQUIRE_SHARED") == "" {
		t.Skip("the table of country codes is not here:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int {
		i := slices.Index(rows[0], name)
		if i < 0 {
			t.Fatalf("the table has no column %q", name)
		}
		return i
	}
	alpha2, alpha3, numeric := column("ISO3166-1-Alpha-2"), column("ISO3166-1-Alpha-3"), column("ISO3166-1-numeric")
	want, got := map[string][2]string{}, map[string][2]string{}
	for _, row := range rows[1:] {
		want[row[alpha2]] = [2]string{row[alpha3], strings.Repeat("0", max(0, 3-len(row[numeric]))) + row[numeric]}
	}
	for _, c := range present(t) {
		if c.Code != "XK" {
			got[c.Code] = [2]string{c.Alpha3, c.Numeric}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-table +file):\n%s", diff)
	}
}
