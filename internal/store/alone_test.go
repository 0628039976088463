package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// otherwise are values that a field of a record can have instead: those from
// which something follows for other records.
var otherwise = map[claims.Kind]map[string][]string{
	claims.KindStatement:  {"kind": {`"threat"`, `"denial"`}, "language": {`"ps"`, `null`}, "medium": {`"post"`}, "said_on": {`"2026-03"`}, "recurrence": {`"standing"`}, "on_behalf_of": {`"IN"`}, "text": {`"other words"`}},
	claims.KindReport:     {"cites": {`null`}, "renderings": {`[{"form":"quotation","text":"other words"}]`}},
	claims.KindPosition:   {"stance": {`"asserts"`, `"denies"`, `"concedes"`, `"withdraws"`}},
	claims.KindClaim:      {"text": {`"other words"`}, "about": {`[{"role":"accused","country":"PK"}]`, `null`}},
	claims.KindSpeaker:    {"kind": {`"ministry"`, `"armed_group"`}, "country": {`"IN"`}, "nationality": {`"IN"`}, "name": {`"Another"`}},
	claims.KindSource:     {"country": {`"IN"`}, "owner": {`null`}, "identified": {`true`, `false`}, "name": {`"Another"`}},
	claims.KindArticle:    {"published_on": {`"2026-01-05"`}, "syndicated_from": {`null`}, "title": {`"other words"`}},
	claims.KindEvent:      {"kind": {`"press_conference"`, `"interview"`, `"attack"`}, "title": {`"other words"`}},
	claims.KindRating:     {"reliability": {`"B"`, `"E"`}, "rated_on": {`"2020"`}},
	claims.KindTopic:      {"parent": {`null`}, "name": {`"Another"`}},
	claims.KindAssessment: {"verdict": {`"another"`}},
}

func typeOf(t *testing.T, line string) claims.Kind {
	t.Helper()
	var record struct{ Type claims.Kind }
	if err := json.Unmarshal([]byte(line), &record); err != nil {
		t.Fatal(err)
	}
	return record.Type
}

// Whatever record is imported alone, new or changed, and reverted: what follows
// from it for all others is as if all were computed anew, and in the end
// everything is as it was.
func TestWhateverIsWrittenAloneIsFollowed(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(2, 40)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 21))
			whole := testkit.Store(t)
			k := questionable(seed)
			k.load(t, testkit.WithCast(t, whole))
			lines := strings.Split(strings.TrimSpace(exported(t, whole)), "\n")
			s := testkit.Store(t)
			audited := func(what string) {
				t.Helper()
				if _, err := s.Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				found, err := s.Audit(t.Context())
				if err != nil || len(found) > 0 {
					t.Fatalf("%s: %v, %s", what, err, strings.Join(found, "\n"))
				}
			}
			of := map[claims.Kind][]string{}
			for _, line := range lines {
				if kind := typeOf(t, line); otherwise[kind] != nil {
					of[kind] = append(of[kind], line)
				}
			}
			kinds := slices.Sorted(maps.Keys(of))
			var waiting []string // for what they refer to
			for i, line := range lines {
				if waiting = append(waiting, line); i+1 < len(lines) && typeOf(t, line) == typeOf(t, lines[i+1]) {
					continue
				}
				if _, err := imported(t, s, store.ImportOptions{}, waiting...); err == nil {
					audited(line)
					waiting = nil
				}
			}
			if waiting != nil {
				t.Fatalf("not to be imported: %s", waiting)
			}
			before := exported(t, s)
			if diff := cmp.Diff(exported(t, whole), before); diff != "" {
				t.Fatalf("in portions: %s", diff)
			}
			written := map[claims.Kind]int{}
			for range testkit.Scale(30, 200) {
				kind := kinds[random.IntN(len(kinds))]
				line := of[kind][random.IntN(len(of[kind]))]
				var record map[string]any
				if err := json.Unmarshal([]byte(line), &record); err != nil {
					t.Fatal(err)
				}
				fields := otherwise[kind]
				names := slices.Sorted(maps.Keys(fields))
				name := names[random.IntN(len(names))]
				member := name
				if _, ok := record[name+"_of"]; ok {
					member = name + "_of"
				}
				var value any
				if err := json.Unmarshal([]byte(fields[name][random.IntN(len(fields[name]))]), &value); err != nil {
					t.Fatal(err)
				}
				if record[member] = value; value == nil {
					delete(record, member)
				}
				changed, err := json.Marshal(record)
				if err != nil {
					t.Fatal(err)
				}
				report, err := imported(t, s, store.ImportOptions{OnConflict: "overwrite"}, string(changed))
				if err != nil { // a rule is in the way
					continue
				}
				audited(string(changed))
				if report.Updated == 0 {
					continue
				}
				written[kind]++
				if _, err := s.Revert(t.Context(), testkit.By("loader"), report.ID); err != nil {
					t.Fatalf("revert of %s: %v", changed, err)
				}
				audited("revert of " + string(changed))
			}
			if diff := cmp.Diff(before, exported(t, s)); diff != "" {
				t.Errorf("after all reverts: %s", diff)
			}
			if len(written) < 6 || written[claims.KindPosition] == 0 {
				t.Errorf("written were %v", written)
			}
			t.Logf("written were %v", written)
		})
	}
}
