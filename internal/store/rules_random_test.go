package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// The rules of the model on random data, one test each, by what must not
// change when something is added or left out. That the values themselves are
// right, TestDerivedValuesEqualANaiveEvaluation shows.

// derived are the facts of all statements and the status of all claims, by key.
type derived struct {
	statements map[string]facts
	claims     map[string]string
}

func derivedOf(t *testing.T, s *store.Store) derived {
	t.Helper()
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := derived{map[string]facts{}, map[string]string{}}
	page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"limit": "1000", "second_hand": "include", "voice": "any"}))
	if err != nil {
		t.Fatal(err)
	}
	var list []facts
	if err := json.Unmarshal(page.Records, &list); err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		d.statements[f.Key] = f
	}
	if page, err = s.List(t.Context(), query(t, claims.KindClaim, nil)); err != nil {
		t.Fatal(err)
	}
	var status []struct{ Key, Status string }
	if err := json.Unmarshal(page.Records, &status); err != nil {
		t.Fatal(err)
	}
	for _, c := range status {
		d.claims[c.Key] = c.Status
	}
	if len(d.statements) == 0 || len(d.claims) == 0 {
		t.Fatal("the world is empty")
	}
	return d
}

// worlds runs a test on random worlds: k has been loaded into s.
func worlds(t *testing.T, test func(t *testing.T, k *maker, s *store.Store)) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(2, 20)) {
		k := randomWorld(seed + 100)
		s := testkit.WithCast(t, testkit.Store(t))
		k.load(t, s)
		test(t, k, s)
	}
}

// others is a world of the same lines but those that are left out.
func others(t *testing.T, k *maker, leave func(line string) bool) *store.Store {
	t.Helper()
	s := testkit.WithCast(t, testkit.Store(t))
	fewer := *k
	fewer.lines = slices.DeleteFunc(slices.Clone(k.lines), leave)
	if len(fewer.lines) == len(k.lines) {
		t.Fatal("nothing was left out")
	}
	fewer.load(t, s)
	return s
}

func TestRule1AReportChangesNoStatementOnRandomData(t *testing.T) {
	worlds(t, func(t *testing.T, k *maker, s *store.Store) {
		testkit.Create(t, s, `{"type":"article","key":"art:new","title":"t","source":{"key":"src:0"}}`)
		for n, key := range slices.Sorted(maps.Keys(k.speaker))[:10] {
			before, err := read(t, s, claims.KindStatement, "key:"+key)
			if err != nil {
				t.Fatal(err)
			}
			testkit.Create(t, s, fmt.Sprintf(`{"type":"report","key":"new:%d","statement":{"key":%q},"article":{"key":"art:new"},"renderings":[{"part":"body","form":"paraphrase","text":"in other words %d"}]}`, n, key, n))
			after, err := read(t, s, claims.KindStatement, "key:"+key)
			if err != nil || after.Version != before.Version || !strings.Contains(string(after.JSON), `"text":"t"`) {
				t.Errorf("%s: version %d, then %d, %v", key, before.Version, after.Version, err)
			}
		}
	})
}

func TestRule2StatementsWithoutPositionsSettleNoClaimOnRandomData(t *testing.T) {
	worlds(t, func(t *testing.T, k *maker, s *store.Store) {
		before := derivedOf(t, s).claims
		for n := range 20 { // whatever their kind is
			testkit.Create(t, s, fmt.Sprintf(`{"type":"statement","key":"plain:%d","speaker":{"key":%q},"kind":%q,"text":"c%d","said_on":"2027-06-01"}`,
				n, k.pick("person:asif", accused, "gov:PK"), k.pick("denial", "allegation", "confirmation", "retraction"), n%4))
		}
		if diff := cmp.Diff(before, derivedOf(t, s).claims); diff != "" {
			t.Errorf("status of claims (-before +after):\n%s", diff)
		}
	})
}

