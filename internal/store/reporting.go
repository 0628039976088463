package store

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A Reader is a role of the database that reads the reporting views.
type Reader struct {
	Role     string
	Password string   // of a role that was made; shown this once
	Left     []string // SQL that somebody with more rights should run
}

// reporting are the schemas of the views.
const reporting = "reporting, reporting_all"

// GrantReporting lets a role read the reporting views, those to come too, and
// nothing else. One that isn't there is made, with a password, if the
// service's own role may make roles. Errors: Invalid, where the role has more
// rights than that; Unauthorized, where it can't be made.
func (s *Store) GrantReporting(ctx context.Context, role string, timeout time.Duration) (Reader, error) {
	out := Reader{Role: role}
	err := pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		who := pgx.Identifier{role}.Sanitize()
		var database string
		var there bool
		if err := tx.QueryRow(ctx, "SELECT current_database(), EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&database, &there); err != nil {
			return err
		}
		on := pgx.Identifier{database}.Sanitize()
		if !there {
			out.Password = random(20)
			if _, err := tx.Exec(ctx, fmt.Sprintf("CREATE ROLE %s LOGIN NOINHERIT CONNECTION LIMIT 20 PASSWORD '%s'", who, scram(out.Password))); err != nil {
				if denied(err) {
					return failure(Unauthorized, "the service's own role may not make roles: have one made by CREATE ROLE "+who+" LOGIN PASSWORD '…', and grant again")
				}
				return err
			}
		}
		for _, sql := range []string{
			"GRANT USAGE ON SCHEMA " + reporting + " TO " + who,
			"GRANT SELECT ON ALL TABLES IN SCHEMA " + reporting + " TO " + who,
			"ALTER DEFAULT PRIVILEGES IN SCHEMA " + reporting + " GRANT SELECT ON TABLES TO " + who,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		in := fmt.Sprintf("ALTER ROLE %s IN DATABASE %s SET ", who, on)
		for _, sql := range []string{
			in + "default_transaction_read_only = on",
			in + fmt.Sprintf("statement_timeout = %d", timeout.Milliseconds()),
			in + fmt.Sprintf("idle_in_transaction_session_timeout = %d", timeout.Milliseconds()),
			in + "lock_timeout = 2000",
			in + "search_path = reporting",
			in + "jit = off",
			"GRANT CONNECT ON DATABASE " + on + " TO " + who,
		} {
			if err := try(ctx, tx, sql); denied(err) {
				out.Left = append(out.Left, sql)
			} else if err != nil {
				return err
			}
		}
		var own string // the service's role, which goes on to need what the public loses
		if err := tx.QueryRow(ctx, "SELECT current_user").Scan(&own); err != nil {
			return err
		}
		own = pgx.Identifier{own}.Sanitize()
		for _, public := range []struct{ keep, sql, has string }{
			{"GRANT TEMPORARY ON DATABASE " + on + " TO " + own + "; ", "REVOKE TEMPORARY ON DATABASE " + on + " FROM PUBLIC", "has_database_privilege($1, current_database(), 'TEMPORARY')"},
			{"GRANT CREATE ON SCHEMA public TO " + own + "; ", "REVOKE CREATE ON SCHEMA public FROM PUBLIC", "has_schema_privilege($1, 'public', 'CREATE')"},
			{"", fmt.Sprintf(withdrawn, strings.ReplaceAll(own, "'", "''")), "has_function_privilege($1, 'lo_create(oid)', 'EXECUTE')"},
		} {
			err := try(ctx, tx, public.keep+public.sql)
			if err != nil && !denied(err) {
				return err
			}
			var has bool // who may not revoke is only warned
			if err := tx.QueryRow(ctx, "SELECT "+public.has, role).Scan(&has); err != nil {
				return err
			}
			if has {
				out.Left = append(out.Left, public.keep+public.sql)
			}
		}
		var more []string
		if err := tx.QueryRow(ctx, beyondReading, role).Scan(&more); err != nil {
			return err
		}
		if len(more) > 0 {
			return failure(Invalid, "the role "+role+" may do more than read the views ("+strings.Join(more, ", ")+"): take another")
		}
		return nil
	})
	return out, translate(err)
}

// RevokeReporting takes back what GrantReporting gave, but for the role itself.
// Errors: NotFound.
func (s *Store) RevokeReporting(ctx context.Context, role string) error {
	return translate(pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		who := pgx.Identifier{role}.Sanitize()
		var there bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&there); err != nil {
			return err
		}
		if !there {
			return failure(NotFound, "no role has this name")
		}
		for _, sql := range []string{
			"ALTER DEFAULT PRIVILEGES IN SCHEMA " + reporting + " REVOKE SELECT ON TABLES FROM " + who,
			"REVOKE SELECT ON ALL TABLES IN SCHEMA " + reporting + " FROM " + who,
			"REVOKE USAGE ON SCHEMA " + reporting + " FROM " + who,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		var on string
		if err := tx.QueryRow(ctx, "SELECT quote_ident(current_database())").Scan(&on); err != nil {
			return err
		}
		for _, sql := range []string{"REVOKE CONNECT ON DATABASE " + on + " FROM " + who, "ALTER ROLE " + who + " IN DATABASE " + on + " RESET ALL"} {
			if err := try(ctx, tx, sql); err != nil && !denied(err) {
				return err
			}
		}
		return nil
	}))
}

// try runs SQL that may be refused without ending the transaction.
func try(ctx context.Context, tx pgx.Tx, sql string) error {
	return pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql)
		return err
	})
}

func denied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

// withdrawn takes from the public, in this database, the functions that write
// or hold up others without any privilege on a table: large objects, the locks
// that the service orders its work by, and messages in the log. The service
// keeps them.
const withdrawn = `DO $$ DECLARE f record; BEGIN
	FOR f IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
		WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^(lo_(creat|create|from_bytea|put|unlink|open)|lowrite|pg_(try_)?advisory_(xact_)?lock(_shared)?|pg_logical_emit_message)$'
	LOOP EXECUTE 'GRANT EXECUTE ON FUNCTION ' || f.signature || ' TO %s; REVOKE EXECUTE ON FUNCTION ' || f.signature || ' FROM PUBLIC'; END LOOP;
END $$`

// beyondReading names what the role $1 may do besides.
const beyondReading = `SELECT ARRAY(
	SELECT 'superuser' FROM pg_roles WHERE rolname = $1 AND rolsuper
	UNION ALL SELECT 'make roles' FROM pg_roles WHERE rolname = $1 AND rolcreaterole
	UNION ALL SELECT 'replicate' FROM pg_roles WHERE rolname = $1 AND rolreplication
	UNION ALL SELECT 'act as ' || r.rolname FROM pg_roles r WHERE r.rolname <> $1 AND pg_has_role($1, r.oid, 'MEMBER') AND NOT (SELECT s.rolsuper FROM pg_roles s WHERE s.rolname = $1)
		AND (r.rolsuper OR r.rolname = current_user OR r.rolname LIKE 'pg\_%')
	UNION ALL (SELECT 'reach ' || c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')
		AND (has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE')) ORDER BY c.relname LIMIT 3)
)`

// scram is what PostgreSQL stores of a password (RFC 5803): so the password
// itself never reaches the server's log.
func scram(password string) string {
	const rounds = 4096
	salt := make([]byte, 16)
	rand.Read(salt)
	salted, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		panic("store: a key of this length is always possible: " + err.Error())
	}
	sign := func(text string) []byte {
		mac := hmac.New(sha256.New, salted)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	stored := sha256.Sum256(sign("Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", rounds, encode(salt), encode(stored[:]), encode(sign("Server Key")))
}
