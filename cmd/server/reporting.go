package main

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"onrecord/internal/pgembed"
)

type grantReportingCommand struct {
	Role    string        `arg:"" help:"Name of the database role. Roles belong to all databases of a server."`
	Timeout time.Duration `help:"How long a query may take, unless it asks for longer." default:"60s"`
}

// Run lets a role read the reporting views, and says how it connects.
func (c grantReportingCommand) Run(e *environment) error {
	if c.Timeout < time.Second {
		return errors.New("--timeout takes a second at least")
	}
	db, err := joinDatabase(e)
	if err != nil {
		return err
	}
	defer db.close()
	reader, err := db.store.GrantReporting(e, c.Role, c.Timeout)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s may read the views in the schemas reporting and reporting_all, and nothing else.\n", reader.Role)
	if reader.Password != "" {
		fmt.Fprintf(e.stdout, "Its password, shown this once: %s\n", reader.Password)
	}
	if len(reader.Left) > 0 {
		fmt.Fprintln(e.stdout, "The service's own role may not do all of it. A superuser should run, in this database:")
		for _, sql := range reader.Left {
			fmt.Fprintln(e.stdout, sql+";")
		}
	}
	return nil
}

type revokeReportingCommand struct {
	Role string `arg:"" help:"Name of the database role."`
}

// Run takes back what grant gave; the role stays.
func (c revokeReportingCommand) Run(e *environment) error {
	db, err := joinDatabase(e)
	if err != nil {
		return err
	}
	defer db.close()
	return db.store.RevokeReporting(e, c.Role)
}

// addressFor is the database's URL for another role, without the password.
func addressFor(address, role string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("--role needs a DATABASE_URL that begins with postgres://")
	}
	query := u.Query()
	for _, name := range []string{"user", "password", "passfile", "sslkey", "sslpassword"} {
		query.Del(name)
	}
	if len(query) != len(u.Query()) {
		u.RawQuery = query.Encode()
	}
	u.User = url.User(role)
	return u.String(), nil
}

// beside is the address of the embedded database where the service holds it.
func beside(e *environment, err error) (string, error) {
	if !errors.Is(err, pgembed.ErrLocked) {
		return "", err
	}
	return pgembed.URL(e.config.DataDir)
}
