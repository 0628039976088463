package api_test

import (
	"os"
	"os/exec"
	"regexp"
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
		if diff := cmp.Diff(want, c.bash(commands)); diff != "" {
			t.Errorf("%s\nthe document (-) and what is printed (+): %s", commands, diff)
		}
	}
	if len(blocks) < 6 {
		t.Errorf("only %d blocks", len(blocks))
	}
}

// bash runs commands and gives what they print.
func (c *client) bash(commands string) string {
	c.t.Helper()
	bash := exec.CommandContext(c.t.Context(), "bash", "-euo", "pipefail", "-c", commands)
	bash.Dir, bash.Env = c.t.TempDir(), append(os.Environ(), "API="+c.url, "no_proxy=127.0.0.1")
	got, err := bash.CombinedOutput()
	if err != nil {
		c.t.Fatalf("%v: %s\n%s", err, commands, got)
	}
	return string(got)
}

// inText finds the addresses that stand in the text of README.md: of
// statements where no path is given.
var inText = regexp.MustCompile("`(?:GET )?(/v1/[^`]*|\\?[^`]*)`")

// The requests in README.md are answered, on the sample, and print what it says
// that they print.
func TestTheRequestsInTheREADMEAreAnsweredAsItSays(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const refused = "curl() { command curl --fail-with-body \"$@\"; }\n"             // fails
	const local, key, elsewhere = "http://127.0.0.1:8080", "onrec_…", "dataset=liar" // which does not ship
	c := shipped(t)
	requests, printed := 0, 0
	blocks := strings.Split(string(document), "\n```sh\n")
	for _, block := range blocks[1:] {
		commands, rest, _ := strings.Cut(block, "\n```\n")
		if !strings.Contains(commands, "curl ") {
			continue
		}
		requests += strings.Count(commands, local)
		got := c.bash(refused + strings.NewReplacer(local, c.url, key, c.key).Replace(commands))
		_, output, found := strings.Cut(rest, "\n```\n")
		if !found || strings.Contains(commands, elsewhere) {
			continue
		}
		want, _, _ := strings.Cut(output, "```\n")
		if printed++; got != want {
			t.Errorf("%s\nREADME.md (-) and what is printed (+): %s", commands, cmp.Diff(want, got))
		}
	}
	named := inText.FindAllStringSubmatch(string(document), -1)
	for _, m := range named {
		path := strings.ReplaceAll(m[1], " ", "%20")
		switch {
		case strings.HasPrefix(path, "?"):
			path = "/v1/statements" + path
		case strings.HasSuffix(path, "="): // what to ask for is left to the reader
			path += "a"
		}
		if a := c.want(c.get(path), 200); a.member("data", 0) == nil && a.member("features", 0) == nil && a.member(0) == nil && !strings.HasPrefix(path, "/v1/resolve") {
			t.Errorf("%s: nothing in %.200s", path, a.body)
		}
	}
	if requests < 13 || printed < 8 || len(named) < 11 {
		t.Errorf("only %d requests, %d of them with what they print, and %d addresses", requests, printed, len(named))
	}
}
