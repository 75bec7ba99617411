-- Makes the role events_reader, which may read the view hourly_events, the lists of sources and of event
-- types, and nothing else: figures, no rows, for Grafana and for people. Run by psql, by whoever may make roles and schemas, as often as you like,
-- before or after the daemons' first start:
--
--   EVENTS_READER_PASSWORD=... psql -v ON_ERROR_STOP=1 -d events -v owner=events -f reader.sql
--
--   owner      the role that the daemons connect as (default: the one that runs this)
--   database_schema  the daemons' DATABASE_SCHEMA (default: events)
--   password   instead of EVENTS_READER_PASSWORD; without either the role keeps the one it has
--   own_database=on  for a database that nobody but the suite uses: takes from PUBLIC, so from this
--              role too, the schema public and temporary tables
\set ON_ERROR_STOP on
\if :{?password}
\else
  \getenv password EVENTS_READER_PASSWORD
\endif
\if :{?owner}
\else
  SELECT current_user AS owner \gset
\endif
\if :{?database_schema}
\else
  \set database_schema events
\endif

-- A role without a right to anything, which is what CREATE ROLE makes.
SELECT 'CREATE ROLE events_reader' WHERE NOT EXISTS (
    SELECT FROM pg_roles WHERE rolname = 'events_reader') \gexec
ALTER ROLE events_reader LOGIN CONNECTION LIMIT 20;
\if :{?password}
  ALTER ROLE events_reader PASSWORD :'password';
\endif
-- Against mistakes and endless statements. Rights, below, are what keeps data safe.
ALTER ROLE events_reader SET default_transaction_read_only = on;
ALTER ROLE events_reader SET statement_timeout = '30s';
ALTER ROLE events_reader SET idle_in_transaction_session_timeout = '60s';
-- Compiling a query of sums takes longer than answering it.
ALTER ROLE events_reader SET jit = off;
ALTER ROLE events_reader IN DATABASE :"DBNAME" SET search_path = :"database_schema";

SELECT format('CREATE SCHEMA %I AUTHORIZATION %I', :'database_schema', :'owner')
WHERE to_regnamespace(quote_ident(:'database_schema')) IS NULL \gexec
GRANT CONNECT ON DATABASE :"DBNAME" TO events_reader;
GRANT USAGE ON SCHEMA :"database_schema" TO events_reader;
-- What is not there yet: the migration that makes it gives this role the right.
SELECT format('GRANT SELECT ON %s TO events_reader', relation)
FROM unnest(ARRAY['hourly_events', 'sources', 'event_types']) AS name
CROSS JOIN LATERAL to_regclass(format('%I.%I', :'database_schema', name)) AS relation
WHERE relation IS NOT NULL \gexec

\if :{?own_database}
  GRANT ALL ON SCHEMA public TO :"owner";
  GRANT TEMPORARY ON DATABASE :"DBNAME" TO :"owner";
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM PUBLIC;
\endif
