-- Undoes the migration 0002_rollups.sql, for going back to a version that does not know it
-- (docs/operations.md). The events stay; the sums and profiles are made anew by the next upgrade.
-- In one transaction, with every daemon stopped:
--
--     psql -X -1 -v ON_ERROR_STOP=1 -f deploy/postgres/undo/0002_rollups.sql "$DATABASE_URL"

DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(4957018823901);  -- that of the migrations
    IF (SELECT max(number) FROM schema_migrations) IS DISTINCT FROM 2 THEN
        RAISE EXCEPTION 'the database''s last migration is not 0002_rollups.sql';
    END IF;
END
$$;

-- First, or it looks at each of the tables that go.
DROP EVENT TRIGGER IF EXISTS follow_event_partitions;

DO $$
DECLARE
    source text;
BEGIN
    FOREACH source IN ARRAY ARRAY['facebook', 'tiktok'] LOOP
        EXECUTE format($sql$
            DROP TRIGGER added ON %1$s_events;
            DROP TRIGGER removed ON %1$s_events;
            DROP TRIGGER changed_from ON %1$s_events;
            DROP TRIGGER changed_to ON %1$s_events;
            DROP TRIGGER truncated ON %1$s_events;
            DROP INDEX %1$s_events_transactions;
            DROP FUNCTION %1$s_events_added(), %1$s_events_removed(), %1$s_events_truncated(),
                forget_%1$s_users(text[]), profile_%1$s_users(interval, bigint),
                forget_%1$s_profiles(tstzmultirange), count_%1$s_events(regclass, tstzrange);
            DROP TABLE %1$s_profiles, %1$s_audience;
        $sql$, source);
    END LOOP;
END
$$;

DROP FUNCTION partitions_changed(), follow_partitions(), forget_events(text, tstzmultirange),
    fold_event_deltas(), age_group(bigint), followers_group(bigint);
DROP VIEW event_partitions;
DROP TABLE event_deltas, event_rollups, campaign_rollups, unprofiled_minutes, profiled_spans;

DELETE FROM schema_migrations WHERE number = 2;
