package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Records, their parts, histories, changes, tombstones and names are written
// by write.go alone, commits by tx.go.
func TestRecordsAreWrittenInOneFile(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	writes := regexp.MustCompile(`(?i)\b(INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_%\[\]0-9]+)`)
	own := map[string][]string{"tx.go": {"commits", "idempotency"}, "idempotency.go": {"idempotency"}, "keys.go": {"api_keys"},
		"import.go": {"staging"}, "staging.go": {"staging"}, "importcheck.go": {"staging"}, "importlog.go": {"imports", "staging"}, "duplicates.go": {"imports"}, "revert.go": {"imports"}, "importwrite.go": {"touched_statements", "touched_claims"},
		"cells.go": {"statement_cells", "cell_changes", "cell_folds", "%[1]s"}, "wide.go": {"stale"}, "spell.go": {"spellings", "spelling_rules", "touched_names"}, "derive.go": {"%[1]s", "claim_facts", "statement_facts"}, "documents.go": {"%[1]s_docs"}}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "write.go" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range writes.FindAllStringSubmatch(string(text), -1) {
			if strings.EqualFold(m[2], "set") || strings.EqualFold(m[2], "of") || strings.EqualFold(m[2], "or") || m[2] == "SKIP" { // ON CONFLICT DO UPDATE SET, FOR UPDATE OF, FOR UPDATE SKIP LOCKED
				continue
			}
			found++
			allowed := false
			for _, table := range own[file] {
				allowed = allowed || m[2] == table
			}
			if !allowed {
				t.Errorf("%s writes %s: %q", file, m[2], m[0])
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d writes found outside write.go: the pattern no longer finds them", found)
	}
}
