package store

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"onrecord/internal/claims"
)

// A cursor is where a page ended. Clients have it as text and may send back
// anything: what is read of it is held to what the question can make, so that the
// database never meets what is malformed.
type cursor struct {
	Bound string   `json:"b"`
	Rank  int      `json:"r"`
	Keys  []string `json:"k"`
	ID    string   `json:"i"`
}

// String is the cursor as clients have it.
func (c cursor) String() string {
	data, _ := json.Marshal(c) // text and numbers always marshal
	return base64.RawURLEncoding.EncodeToString(data)
}

// readCursor reads one with these sort keys, nil if it is none.
func readCursor(token string, keys []sortKey) *cursor {
	var c cursor
	data, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || json.Unmarshal(data, &c, json.RejectUnknownMembers(true)) != nil || len(c.Keys) != len(keys) {
		return nil
	}
	for i, key := range keys {
		if !key.valid(c.Keys[i]) {
			return nil
		}
	}
	return &c
}

// valid reports whether a value from a cursor can stand for the key, so that
// the database never meets a malformed one.
func (k sortKey) valid(value string) bool {
	switch k.typ {
	case "date":
		if value == "infinity" || value == "-infinity" {
			return true
		}
		day, err := time.Parse(time.DateOnly, value)
		return err == nil && day.Year() > 0
	case "int":
		_, err := strconv.ParseInt(value, 10, 32)
		return err == nil
	}
	return len(value) < 4000 && !strings.ContainsRune(value, 0)
}

// boundTo is the hash of a question, to which its cursors belong: of all parameters
// but those that choose the page, what is shown of it, or its form.
func boundTo(given map[string][]string, question string) uint64 {
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(unbound, name) {
			_, _ = fmt.Fprintf(h, "%s=%q;", name, given[name]) // never fails
		}
	}
	_, _ = h.Write([]byte(question))
	return h.Sum64()
}

var unbound = []string{"cursor", "limit", "offset", "include", "as_of", "count", "format", "excel", "fields"}

// cursorOf reads a cursor in the order of the query, nil if it is none.
func (q *Query) cursorOf(token string) *cursor {
	c := readCursor(token, q.sort.keys)
	if c == nil || c.Rank < 0 || c.Rank > 1 || c.Rank == 1 && (q.sort.date == "" || len(q.branches) > 0) || claims.CheckID(q.resource.kind, c.ID) != nil {
		return nil
	}
	return c
}

// ended is where a page with this last row ended.
func (q *Query) ended(columns [][]byte) cursor {
	c := cursor{Bound: strconv.FormatUint(q.bound, 36), Rank: int(columns[2][3])}
	for i := range q.sort.keys {
		c.Keys = append(c.Keys, string(columns[3+i]))
	}
	c.ID = string(columns[3+len(q.sort.keys)])
	return c
}
