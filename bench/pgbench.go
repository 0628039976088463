package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// A script is a cell's SQL for pgbench: prepared, with values chosen at random.
// pgbench knows numbers only, so a value that differs between requests is taken
// from an array constant by a random index; that costs about a tenth of a
// microsecond and, as with the service's parameters, leaves the plan open. One
// that doesn't differ stays a parameter.
type script struct {
	sql    string   // with :index, from 1, and :fixed0 and on
	fixed  []string // values
	number int      // of requests
}

var (
	parameter = regexp.MustCompile(`\$(\d+)`)
	variable  = regexp.MustCompile(`:(index|fixed(\d+))`)
)

// script makes the script of a cell. The SQL of its requests has to be one and
// the same.
func (c *cell) script(ctx context.Context, conn *pgx.Conn) (*script, error) {
	sql := c.requests[0].sql
	prepared, err := conn.Prepare(ctx, "", sql)
	if err != nil {
		return nil, err
	}
	s := &script{number: len(c.requests)}
	places := make([]string, len(prepared.ParamOIDs))
	for k, oid := range prepared.ParamOIDs {
		values := make([]string, len(c.requests))
		for i, r := range c.requests {
			if r.sql != sql || len(r.args) != len(places) {
				return nil, errors.New("the service sends different SQL for different values")
			}
			if values[i], err = literal(r.args[k]); err != nil {
				return nil, err
			}
		}
		var typ string
		if err := conn.QueryRow(ctx, "SELECT format_type($1, NULL)", oid).Scan(&typ); err != nil {
			return nil, err
		}
		switch first := values[0]; {
		case !slices.ContainsFunc(values, func(v string) bool { return v != first }):
			places[k] = fmt.Sprintf(":fixed%d", len(s.fixed))
			s.fixed = append(s.fixed, first)
		case strings.HasSuffix(typ, "[]"):
			places[k] = fmt.Sprintf("(('%s'::text[])[:index])::%s", array(values), typ)
		default:
			places[k] = fmt.Sprintf("('%s'::%s[])[:index]", array(values), typ)
		}
	}
	s.sql = parameter.ReplaceAllStringFunc(sql, func(m string) string {
		k, _ := strconv.Atoi(m[1:])
		return places[k-1]
	})
	return s, nil
}

// literal is a value as PostgreSQL reads it as text.
func literal(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case []string:
		return array(v), nil
	case claims.Kind:
		return string(v), nil
	}
	return "", fmt.Errorf("a value of type %T", v)
}

// array is an array literal; none of the values here has a quote that SQL
// would read.
func array(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

// rows runs the script's SQL for one of its requests and counts.
func (s *script) rows(ctx context.Context, conn *pgx.Conn, i int) (int, error) {
	var args []any
	for _, v := range s.fixed {
		args = append(args, v)
	}
	numbered := variable.ReplaceAllStringFunc(s.sql, func(m string) string {
		if m == ":index" {
			return "$" + strconv.Itoa(len(s.fixed)+1)
		}
		n, _ := strconv.Atoi(m[len(":fixed"):])
		return "$" + strconv.Itoa(n+1)
	})
	if strings.Contains(s.sql, ":index") {
		args = append(args, i+1)
	}
	rows, _ := conn.Query(ctx, numbered, args...)
	list, err := pgx.CollectRows(rows, func(pgx.CollectableRow) (struct{}, error) { return struct{}{}, nil })
	return len(list), err
}

// arguments are what pgbench takes for the script, whose file is written.
func (s *script) arguments(file string) ([]string, error) {
	args := []string{"-f", file}
	for i, v := range s.fixed {
		args = append(args, "-D", fmt.Sprintf("fixed%d=%s", i, v))
	}
	return args, os.WriteFile(file, fmt.Appendf(nil, "\\set index random(1, %d)\n%s;\n", s.number, s.sql), 0o600)
}

var (
	failedLine = regexp.MustCompile(`(?m)^number of failed transactions: (\d+)`)
	rateLine   = regexp.MustCompile(`(?m)^tps = ([0-9.]+) \(without initial connection time\)`)
)

// pgbench runs a script and returns transactions per second.
func (b *bench) pgbench(ctx context.Context, url string, clients int, args ...string) (float64, error) {
	path, err := b.database.pgbench()
	if err != nil {
		return 0, err
	}
	all := append([]string{"-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)), "-T", strconv.Itoa(b.seconds)}, args...)
	out, err := exec.CommandContext(ctx, path, append(all, url)...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %.2000s", err, out)
	}
	failed, rate := failedLine.FindSubmatch(out), rateLine.FindSubmatch(out)
	if failed == nil || rate == nil || string(failed[1]) != "0" {
		return 0, fmt.Errorf("pgbench: transactions failed: %.2000s", out)
	}
	return strconv.ParseFloat(string(rate[1]), 64)
}

func (b *bench) file(name string) string { return filepath.Join(b.temp, name) }
