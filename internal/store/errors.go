package store

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"onrecord/internal/claims"
)

// A Code is what kind of failure an Error is: a small closed vocabulary.
type Code string

// The codes of errors.
const (
	NotFound     Code = "not_found"             // no such record
	Gone         Code = "gone"                  // deleted: Tombstone says when and why
	Invalid      Code = "invalid"               // Problems say what is wrong with the input or the parameters
	Exists       Code = "exists"                // a record of that id or unique field is there already
	InUse        Code = "in_use"                // others depend on it: Dependents names the first ones
	Cycle        Code = "cycle"                 // a record would be its own ancestor
	Overlap      Code = "overlap"               // a time is taken
	Stale        Code = "stale"                 // the version expected is not the current one
	Mismatch     Code = "idempotency_mismatch"  // the idempotency key was used for another request
	InFlight     Code = "idempotency_in_flight" // the first request with the idempotency key still runs
	Unavailable  Code = "unavailable"           // the database can't serve now; nothing was written
	Unknown      Code = "outcome_unknown"       // COMMIT was sent and its answer never came
	Timeout      Code = "timeout"               // the query took longer than it may
	Unauthorized Code = "unauthorized"          // no valid key
	Internal     Code = "internal"              // a defect of ours
)

// An Error is a failure as callers see it. Its cause is for logs only.
type Error struct {
	Code       Code
	Detail     string
	Problems   []claims.Problem
	Dependents []Dependent
	Tombstone  *Tombstone
	Offenders  []string // ids of the records that break a rule
	cause      error
}

// A Dependent is a record that refers to another.
type Dependent struct {
	Kind claims.Kind `json:"kind"`
	ID   string      `json:"id"`
}

// A Tombstone says when and why a record was deleted.
type Tombstone struct {
	Version int       `json:"version"`
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Reason  *string   `json:"reason"`
}

func (e *Error) Error() string {
	if e.cause != nil {
		return string(e.Code) + ": " + e.Detail + ": " + e.cause.Error()
	}
	return string(e.Code) + ": " + e.Detail
}

func (e *Error) Unwrap() error { return e.cause }

// CodeOf is the code of err, Internal for an error that has none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

func failure(code Code, detail string) *Error { return &Error{Code: code, Detail: detail} }

func invalid(problems ...claims.Problem) *Error {
	return &Error{Code: Invalid, Detail: "the input is not valid", Problems: problems}
}

// translate turns what the driver reports into an Error: the one place where
// SQLSTATE and constraint names are read.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return translateConnection(err)
	}
	e := &Error{cause: err}
	switch class := pg.Code[:2]; {
	case pg.Code == "23505" && strings.HasSuffix(pg.TableName, "_history"): // the version was replaced by another writer
		e.Code, e.Detail = Stale, "another writer was first"
	case pg.Code == "23505", pg.Code == "23P01":
		e.Code, e.Detail = Exists, "a record with the same "+constraintField(pg)+" exists"
		e.Problems = []claims.Problem{{Pointer: "/" + constraintField(pg), Code: "exists", Detail: "is taken"}}
	case pg.Code == "23503":
		e.Code, e.Detail = Invalid, "a reference names nothing"
		e.Problems = []claims.Problem{{Pointer: "/" + constraintField(pg), Code: "reference", Detail: "names no record"}}
		if strings.Contains(pg.Message, "update or delete on table") {
			e.Code, e.Detail, e.Problems = InUse, "another record refers to it", nil
		}
	case badValue[pg.Code]:
		e.Code, e.Detail = Invalid, "a value can't be stored"
		e.Problems = []claims.Problem{{Pointer: "/" + constraintField(pg), Code: "value", Detail: "can't be stored"}}
	case pg.Code == "54000", pg.Code == "54001":
		e.Code, e.Detail = Invalid, "the input is too large or too complex"
	case pg.Code == "57014":
		e.Code, e.Detail = Timeout, "the query took longer than it may"
	case pg.Code == "25006", pg.Code == "55P03", class == "40", class == "53", class == "57", class == "08":
		e.Code, e.Detail = Unavailable, "the database can't serve this now"
	default:
		e.Code, e.Detail = Internal, "internal error"
	}
	return e
}

// badValue are states that validation should have caught before the database.
var badValue = map[string]bool{
	"22021": true, "22P02": true, "22P05": true, "22003": true, "22007": true, "22008": true,
	"2201B": true, "2201W": true, "2201X": true, "22025": true, "23502": true, "23514": true,
	"21000": true, "42601": true,
}

func translateConnection(err error) error {
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return &Error{Code: Unavailable, Detail: "the request was given up", cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: Timeout, Detail: "the request took longer than it may", cause: err}
	case pgconn.Timeout(err), errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), isConnect(err):
		return &Error{Code: Unavailable, Detail: "the database can't be reached", cause: err}
	}
	return &Error{Code: Internal, Detail: "internal error", cause: err}
}

func isConnect(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool")
}

// constraintField is the field that a constraint named table_column_kind is
// about: the id's is the key it follows from.
func constraintField(pg *pgconn.PgError) string {
	name := strings.TrimPrefix(pg.ConstraintName, pg.TableName+"_")
	for _, kind := range []string{"_fkey", "_key", "_check", "_idx"} {
		name = strings.TrimSuffix(name, kind)
	}
	switch name {
	case "pkey", "":
		if pg.ColumnName != "" {
			return pg.ColumnName
		}
		return "key"
	}
	return name
}

// again reports whether the server itself said that the whole transaction is
// to be tried once more.
func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
