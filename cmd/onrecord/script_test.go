package main

import (
	"errors"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the scripts in testdata. Besides what testscript knows they
// may say:
//
//	serve FILE        start a service that gives the answers in FILE, see plan
//	requests FILE     the requests it got are those in FILE, all answers were given
//	exits N COMMAND…  the command's exit status is N
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each command takes a second longer
			env.Setenv("ONRECORD_KEY", "secret")
			env.Setenv("TMPDIR", env.WorkDir+"/tmp")
			env.Values["plan"] = &plan{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": func(ts *testscript.TestScript, _ bool, args []string) {
				p := ts.Value("plan").(*plan)
				ts.Check(p.read(ts.ReadFile(args[0]), ts.MkAbs(".")))
				server := p.serve()
				ts.Defer(server.Close)
				ts.Setenv("ONRECORD_URL", server.URL)
			},
			"requests": func(ts *testscript.TestScript, _ bool, args []string) {
				if got, want := ts.Value("plan").(*plan).requests(), ts.ReadFile(args[0]); got != want {
					ts.Fatalf("the service got\n%sand not\n%s", got, want)
				}
			},
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				var ended *exec.ExitError
				status := 0
				if errors.As(err, &ended) {
					status = ended.ExitCode()
				} else {
					ts.Check(err)
				}
				if strconv.Itoa(status) != args[0] {
					ts.Fatalf("exit status %d and not %s", status, args[0])
				}
			},
		},
	})
}
