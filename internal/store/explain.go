package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// explain replaces an error about a reference, which the database gives by
// constraint, by one with a pointer for each reference that names nothing.
// It costs a query only where a write has failed.
func (s *Store) explain(ctx context.Context, err error, list []draft, refs []claims.Reference) error {
	var e *Error
	if CodeOf(err) != Invalid || !errors.As(err, &e) || len(e.Problems) != 1 || e.Problems[0].Code != "reference" {
		return err
	}
	own := map[string]bool{}
	for _, d := range list {
		own[d.id] = true
	}
	var parts []string
	var args []any
	for _, kind := range claims.Kinds {
		ids := []string{}
		for _, ref := range refs {
			if ref.Kind == kind && !own[ref.ID] {
				ids = append(ids, ref.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		args = append(args, ids)
		r := resources[kind]
		parts = append(parts, fmt.Sprintf("SELECT '%s ' || w.id FROM unnest($%d::text[]) w(id) WHERE NOT EXISTS (SELECT FROM %s t WHERE t.id = w.id::%s)", kind, len(args), r.path, r.idType()))
	}
	if parts == nil {
		return err
	}
	rows, _ := s.write.Query(ctx, strings.Join(parts, " UNION ALL "), args...)
	missing, lookup := pgx.CollectRows(rows, pgx.RowTo[string])
	if lookup != nil || len(missing) == 0 {
		return err
	}
	gone := map[string]bool{}
	for _, m := range missing {
		gone[m] = true
	}
	explained := &Error{Code: Invalid, Detail: e.Detail, cause: e.cause}
	for _, ref := range refs {
		if gone[string(ref.Kind)+" "+ref.ID] {
			explained.Problems = append(explained.Problems, claims.Problem{Pointer: ref.Pointer, Code: "reference", Detail: "names no " + string(ref.Kind)})
		}
	}
	return explained
}
