-- Undoes the migration 0003_reports_schema.sql, for going back to a version that does not know it
-- (docs/operations.md). In one transaction, with every daemon stopped:
--
--     psql -X -1 -v ON_ERROR_STOP=1 -f deploy/postgres/undo/0003_reports_schema.sql "$DATABASE_URL"

DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(4957018823901);  -- that of the migrations
    IF (SELECT max(number) FROM schema_migrations) IS DISTINCT FROM 3 THEN
        RAISE EXCEPTION 'the database''s last migration is not 0003_reports_schema.sql';
    END IF;
END
$$;

DROP VIEW reports.events, reports.campaigns, reports.audience, facebook_audience_counts,
    tiktok_audience_counts;
-- Where reader.sql gave rights to it, it stays, so that the next upgrade finds them.
DO $$
BEGIN
    IF (SELECT nspacl IS NULL FROM pg_namespace WHERE nspname = 'reports') THEN
        DROP SCHEMA reports;
    ELSE
        COMMENT ON SCHEMA reports IS NULL;
    END IF;
END
$$;

DELETE FROM schema_migrations WHERE number = 3;
