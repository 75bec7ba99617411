-- Makes four roles with the rights that the suite needs and no more, none of them a superuser:
--
--   events_owner     owns the tables and applies migrations: reporter --migrate, after each upgrade
--   events_writer    the collectors: reads and writes rows and segments, adds the partition of a
--                    new day
--   events_reporter  the reporter: reads rows and segments
--   events_eraser    events-erase and events-export-user: finds and deletes the rows of a person, writes
--                    the ledger, which it can't change afterwards
--
-- Run by psql, by a superuser or by whoever may make roles and owns the database, as often as you
-- like, before or after the tables are made:
--
--   EVENTS_OWNER_PASSWORD=... EVENTS_WRITER_PASSWORD=... EVENTS_REPORTER_PASSWORD=... \
--     EVENTS_ERASER_PASSWORD=... psql -X -v ON_ERROR_STOP=1 -d events -f deploy/postgres/roles.sql
--
--   owner, writer, reporter, eraser   other names: -v owner=events, say, for the role that owns the
--                             tables of an existing installation. Of another eraser run it (again)
--                             when the tables are made
--   schema                    of the tables of events: ?schema= of DATABASE_URL (default: public)
--   database_schema           of everything else: DATABASE_SCHEMA (default: events)
--   own_database=on           for a database that nobody but the suite uses: takes from PUBLIC the
--                             right to make tables in the schema, and temporary ones
--
-- A role without a password in the environment keeps the one it has. Grafana's role, which sees
-- figures and no rows, is reader.sql's.
\set ON_ERROR_STOP on
\if :{?owner}
\else
  \set owner events_owner
\endif
\if :{?writer}
\else
  \set writer events_writer
\endif
\if :{?reporter}
\else
  \set reporter events_reporter
\endif
\if :{?eraser}
\else
  \set eraser events_eraser
\endif
\if :{?schema}
\else
  \set schema public
\endif
\if :{?database_schema}
\else
  \set database_schema events
\endif
\getenv owner_password EVENTS_OWNER_PASSWORD
\getenv writer_password EVENTS_WRITER_PASSWORD
\getenv reporter_password EVENTS_REPORTER_PASSWORD
\getenv eraser_password EVENTS_ERASER_PASSWORD

-- A role without a right to anything, which is what CREATE ROLE makes.
SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY[:'owner', :'writer', :'reporter', :'eraser']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
\if :{?owner_password}
  ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\if :{?writer_password}
  ALTER ROLE :"writer" PASSWORD :'writer_password';
\endif
\if :{?reporter_password}
  ALTER ROLE :"reporter" PASSWORD :'reporter_password';
\endif
\if :{?eraser_password}
  ALTER ROLE :"eraser" PASSWORD :'eraser_password';
\endif

\if :{?own_database}
  REVOKE CREATE ON SCHEMA :"schema" FROM PUBLIC;
  REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM PUBLIC;
\endif
GRANT CONNECT ON DATABASE :"DBNAME" TO :"owner", :"writer", :"reporter", :"eraser";
SELECT format('CREATE SCHEMA %I AUTHORIZATION %I', :'database_schema', :'owner')
WHERE to_regnamespace(quote_ident(:'database_schema')) IS NULL \gexec
GRANT USAGE ON SCHEMA :"schema", :"database_schema"
  TO :"owner", :"writer", :"reporter", :"eraser";
GRANT CREATE ON SCHEMA :"schema", :"database_schema" TO :"owner";
-- A batch that may hold duplicates is put beside the table first.
GRANT TEMPORARY ON DATABASE :"DBNAME" TO :"writer";

-- What is there, and what the owner's migrations and new days will add. Only the owner's: others may
-- have tables in these schemas. The ledger of erasures is not for the daemons, and which sources
-- there are is for the owner to say.
SELECT format('GRANT %s ON %s %s TO %I', rights,
              CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relation.oid::regclass, role)
FROM pg_class AS relation
JOIN (VALUES ('rpv', 'SELECT', :'writer'), ('rpv', 'INSERT, UPDATE, DELETE', :'writer'),
             ('rpv', 'SELECT', :'reporter'), ('S', 'USAGE', :'writer')) AS rights (kinds, rights, role)
    ON position(relkind::text IN kinds) > 0
LEFT JOIN (VALUES ('erasures', '{}'::text[]), ('erasure_list', ARRAY[:'writer']),
                  ('sources', ARRAY[:'writer', :'reporter']),
                  ('event_types', ARRAY[:'writer', :'reporter'])) AS owners_own (name, readers)
    ON name = relname AND relnamespace = to_regnamespace(quote_ident(:'database_schema'))
WHERE relnamespace IN (to_regnamespace(quote_ident(:'schema')),
                       to_regnamespace(quote_ident(:'database_schema')))
  AND pg_get_userbyid(relowner) = :'owner'
  AND (name IS NULL OR rights = 'SELECT' AND role = ANY (readers)) \gexec
SELECT format('DO $do$ BEGIN PERFORM %I.grant_erasing(%L); END $do$', nspname, :'eraser')
FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
WHERE nspname = :'database_schema' AND proname = 'grant_erasing' \gexec
SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', oid::regprocedure, :'writer')
FROM pg_proc
WHERE pronamespace = to_regnamespace(quote_ident(:'database_schema'))
  AND pg_get_userbyid(proowner) = :'owner' \gexec
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA :"schema", :"database_schema"
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"writer";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA :"schema", :"database_schema"
  GRANT SELECT ON TABLES TO :"reporter";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA :"database_schema"
  GRANT USAGE ON SEQUENCES TO :"writer";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA :"database_schema"
  GRANT EXECUTE ON FUNCTIONS TO :"writer";
