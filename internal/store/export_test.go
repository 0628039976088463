package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// many are so many statements, the i-th with i mod 4 topics and targets, i mod 3
// renderings in its report, of one of two data sets: more than is read at once.
func many(n int) (lines []string) {
	for i := range n {
		var topics, targets, renderings []string
		for k := range i % 4 {
			topics = append(topics, []string{`"security"`, `"air-strikes"`, `"trade"`}[k])
			targets = append(targets, []string{`{"role":"mentioned","country":"PK"}`, `{"role":"mentioned","country":"AF"}`, `{"role":"object","speaker":{"key":"gov:PK"}}`}[k])
		}
		for k := range i % 3 {
			renderings = append(renderings, fmt.Sprintf(`{"part":"body","form":"paraphrase","text":"%d of %d"}`, k, i))
		}
		list := func(name string, of []string) string { return fmt.Sprintf(`%q:[%s]`, name, strings.Join(of, ",")) }
		set := fmt.Sprintf(`"dataset":"set-%d"`, i/5%2)
		lines = append(lines, testkit.Statement(fmt.Sprintf("many:%d", i), fmt.Sprint("text ", i), set, list("topics", topics), list("targets", targets),
			fmt.Sprintf(`"reports":[{%s,"article":{"key":"article:one"},%s}]`, set, list("renderings", renderings))))
	}
	return lines
}

const manyStatements = 1700

// Every record comes out once, with all of its parts and none of another's, in
// their order.
func TestExportKeepsPartsWithTheirRecords(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	mustImport(t, s, append([]string{`{"type":"topic","slug":"trade","name":"Trade"}`}, many(manyStatements)...)...)
	whole := exported(t, s, claims.KindStatement, claims.KindReport)
	records, err := claims.ReadStream([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	seen, before := map[string]bool{}, ""
	for _, record := range records {
		if seen[record.Head().Key] {
			t.Fatalf("%s comes twice", record.Head().Key)
		}
		seen[record.Head().Key] = true
		var i int
		if _, err := fmt.Sscanf(record.Head().Key, "many:%d", &i); err != nil {
			t.Fatal(err)
		}
		var order string // statements by id, reports by that of their statement
		switch in := record.(type) {
		case *claims.StatementInput:
			order = "1" + claims.ID(in.Key)
			if in.Text != fmt.Sprint("text ", i) || len(in.Topics) != i%4 || len(in.Targets) != i%4 || i%4 > 1 && in.Targets[1].Country.String() != "AF" {
				t.Errorf("%s has %v and %v", in.Key, in.Topics, in.Targets)
			}
		case *claims.ReportInput:
			order = "2" + in.Statement.String()
			if len(in.Renderings) != i%3 {
				t.Errorf("%s has %d renderings", in.Key, len(in.Renderings))
			}
			for k, r := range in.Renderings {
				if r.Text != fmt.Sprintf("%d of %d", k, i) {
					t.Errorf("%s has %q at %d", in.Key, r.Text, k)
				}
			}
		}
		if order <= before {
			t.Errorf("%s comes after %s", order, before)
		}
		before = order
	}
	if len(seen) != 2*manyStatements {
		t.Errorf("%d records, want %d", len(seen), 2*manyStatements)
	}

	var want, got strings.Builder
	for line := range strings.Lines(whole) {
		if strings.Contains(line, `"dataset":"set-1"`) {
			want.WriteString(line)
		}
	}
	if _, err := s.Export(t.Context(), store.ExportQuery{Datasets: []string{"set-1"}}, func(lines []byte) error { got.Write(lines); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("one data set is not its lines of all (-want +got):\n%s", diff)
	}
}

// What others write meanwhile is not in it, with a second connection or
// without.
func TestExportIsOneSnapshot(t *testing.T) {
	t.Parallel()
	for _, alone := range []bool{false, true} {
		t.Run(fmt.Sprintf("alone %v", alone), func(t *testing.T) {
			t.Parallel()
			url := testkit.Database(t)
			writer := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url}))
			mustImport(t, writer, append([]string{`{"type":"topic","slug":"trade","name":"Trade"}`}, many(manyStatements)...)...)
			var closed atomic.Bool
			var refused atomic.Int32
			s := testkit.StoreAt(t, store.Config{URL: url, MaxConns: 1, Configure: func(c *pgx.ConnConfig) {
				dial := c.DialFunc
				c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
					if closed.Load() {
						refused.Add(1)
						return nil, errors.New("too many connections")
					}
					return dial(ctx, network, address)
				}
			}})
			before := exported(t, s)
			closed.Store(alone)
			var now strings.Builder
			calls := 0
			if _, err := s.Export(t.Context(), store.ExportQuery{}, func(lines []byte) error {
				if calls++; calls == 1 {
					again := strings.ReplaceAll(strings.Join(many(manyStatements), "\n"), `"text":"text`, `"text":"new`)
					mustImport(t, writer, again, testkit.Statement("many:new", "new"))
					erase(t, writer, claims.KindStatement, "key:many:7")
				}
				now.Write(lines)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, now.String()); diff != "" || calls < 5 {
				t.Errorf("in %d pieces, not as before (-before +now):\n%s", calls, diff)
			}
			if got := refused.Load() > 0; got != alone {
				t.Errorf("connections were refused: %v, want %v", got, alone)
			}
			closed.Store(false)
			if after := exported(t, s); after == before || !strings.Contains(after, "many:new") {
				t.Error("the next is not of the next snapshot")
			}
		})
	}
}

// One that its reader gives up ends with that error and holds nothing back.
func TestExportEndsWithItsReader(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 1}))
	mustImport(t, s, append([]string{`{"type":"topic","slug":"trade","name":"Trade"}`}, many(manyStatements)...)...)
	gone := errors.New("the reader is gone")
	for at := range 6 {
		calls := 0
		if _, err := s.Export(t.Context(), store.ExportQuery{}, func([]byte) error {
			if calls++; calls > at {
				return gone
			}
			return nil
		}); !errors.Is(err, gone) {
			t.Errorf("%v, want the reader's error", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		calls = 0
		if _, err := s.Export(ctx, store.ExportQuery{}, func([]byte) error {
			if calls++; calls > at {
				cancel()
			}
			return nil
		}); err == nil {
			t.Error("a request that was given up ended well")
		}
		cancel()
	}
	if n := strings.Count(exported(t, s, claims.KindStatement), "\n"); n != manyStatements {
		t.Errorf("%d statements afterwards", n)
	}
}
