package store

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A condition is SQL with its values beside it, numbered by the builder.
type condition struct {
	sql  string // ? for each of args in turn
	args []any
}

// not is the complement, nulls included. That of EXISTS, which is never null,
// is a join that a page can break off.
func (c condition) not() condition {
	if exists(c.sql) {
		return condition{"NOT " + c.sql, c.args}
	}
	if sql, ok := strings.CutPrefix(c.sql, "NOT "); ok && exists(sql) {
		return condition{sql, c.args}
	}
	if sql, ok := strings.CutSuffix(c.sql, isNull); ok && ofRecord.MatchString(sql) {
		return condition{sql + " IS NOT NULL", nil}
	}
	return condition{"(" + c.sql + ") IS NOT TRUE", c.args}
}

const isNull = " IS NULL"

// ofRecord is a column of the record and nothing more.
var ofRecord = regexp.MustCompile(`^\(t\.[a-z_]+\)$`)

// exists reports whether SQL is EXISTS (…) and nothing more.
func exists(sql string) bool {
	rest, ok := strings.CutPrefix(sql, "EXISTS (")
	depth := 1
	for i, r := range rest {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return ok && i == len(rest)-1
		}
	}
	return false
}

// A builder numbers the values of a query.
type builder struct{ args []any }

// add returns the condition's SQL with $n for each ?.
func (b *builder) add(c condition) string {
	var out strings.Builder
	next := 0
	for _, r := range c.sql {
		if r != '?' {
			out.WriteRune(r)
			continue
		}
		b.args = append(b.args, c.args[next])
		next++
		out.WriteString("$" + strconv.Itoa(len(b.args)))
	}
	return out.String()
}

// raw is SQL that stands in a condition in place of a value.
type raw condition

// bind puts values into SQL of a filter: its own for each ?, for :name those of
// another filter or what stands for them. A single value is compared by =, not
// as an array of one, which no walk of an index keeps in order.
func bind(sql string, v any, others map[string]any, split map[string]raw) condition {
	if list, _ := v.([]string); len(list) == 1 && strings.Count(sql, "?") == strings.Count(sql, anyOf) {
		sql, v = strings.ReplaceAll(sql, anyOf, "= ?"), list[0]
	}
	exact, _ := others["target_exact"].([]string)
	sql = strings.ReplaceAll(sql, withBodies, strconv.FormatBool(!slices.Contains(exact, "true")))
	c := condition{sql: sql}
	for rest := sql; rest != ""; {
		i := strings.IndexAny(rest, "?:")
		if i < 0 {
			break
		}
		if rest[i] == '?' {
			c.args = append(c.args, v)
			rest = rest[i+1:]
			continue
		}
		rest = rest[i+1:]
		if strings.HasPrefix(rest, ":") { // a cast
			rest = rest[1:]
			continue
		}
		name := rest[:strings.IndexFunc(rest+" ", func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })]
		stands, args := "?", []any{others[name]}
		if r, ok := split[name]; ok {
			stands, args = r.sql, r.args
		}
		c.sql = strings.Replace(c.sql, ":"+name+")", stands+")", 1)
		c.args = append(c.args, args...)
	}
	return c
}

const anyOf = "= ANY(?)"

// literal writes the single values of standard filters into their SQL: they are
// no question of the client's, and plans made for any value would be wrong for
// the one that nearly all rows have.
func literal(list []condition) []condition {
	for i, c := range list {
		for len(c.args) > 0 {
			value, single := c.args[0].(string)
			if !single {
				break
			}
			c.sql, c.args = strings.Replace(c.sql, "?", "'"+strings.ReplaceAll(value, "'", "''")+"'", 1), c.args[1:]
		}
		list[i] = c
	}
	return list
}
