// Command testsum reads what `go test -json` prints and says it for people: one line per package, the whole output of
// each failed test and failed build, the reason of each skipped test, and a count.
//
// It counts leaves: a test with subtests stands for them and is not counted itself, unless it failed while none of them
// did. A package that fails without a failed test (its build, its TestMain) counts as one failure, and so does a test
// or package that never reported an end.
//
//	go test -json ./... | testsum      one suite, as it runs
//	testsum -total a.json b.json       only the closing line, over several suites
//
// It exits with 1 if anything failed or no test ran.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	total := flag.Bool("total", false, "print only the closing line")
	flag.Parse()

	sum := summary{out: os.Stdout}
	if *total {
		sum.out = io.Discard
	}
	if err := sum.files(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	if *total {
		fmt.Printf("%d passed, %d failed, %d skipped\n", sum.passed, sum.failed, sum.skipped)
	} else {
		fmt.Printf("%d tests: %d ok, %d failed, %d skipped\n",
			sum.passed+sum.failed+sum.skipped, sum.passed, sum.failed, sum.skipped)
	}
	if !sum.ok() {
		os.Exit(1)
	}
}

// event is one line of `go test -json` (go doc test2json; for the build's lines go help buildjson).
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string  // the ImportPath whose output says why
}

type summary struct {
	out                     io.Writer
	passed, failed, skipped int

	running map[string]*pkg // by import path
	builds  map[string][]byte
}

type pkg struct {
	tests  map[string]*test
	names  []string // in order of start
	output []byte   // what belongs to no test
}

type test struct {
	result string // pass, fail, skip; empty until it ends
	output []byte // dropped when it passes
	waits  bool   // for its turn, among those in parallel
}

func (s *summary) ok() bool { return s.failed == 0 && s.passed > 0 }

func (s *summary) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format, args...) // the count and the exit status don't hang on it
}

// files reads each file as a suite of its own, or standard input if there is none.
func (s *summary) files(names []string) error {
	if len(names) == 0 {
		return s.suite(os.Stdin)
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = errors.Join(s.suite(f), f.Close())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// suite reads events to the end. Lines that are none, such as make's, are passed on.
func (s *summary) suite(r io.Reader) error {
	s.running, s.builds = map[string]*pkg{}, map[string][]byte{}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n') // not a Scanner: a line of output has no greatest length
		if len(line) > 0 {
			var e event
			if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &e) != nil {
				s.say("%s", line)
			} else {
				s.event(e)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	for path := range s.running {
		s.event(event{Action: "fail", Package: path, Output: "did not finish\n"})
	}
	return nil
}

func (s *summary) event(e event) {
	switch e.Action {
	case "build-output":
		s.builds[e.ImportPath] = append(s.builds[e.ImportPath], e.Output...)
		return
	case "build-fail":
		return // each package that needs it reports a failure of its own
	}
	p := s.running[e.Package]
	if p == nil {
		p = &pkg{tests: map[string]*test{}}
		s.running[e.Package] = p
	}
	if e.Test == "" {
		s.packageEvent(p, e)
		return
	}
	t := p.tests[e.Test]
	if t == nil {
		t = &test{}
		p.tests[e.Test] = t
		p.names = append(p.names, e.Test)
	}
	switch e.Action {
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") { // RUN, PAUSE, CONT, NAME
			t.output = append(t.output, e.Output...)
		}
	case "pass":
		t.result, t.output = e.Action, nil
	case "fail", "skip":
		t.result = e.Action
	case "pause", "cont":
		t.waits = e.Action == "pause"
	}
}

func (s *summary) packageEvent(p *pkg, e event) {
	switch e.Action {
	case "output":
		p.output = append(p.output, e.Output...)
	case "pass", "fail", "skip":
		delete(s.running, e.Package)
		s.end(p, e)
	}
}

// end counts and prints a package that has ended.
func (s *summary) end(p *pkg, e event) {
	parent, failedBelow := map[string]bool{}, map[string]bool{}
	for name, t := range p.tests {
		if t.result == "" {
			t.result, t.output = "fail", append(t.output, "did not finish\n"...)
		}
		for i := range name {
			if name[i] == '/' {
				parent[name[:i]] = true
				failedBelow[name[:i]] = failedBelow[name[:i]] || t.result == "fail"
			}
		}
	}
	var passed, failed, skipped, waited int
	for _, name := range p.names {
		t := p.tests[name]
		switch {
		case t.result == "fail" && t.waits:
			failed++
			waited++
		case t.result == "fail":
			s.say("\nFAIL %s %s\n%s", e.Package, name, t.output)
			if !failedBelow[name] {
				failed++
			}
		case parent[name]:
		case t.result == "skip":
			s.say("skip %s %s: %s\n", e.Package, name, bytes.Join(bytes.Fields(t.output), []byte(" ")))
			skipped++
		default:
			passed++
		}
	}
	if waited > 0 {
		s.say("\nFAIL %s: %d tests never had their turn\n", e.Package, waited)
	}
	if e.Action == "fail" {
		if failed == 0 {
			failed = 1
		}
		s.say("\n%s%s%s", s.builds[e.FailedBuild], p.output, e.Output)
	}
	if e.Action == "fail" || len(p.names) > 0 {
		s.say("%s %s %.1fs, %d tests\n", e.Action, e.Package, e.Elapsed, passed+failed+skipped)
	}
	s.passed += passed
	s.failed += failed
	s.skipped += skipped
}
