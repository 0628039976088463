package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain lets the test binary be the program when a script runs it.
func TestMain(m *testing.M) {
	testscript.Main(withoutLeaks{m}, map[string]func(){"onrecord": main})
}

type withoutLeaks struct{ m *testing.M }

func (w withoutLeaks) Run() int {
	status := w.m.Run()
	if err := goleak.Find(); status == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}
