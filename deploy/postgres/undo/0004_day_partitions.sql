-- Undoes the migration 0004_day_partitions.sql, for going back to a version that does not know it
-- (docs/operations.md). In one transaction, with every daemon stopped:
--
--     psql -X -1 -v ON_ERROR_STOP=1 -f deploy/postgres/undo/0004_day_partitions.sql "$DATABASE_URL"
--
-- The version before makes partitions itself: its collectors must connect as the tables' owner.

DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(4957018823901);  -- that of the migrations
    IF (SELECT max(number) FROM schema_migrations) IS DISTINCT FROM 4 THEN
        RAISE EXCEPTION 'the database''s last migration is not 0004_day_partitions.sql';
    END IF;
END
$$;

DROP FUNCTION add_day_partition(regclass, text, timestamptz, timestamptz);

DELETE FROM schema_migrations WHERE number = 4;
