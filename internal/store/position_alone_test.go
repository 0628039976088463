package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A position that is written without its statement changes what follows for the
// statement all the same, in whichever way it is written.
func TestPositionsWrittenAloneAreFollowed(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	mustImport(t, s, `{"type":"claim","key":"c:1","text":"one","sort":"fact"}`, `{"type":"claim","key":"c:2","text":"two","sort":"fact"}`, testkit.Statement("s:1", "one"),
		`{"type":"statement","key":"s:2","text":"no","kind":"denial","speaker":{"key":"gov:PK"}}`)
	sees := func(step string, asserting, denying, onSecond, denied int) {
		t.Helper()
		got := map[string]int{}
		for name, params := range map[string]string{"asserts": "stance=asserts", "denies": "stance=denies", "c:2": "claim=key:c:2", "denied": "denied_by_others=true"} {
			got[name] = len(ask(t, s, claims.KindStatement, params))
		}
		if diff := cmp.Diff(map[string]int{"asserts": asserting, "denies": denying, "c:2": onSecond, "denied": denied}, got); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
		found, err := s.Audit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: %s", step, f)
		}
	}
	position := func(key, statement, claim, stance string) string {
		return `{"type":"position","key":"` + key + `","statement":{"key":"` + statement + `"},"claim":{"key":"` + claim + `"},"stance":"` + stance + `"}`
	}
	revert := func(report *store.Import) {
		t.Helper()
		if _, err := s.Revert(t.Context(), testkit.By("loader"), report.ID); err != nil {
			t.Fatal(err)
		}
	}
	mustImport(t, s, position("p:2", "s:2", "c:1", "denies"))
	sees("a denial imported", 0, 1, 0, 0)
	mustImport(t, s, position("p:1", "s:1", "c:1", "asserts"))
	sees("an assertion of what is denied imported", 1, 1, 0, 1)
	other := mustImport(t, s, position("p:1", "s:1", "c:1", "denies"))
	sees("another stance imported", 0, 2, 0, 0)
	revert(other)
	sees("and reverted", 1, 1, 0, 1)
	more := mustImport(t, s, position("p:3", "s:1", "c:2", "asserts"))
	sees("a second one imported", 1, 1, 1, 1)
	revert(more)
	sees("and reverted too", 1, 1, 0, 1)
	edit(t, s, claims.KindPosition, "key:p:2", func(in claims.Input) { in.(*claims.PositionInput).Stance = "asserts" })
	sees("the denial taken back by hand", 2, 0, 0, 0)
	edit(t, s, claims.KindPosition, "key:p:2", func(in claims.Input) { in.(*claims.PositionInput).Stance = "denies" })
	sees("and brought back", 1, 1, 0, 1)
	erase(t, s, claims.KindPosition, "key:p:1")
	sees("the assertion erased", 0, 1, 0, 0)
}
