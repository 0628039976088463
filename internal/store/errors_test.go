package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Every SQLSTATE that PostgreSQL can answer with has an outcome; none leaks
// what the server said.
func TestEverySQLSTATEHasACode(t *testing.T) {
	pg := func(code string) *pgconn.PgError {
		return &pgconn.PgError{Code: code, Message: "secret", Detail: "secret", TableName: "statements", ConstraintName: "statements_speaker_fkey"}
	}
	for codes, want := range map[string]Code{
		"22021 22P02 22P05 22003 22007 22008 2201B 2201W 2201X 22025 23502 23514 21000 42601 54000 54001 23503": Invalid,
		"23505 23P01": Exists,
		"40001 40P01 55P03 57P01 57P02 57P03 08000 08003 08006 08001 08004 25006 53000 53100 53200 53300": Unavailable,
		"57014": Timeout,
		"25P02 42P01 42703 42501 XX000 0A000 P0001": Internal,
	} {
		for code := range strings.FieldsSeq(codes) {
			err := translate(fmt.Errorf("doing: %w", pg(code)))
			var e *Error
			if !errors.As(err, &e) || e.Code != want {
				t.Errorf("%s gives %v, want %s", code, err, want)
				continue
			}
			if shown := fmt.Sprint(e.Detail, e.Problems); strings.Contains(shown, "secret") || strings.Contains(shown, code) {
				t.Errorf("%s shows %s", code, shown)
			}
		}
	}
	inUse := pg("23503")
	inUse.Message = `update or delete on table "speakers" violates foreign key constraint`
	if CodeOf(translate(inUse)) != InUse {
		t.Errorf("deleting what is referred to gives %v", translate(inUse))
	}
	behind := pg("23505")
	behind.TableName = "statements_history"
	if CodeOf(translate(behind)) != Stale {
		t.Errorf("a version replaced by another writer gives %v", translate(behind))
	}
}

func TestLostConnectionsAreUnavailable(t *testing.T) {
	for err, want := range map[error]Code{
		io.EOF: Unavailable, io.ErrUnexpectedEOF: Unavailable, errors.New("conn closed"): Unavailable,
		context.DeadlineExceeded: Timeout, context.Canceled: Unavailable, errors.New("anything else"): Internal,
	} {
		if got := CodeOf(translate(fmt.Errorf("doing: %w", err))); got != want {
			t.Errorf("%v gives %s, want %s", err, got, want)
		}
	}
	if translate(nil) != nil {
		t.Error("no error became one")
	}
}

// The field of an error follows from the constraint's name.
func TestConstraintsNameTheField(t *testing.T) {
	for constraint, want := range map[string]string{
		"statements_speaker_fkey": "speaker", "statements_on_behalf_of_fkey": "on_behalf_of", "statements_kind_check": "kind",
		"statements_article_key": "article", "statements_pkey": "key",
	} {
		if got := constraintField(&pgconn.PgError{TableName: "statements", ConstraintName: constraint}); got != want {
			t.Errorf("%s is about %q, want %q", constraint, got, want)
		}
	}
}
