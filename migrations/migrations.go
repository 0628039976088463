// Package migrations holds the schema as goose migrations.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that goose uses
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

// Up brings the database at url to the newest schema. Several processes may
// call it at once: a table lock, which works behind pgbouncer too, lets one
// migrate while the others wait.
func Up(ctx context.Context, url string) error {
	return with(url, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// Down takes all migrations back.
func Down(ctx context.Context, url string) error {
	return with(url, func(p *goose.Provider) error {
		_, err := p.DownTo(ctx, 0)
		return err
	})
}

// Back takes the newest migration back.
func Back(ctx context.Context, url string) error {
	return with(url, func(p *goose.Provider) error {
		_, err := p.Down(ctx)
		return err
	})
}

func with(url string, do func(*goose.Provider) error) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("migrations: the database's URL can't be read")
	}
	defer db.Close()
	locker, err := lock.NewPostgresTableLocker()
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithLocker(locker))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if err := do(provider); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}
