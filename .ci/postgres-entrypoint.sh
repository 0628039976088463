#!/usr/bin/env bash
# Entry point of the postgres:15 stand-in (.ci/images). It keeps the promises of the official image that this
# project relies on: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA, /docker-entrypoint-initdb.d/*.sql,
# and a first start that reports readiness twice, since a private server without TCP sets the database up first.
set -euo pipefail

if [ "${1:-postgres}" != postgres ] && [ "${1#-}" = "${1:-}" ]; then
	exec "$@" # another command: psql, pg_isready, a shell
fi
if [ "${1:-}" = postgres ]; then shift; fi

if [ "$(id -u)" = 0 ]; then
	install -d -o postgres -g postgres -m 0700 "$PGDATA"
	install -d -o postgres -g postgres -m 3777 /var/run/postgresql
	exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" postgres "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	: "${POSTGRES_PASSWORD:?set it: the server listens on the container network}"
	user=${POSTGRES_USER:-postgres}
	database=${POSTGRES_DB:-$user}

	initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
		--auth-local=trust --auth-host=scram-sha-256 >/dev/null
	# In the file and not on the command line, which callers replace (-c fsync=off).
	echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
	echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"

	pg_ctl --wait --options="-c listen_addresses=''" start
	if [ "$database" != postgres ]; then
		createdb --username="$user" --maintenance-db=postgres "$database"
	fi
	for script in /docker-entrypoint-initdb.d/*.sql; do
		if [ -e "$script" ]; then
			psql --no-psqlrc -v ON_ERROR_STOP=1 --username="$user" --dbname="$database" --file="$script"
		fi
	done
	pg_ctl --wait --mode=fast stop
fi

exec postgres "$@"