func TestRule3CarryingAgainAddsNoOriginOnRandomData(t *testing.T) {
	worlds(t, func(t *testing.T, k *maker, s *store.Store) {
		before := derivedOf(t, s).statements
		copied := map[string]bool{}
		for n, key := range slices.Sorted(maps.Keys(k.reports)) {
			if len(k.reports[key]) == 0 { // an outlet of its own takes the article over
				continue
			}
			copied[key] = true
			testkit.Create(t, s, fmt.Sprintf(`{"type":"source","key":"agency:%d","name":"a","kind":"online"}`, n))
			testkit.Create(t, s, fmt.Sprintf(`{"type":"article","key":"copy:%d","title":"t","source":{"key":"agency:%d"},"syndicated_from":{"key":%q}}`, n, n, k.reports[key][0]))
			testkit.Create(t, s, fmt.Sprintf(`{"type":"report","key":"copied:%d","statement":{"key":%q},"article":{"key":"copy:%d"}}`, n, key, n))
		}
		for key, after := range derivedOf(t, s).statements {
			was := before[key]
			if !copied[key] {
				continue
			}
			if after.ReportCount != was.ReportCount+1 || after.PublishersHigh != was.PublishersHigh+1 {
				t.Errorf("%s: one report and publisher more: %+v, then %+v", key, was, after)
			}
			if after.OriginsHigh != was.OriginsHigh || after.OriginsLow < was.OriginsLow {
				t.Errorf("%s: origins %d–%d, then %d–%d", key, was.OriginsLow, was.OriginsHigh, after.OriginsLow, after.OriginsHigh)
			}
		}
		if len(copied) == 0 {
			t.Error("nothing was carried again")
		}
	})
}

func TestRule4SecondHandFeedsNothingOnRandomData(t *testing.T) {
	worlds(t, func(t *testing.T, k *maker, s *store.Store) {
		all := derivedOf(t, s)
		without := derivedOf(t, others(t, k, func(line string) bool { return strings.Contains(line, `"within":`) }))
		if diff := cmp.Diff(without.claims, all.claims); diff != "" {
			t.Errorf("status of claims (-without +with):\n%s", diff)
		}
		for key, want := range without.statements {
			if diff := cmp.Diff(want, all.statements[key]); diff != "" {
				t.Errorf("%s (-without +with):\n%s", key, diff)
			}
		}
		page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"limit": "1000", "voice": "any"}))
		if err != nil || page.Count != len(without.statements) {
			t.Errorf("%d statements are listed, %v, of which %d are first-hand", page.Count, err, len(without.statements))
		}
	})
}

func TestRule6CannotBeJudgedIsNoRatingOnRandomData(t *testing.T) {
	worlds(t, func(t *testing.T, k *maker, s *store.Store) {
		before := derivedOf(t, s)
		unrated := 0
		for n := range 10 {
			source := fmt.Sprintf("src:%d", n)
			if len(k.ratings[source]) == 0 {
				unrated++
				testkit.Create(t, s, fmt.Sprintf(`{"type":"rating","key":"f:%d","source":{"key":%q},"reliability":"F","rated_on":"2026-01-01","rated_by":"x","reason":"y"}`, n, source))
			}
		}
		if diff := cmp.Diff(before, derivedOf(t, s), cmp.AllowUnexported(derived{})); unrated == 0 || diff != "" {
			t.Errorf("%d ratings F (-before +after):\n%s", unrated, diff)
		}
	})
}

func TestRule7TheRecordStaysAsItStoodOnRandomData(t *testing.T) {
	worlds(t, func(t *testing.T, k *maker, s *store.Store) {
		params := map[string]string{"limit": "1000", "second_hand": "include", "voice": "any", "sort": "id"}
		now, err := s.List(t.Context(), query(t, claims.KindStatement, params))
		if err != nil {
			t.Fatal(err)
		}
		params["as_of"] = fmt.Sprintf("seq:%d", now.Seq)
		then, err := s.List(t.Context(), query(t, claims.KindStatement, params))
		if err != nil {
			t.Fatal(err)
		}
		k.change(t, s)
		later, err := s.List(t.Context(), query(t, claims.KindStatement, params))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(then.Records), string(later.Records)); diff != "" || then.Count != now.Count {
			t.Errorf("%d of %d statements as of then (-then +later):\n%s", then.Count, now.Count, diff)
		}
	})
}
