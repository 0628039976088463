package claims_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"onrecord/internal/claims"
	"onrecord/internal/testkit"
)

// Every kind has its codes, empty ones included, and every CAMEO code is one.
func TestCodesAreThoseOfTheirSchemes(t *testing.T) {
	plover := []string{"", "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"}
	for vocabulary, codes := range map[*claims.Vocabulary]map[string]claims.Coded{claims.StatementKinds: claims.StatementCodes, claims.EventKinds: claims.EventCodes} {
		for _, value := range vocabulary.Values() {
			if _, ok := codes[value]; !ok {
				t.Errorf("%s %s has no codes", vocabulary.Name, value)
			}
		}
		for value, code := range codes {
			if !vocabulary.Has(value) || !slices.Contains(plover, code.PLOVER) {
				t.Errorf("%s %s: %+v", vocabulary.Name, value, code)
			}
		}
	}
	data, err := os.ReadFile(testkit.Shared(t, "data/icews/cameo-codes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	utf8, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(utf8)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"": true}
	for _, row := range rows[1:] {
		known[row[3]] = true
	}
	for _, codes := range []map[string]claims.Coded{claims.StatementCodes, claims.EventCodes} {
		for value, code := range codes {
			if !known[code.CAMEO] {
				t.Errorf("%s: %s is no CAMEO code", value, code.CAMEO)
			}
		}
	}
}
