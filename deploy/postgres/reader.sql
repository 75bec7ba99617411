-- Makes the role events_reader, which may read the views of the schema reports and nothing else: for
-- Grafana and for people. Run by psql, by whoever may make roles and schemas, as often as you like,
-- before or after the daemons' first start:
--
--   EVENTS_READER_PASSWORD=... psql -v ON_ERROR_STOP=1 -d events -v owner=events -f reader.sql
--
--   owner      the role that the daemons connect as (default: the one that runs this)
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
ALTER ROLE events_reader SET search_path = reports;

SELECT format('CREATE SCHEMA reports AUTHORIZATION %I', :'owner')
WHERE to_regnamespace('reports') IS NULL \gexec
GRANT CONNECT ON DATABASE :"DBNAME" TO events_reader;
GRANT USAGE ON SCHEMA reports TO events_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA reports TO events_reader;
-- What later migrations add, too.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA reports GRANT SELECT ON TABLES TO events_reader;

\if :{?own_database}
  GRANT ALL ON SCHEMA public TO :"owner";
  GRANT TEMPORARY ON DATABASE :"DBNAME" TO :"owner";
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM PUBLIC;
\endif
