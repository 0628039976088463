package testkit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// make prove runs, unless it is told otherwise, every test that has a full scale.
func TestProveRunsAllThatHasAFullScale(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	recipe := regexp.MustCompile(`ONRECORD_PROVE=1 go test .*-run '\$\(or \$\(PROVE\),([^)]*)\)' (.*)`).FindStringSubmatch(string(makefile))
	if recipe == nil {
		t.Fatal("the recipe of make prove is another than this test reads")
	}
	run, packages := regexp.MustCompile(recipe[1]), strings.Fields(recipe[2])
	files, err := filepath.Glob("../*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	scaled := 0
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") || !hasFullScale(f) {
				continue
			}
			scaled++
			if !run.MatchString(f.Name.Name) || !slices.Contains(packages, "./...") && !slices.Contains(packages, "./internal/"+filepath.Base(filepath.Dir(file))) {
				t.Errorf("%s: %s is not run", file, f.Name.Name)
			}
		}
	}
	if scaled < 20 {
		t.Errorf("only %d tests with a full scale are found", scaled)
	}
}

// hasFullScale reports whether a test asks testkit.Scale how often it runs.
func hasFullScale(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if ok && s.Sel.Name == "Scale" {
			x, ok := s.X.(*ast.Ident)
			found = found || ok && x.Name == "testkit"
		}
		return true
	})
	return found
}
