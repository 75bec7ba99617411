#!/bin/bash
# Makes the read-only role at the first start of the postgres image, which runs (or sources) what
# is in /docker-entrypoint-initdb.d then. A database that exists already: see reader.sql.
#
# Password: EVENTS_READER_PASSWORD or, a file, EVENTS_READER_PASSWORD_FILE. Without one the role is
# made and nobody can log in with it.
make_reader() (
  set -euo pipefail
  sql=${READER_SQL:-/etc/postgresql/reader.sql}
  if [[ -n ${EVENTS_READER_PASSWORD_FILE:-} ]]; then
    EVENTS_READER_PASSWORD=$(<"$EVENTS_READER_PASSWORD_FILE")
  fi
  if [[ -z ${EVENTS_READER_PASSWORD:-} ]]; then
    unset EVENTS_READER_PASSWORD # an empty one is none
    echo "events_reader has no password: nobody can log in with it" >&2
  fi
  export EVENTS_READER_PASSWORD
  psql -X -q -v ON_ERROR_STOP=1 -v own_database=on \
    -v database_schema="${DATABASE_SCHEMA:-events}" \
    --username "$POSTGRES_USER" --dbname "${POSTGRES_DB:-$POSTGRES_USER}" --file "$sql"
)
make_reader
