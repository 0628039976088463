package api_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The commands in docs/dashboards.md print what it says that they print, on the
// sample. They need bash, curl and jq.
func TestTheCommandsInTheDocumentPrintWhatItSays(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/dashboards.md")
	if err != nil {
		t.Fatal(err)
	}
	c := shipped(t)
	blocks := strings.Split(string(document), "\n```sh\n")[1:]
	for _, block := range blocks {
		commands, rest, _ := strings.Cut(block, "\n```\n")
		expected, found := strings.CutPrefix(rest, "```text\n")
		want, _, _ := strings.Cut(expected, "```\n")
		if !found {
			t.Errorf("the document doesn't say what this prints: %s", commands)
		}
		bash := exec.CommandContext(t.Context(), "bash", "-eu", "-c", commands)
		bash.Dir, bash.Env = t.TempDir(), append(os.Environ(), "API="+c.url, "no_proxy=127.0.0.1")
		got, err := bash.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s%s", err, commands, got)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s\nthe document (-) and what is printed (+): %s", commands, diff)
		}
	}
	if len(blocks) < 6 {
		t.Errorf("only %d blocks", len(blocks))
	}
}
