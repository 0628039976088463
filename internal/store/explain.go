package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// explain makes an error point into what was sent: at the code or slug that is
// taken, at each reference that names nothing, of which the database gives only
// the constraint.
// It costs a query only where a write has failed.
func (s *Store) explain(ctx context.Context, err error, list []draft, refs []claims.Reference) error {
	var e *Error
	if CodeOf(err) == Exists && errors.As(err, &e) && len(e.Problems) == 1 && e.Problems[0].Pointer == "/key" {
		if name := list[0].resource.kind.IDName(); name != "id" {
			e.Problems[0].Pointer, e.Detail = "/"+name, "a record with the same "+name+" exists"
		}
		return err
	}
	if CodeOf(err) != Invalid || !errors.As(err, &e) || len(e.Problems) != 1 || e.Problems[0].Code != "reference" {
		return err
	}
	problems, lookup := s.absent(ctx, list, refs)
	if lookup != nil || len(problems) == 0 {
		return err
	}
	return &Error{Code: Invalid, Detail: e.Detail, Problems: problems, cause: e.cause}
}

// unguarded refuses references that no foreign key guards, if they name
// nothing: those of names as given, and all of a resource that has such.
func (s *Store) unguarded(ctx context.Context, list []draft, refs []claims.Reference) error {
	if !list[0].resource.soft {
		refs = slices.DeleteFunc(slices.Clone(refs), func(r claims.Reference) bool {
			return !strings.Contains(r.Pointer, "/names_as_given/")
		})
	}
	problems, err := s.absent(ctx, list, refs)
	if err != nil || len(problems) == 0 {
		return translate(err)
	}
	return &Error{Code: Invalid, Detail: "a reference names nothing", Problems: problems}
}

// absent finds the references that name nothing, neither stored nor on its way
// in.
func (s *Store) absent(ctx context.Context, list []draft, refs []claims.Reference) ([]claims.Problem, error) {
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
		parts = append(parts, fmt.Sprintf("SELECT '%s ' || w.id FROM unnest($%d::text[]) w(id) WHERE NOT EXISTS (SELECT FROM %s t WHERE t.id = w.id::%s)", kind, len(args), r.table, r.idType()))
	}
	if parts == nil {
		return nil, nil
	}
	rows, _ := s.write.Query(ctx, strings.Join(parts, " UNION ALL "), args...)
	missing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for _, m := range missing {
		gone[m] = true
	}
	var problems []claims.Problem
	for _, ref := range refs {
		if gone[string(ref.Kind)+" "+ref.ID] {
			problems = append(problems, claims.Problem{Pointer: ref.Pointer, Code: "reference", Detail: "names no " + string(ref.Kind)})
		}
	}
	return problems, nil
}
