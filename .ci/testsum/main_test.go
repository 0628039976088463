package main

import (
	"io"
	"strings"
	"testing"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events                  []string
		passed, failed, skipped int
		ok                      bool
		says                    string
	}{
		"no test": {},
		"a package without tests": {
			events: []string{`output p - "?   \tp\t[no test files]\n"`, `skip p -`},
		},
		"leaves, not the tests that hold them": {
			events: []string{`pass p T/a/x`, `pass p T/a`, `skip p T/b`, `pass p T`, `pass p U`, `pass p -`},
			passed: 2, skipped: 1, ok: true, says: "pass p 0.0s, 3 tests\n",
		},
		"only skipped": {
			events:  []string{`output p T "needs the\n"`, `output p T " data\n"`, `skip p T`, `pass p -`},
			skipped: 1, says: "skip p T: needs the data\n",
		},
		"a failed leaf counts once": {
			events: []string{`output p T/a "got 1\n"`, `fail p T/a`, `pass p T/b`, `fail p T`, `fail p -`},
			passed: 1, failed: 1, says: "FAIL p T/a\ngot 1\n",
		},
		"a parent that failed by itself counts": {
			events: []string{`pass p T/a`, `fail p T`, `fail p -`},
			passed: 1, failed: 1,
		},
		"a package that failed by itself counts": {
			events: []string{`pass p T`, `output p - "leaked a goroutine\n"`, `fail p -`},
			passed: 1, failed: 1, says: "leaked a goroutine\n",
		},
		"a test without an end failed": {
			events: []string{`run p T`, `output p T "panic: no\n"`, `fail p -`},
			failed: 1, says: "panic: no\ndid not finish\n",
		},
		"of tests that waited for one that hangs the number is said": {
			events: []string{`pause p T`, `pause p U`, `cont p U`, `pass p U`, `pause p V`, `run p H`, `output p H "panic: timed out\n"`, `fail p -`},
			passed: 1, failed: 3, says: "FAIL p H\npanic: timed out\ndid not finish\n\nFAIL p: 2 tests never had their turn\n",
		},
		"a package without an end failed": {
			events: []string{`pass p T`, `pass q T`, `pass q -`},
			passed: 2, failed: 1,
		},
		"lines that are no events pass through": {
			events: []string{`pass p T`, `pass p -`, `go test -json ./...`},
			passed: 1, ok: true, says: "go test -json ./...\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			s := summary{out: &out}
			if err := s.suite(strings.NewReader(lines(c.events))); err != nil {
				t.Fatal(err)
			}
			if s.passed != c.passed || s.failed != c.failed || s.skipped != c.skipped || s.ok() != c.ok {
				t.Errorf("%d passed, %d failed, %d skipped, ok %t; want %d, %d, %d, %t",
					s.passed, s.failed, s.skipped, s.ok(), c.passed, c.failed, c.skipped, c.ok)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("printed %q, want %q in it", out.String(), c.says)
			}
		})
	}
}

func TestFailedBuild(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := summary{out: &out}
	err := s.suite(strings.NewReader(`{"ImportPath":"p [p.test]","Action":"build-output","Output":"undefined: x\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
{"Action":"start","Package":"p"}
{"Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p [p.test]"}
`))
	if err != nil || s.failed != 1 || !strings.Contains(out.String(), "undefined: x\n") {
		t.Errorf("%v, %d failed, printed %q", err, s.failed, out.String())
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	s := summary{out: io.Discard}
	if err := s.files([]string{t.TempDir() + "/none.json"}); err == nil {
		t.Error("no error for a file that isn't there")
	}
}

// lines turns `action package test output` into JSON; a hyphen stands for no test, and what has no such form stays.
func lines(events []string) string {
	var b strings.Builder
	for _, e := range events {
		f := strings.SplitN(e, " ", 4)
		switch {
		case f[0] == "go":
			b.WriteString(e + "\n")
			continue
		case len(f) == 3:
			f = append(f, `""`)
		}
		b.WriteString(`{"Action":"` + f[0] + `","Package":"` + f[1] + `","Output":` + f[3])
		if f[2] != "-" {
			b.WriteString(`,"Test":"` + f[2] + `"`)
		}
		b.WriteString("}\n")
	}
	return b.String()
}
