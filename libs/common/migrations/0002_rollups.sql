-- What reports read instead of counting rows (docs/adr/0005-rollups.md).
--
--   event_deltas       what transactions did to the two tables of events: appended by triggers in
--                      the same transaction, so nobody waits for another's sums
--   event_rollups      sums per minute, hour and day; fold_event_deltas() moves the deltas here
--   campaign_rollups   sums per campaign and day, and of each campaign's whole history
--   *_profiles         who was seen when, with which attributes; profile_*_users() makes them
--                      later, from the rows, minute by minute
--   *_audience         how many users have just one profile, per combination of its attributes
--                      (without the city and the exact followers, which differ too much)
--   unprofiled_minutes the minutes whose users the profiles do not know yet
--
-- Exact at any moment, in one snapshot: rollups + deltas are the rows' sums, and profiles + the
-- users of the minutes that stand in unprofiled_minutes or event_deltas are the rows' users.
-- Folding and profiling only move; when they fall behind, reports get slower and stay right.
--
-- Triggers keep the deltas, not the collectors' statement, so that this is a property of the
-- tables: rows that ON CONFLICT leaves out never reach a trigger, an older collector that still
-- runs keeps them too, and so do psql, DELETE and UPDATE.

CREATE TABLE event_deltas (
    source       text COLLATE "C" NOT NULL,
    minute       timestamptz NOT NULL,
    event_type   text COLLATE "C" NOT NULL,
    campaign_id  text COLLATE "C",  -- of transactions only
    events       bigint NOT NULL,
    transactions bigint NOT NULL,
    revenue      numeric NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE event_rollups (
    source       text COLLATE "C" NOT NULL,
    width        text COLLATE "C" NOT NULL CHECK (width IN ('minute', 'hour', 'day')),
    bucket       timestamptz NOT NULL,  -- its start, in UTC
    event_type   text COLLATE "C" NOT NULL,
    events       bigint NOT NULL,
    transactions bigint NOT NULL,
    revenue      numeric NOT NULL,
    PRIMARY KEY (source, width, bucket, event_type)
) PARTITION BY LIST (width);
-- Apart, so that the few days, and the hours, lie close together.
CREATE TABLE event_rollups_minute PARTITION OF event_rollups
    FOR VALUES IN ('minute') WITH (fillfactor = 80);
CREATE TABLE event_rollups_hour PARTITION OF event_rollups
    FOR VALUES IN ('hour') WITH (fillfactor = 80);
CREATE TABLE event_rollups_day PARTITION OF event_rollups
    FOR VALUES IN ('day') WITH (fillfactor = 80);

CREATE TABLE campaign_rollups (
    campaign_id  text COLLATE "C",  -- null: transactions without a campaign
    day          timestamptz NOT NULL,  -- its start, in UTC; -infinity: of all days
    source       text COLLATE "C" NOT NULL,
    event_type   text COLLATE "C" NOT NULL,
    transactions bigint NOT NULL,
    revenue      numeric NOT NULL,
    UNIQUE NULLS NOT DISTINCT (campaign_id, day, source, event_type)
) WITH (fillfactor = 80);
CREATE INDEX campaign_rollups_day ON campaign_rollups (day) WHERE day > '-infinity';
CREATE INDEX campaign_rollups_top ON campaign_rollups (revenue DESC, campaign_id)
    WHERE day = '-infinity';

-- The transactions by time: what is not a whole day of campaign_rollups. Few events are
-- transactions and they arrive nearly in order, so an insert hardly notices.
CREATE INDEX facebook_events_transactions ON facebook_events (occurred_at, campaign_id)
    INCLUDE (event_type, purchase_amount)
    WHERE event_type IN ('checkout.complete', 'purchase') AND purchase_amount IS NOT NULL;
CREATE INDEX tiktok_events_transactions ON tiktok_events (occurred_at)
    INCLUDE (event_type, purchase_amount)
    WHERE event_type IN ('checkout.complete', 'purchase') AND purchase_amount IS NOT NULL;

CREATE TABLE unprofiled_minutes (
    source    text COLLATE "C" NOT NULL,
    minute    timestamptz NOT NULL,
    marked_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- From the first to the last minute that profiles were ever made of.
CREATE TABLE profiled_spans (
    source text COLLATE "C" PRIMARY KEY,
    first  timestamptz NOT NULL,
    last   timestamptz NOT NULL  -- its end
);

-- sole: the user has no other profile. Then profiles count users; of the other users' profiles
-- only their distinct users do.
CREATE TABLE facebook_profiles (
    sole    boolean NOT NULL,
    age     smallint NOT NULL,
    gender  text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    city    text COLLATE "C" NOT NULL,
    device  text COLLATE "C",
    user_id text COLLATE "C" NOT NULL,
    seen    tstzmultirange NOT NULL  -- whole minutes
) WITH (fillfactor = 90);
CREATE TABLE tiktok_profiles (
    sole      boolean NOT NULL,
    followers bigint NOT NULL,
    country   text COLLATE "C",
    device    text COLLATE "C",
    user_id   text COLLATE "C" NOT NULL,
    seen      tstzmultirange NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX facebook_profiles_user ON facebook_profiles (user_id);
CREATE INDEX tiktok_profiles_user ON tiktok_profiles (user_id);
CREATE INDEX facebook_profiles_several ON facebook_profiles (user_id) WHERE NOT sole;
CREATE INDEX tiktok_profiles_several ON tiktok_profiles (user_id) WHERE NOT sole;
CREATE INDEX facebook_profiles_seen ON facebook_profiles USING brin (lower(seen), upper(seen));
CREATE INDEX tiktok_profiles_seen ON tiktok_profiles USING brin (lower(seen), upper(seen));

CREATE FUNCTION age_group(age bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN age IS NULL THEN NULL WHEN age < 18 THEN '0-17' WHEN age < 25 THEN '18-24'
                WHEN age < 35 THEN '25-34' WHEN age < 45 THEN '35-44' WHEN age < 55 THEN '45-54'
                WHEN age < 65 THEN '55-64' ELSE '65+' END
$$;

CREATE FUNCTION followers_group(followers bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN followers IS NULL THEN NULL WHEN followers < 1000 THEN '0-999'
                WHEN followers < 10000 THEN '1000-9999' WHEN followers < 100000 THEN '10000-99999'
                WHEN followers < 1000000 THEN '100000-999999' ELSE '1000000+' END
$$;

CREATE TABLE facebook_audience (
    age     smallint NOT NULL,
    gender  text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    device  text COLLATE "C",
    users   bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (age, gender, country, device)
) WITH (fillfactor = 80);
CREATE TABLE tiktok_audience (
    followers_group text COLLATE "C" NOT NULL,
    country         text COLLATE "C",
    device          text COLLATE "C",
    users           bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (followers_group, country, device)
) WITH (fillfactor = 80);

-- Moves the deltas into the rollups. One at a time: whoever finds another one folding has nothing
-- to do. Returns how many it moved.
CREATE FUNCTION fold_event_deltas() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    moved bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('fold event deltas', 0)) THEN RETURN 0; END IF;
    WITH taken AS (
        DELETE FROM event_deltas RETURNING *
    ), by_type AS (
        INSERT INTO event_rollups AS kept
        SELECT source, width, date_bin(stride, minute, 'epoch'), event_type,
               sum(events), sum(transactions), sum(revenue)
        FROM taken CROSS JOIN (VALUES ('minute', interval '1 minute'), ('hour', '1 hour'),
                                      ('day', '1 day')) AS widths (width, stride)
        GROUP BY 1, 2, 3, 4
        ON CONFLICT (source, width, bucket, event_type) DO UPDATE
        SET events = kept.events + excluded.events,
            transactions = kept.transactions + excluded.transactions,
            revenue = kept.revenue + excluded.revenue
    ), by_campaign AS (
        INSERT INTO campaign_rollups AS kept
        SELECT campaign_id, days.day, source, event_type, sum(transactions), sum(revenue)
        FROM taken CROSS JOIN LATERAL (VALUES (date_bin('1 day', minute, 'epoch')),
                                              ('-infinity')) AS days (day)
        GROUP BY 1, 2, 3, 4
        HAVING sum(transactions) <> 0 OR sum(revenue) <> 0
        ON CONFLICT (campaign_id, day, source, event_type) DO UPDATE
        SET transactions = kept.transactions + excluded.transactions,
            revenue = kept.revenue + excluded.revenue
    ), unprofiled AS (
        INSERT INTO unprofiled_minutes SELECT DISTINCT source, minute FROM taken
    )
    SELECT count(*) INTO moved FROM taken;
    RETURN moved;
END
$$;

CREATE VIEW event_partitions AS
SELECT source, relation,
       CASE WHEN bounds LIKE 'FOR VALUES%'
            THEN tstzrange((regexp_match(bounds, $$FROM \('([^']+)'\)$$))[1]::timestamptz,
                           (regexp_match(bounds, $$TO \('([^']+)'\)$$))[1]::timestamptz)
            ELSE '(,)' END AS span
FROM (VALUES ('facebook', 'facebook_events'::regclass), ('tiktok', 'tiktok_events'::regclass))
         AS parents (source, parent)
JOIN pg_inherits ON inhparent = parent AND NOT inhdetachpending
JOIN pg_class ON pg_class.oid = inhrelid
CROSS JOIN LATERAL (SELECT inhrelid::regclass, pg_get_expr(relpartbound, inhrelid))
    AS described (relation, bounds);

-- What differs between the sources is filled into these templates: %1$s is the source, %2$s the
-- campaign of a transaction, %3$s a profile's attributes, %4$s what its audience is counted by,
-- %5$s the names of that.
DO $migration$
DECLARE
    own record;
    change record;
BEGIN
FOR own IN SELECT * FROM (VALUES
    ('facebook', 'campaign_id', 'age, gender, country, city, device',
     'age, gender, country, device', 'age, gender, country, device'),
    ('tiktok', 'NULL::text', 'followers, country, device',
     'followers_group(followers), country, device', 'followers_group, country, device')
) AS sources (name, campaign, attributes, counted_by, counted_names)
LOOP
    FOR change IN SELECT * FROM (VALUES ('added', ''), ('removed', '-')) AS changes (name, sign)
    LOOP
        EXECUTE format($function$
CREATE FUNCTION %1$s_events_%2$s() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO event_deltas
    SELECT '%1$s', date_bin('1 minute', occurred_at, 'epoch'), event_type, campaign,
           %3$scount(*), %3$scount(amount), %3$scoalesce(sum(amount), 0)
    FROM %2$s
    CROSS JOIN LATERAL (SELECT CASE WHEN event_type IN ('checkout.complete', 'purchase')
                                    THEN purchase_amount END) AS transaction (amount)
    CROSS JOIN LATERAL (SELECT CASE WHEN amount IS NOT NULL THEN %4$s END) AS of (campaign)
    GROUP BY 2, 3, 4;
    %5$s
    RETURN NULL;
END
$body$
        $function$, own.name, change.name, change.sign, own.campaign,
            CASE change.name WHEN 'removed'
                THEN format('PERFORM forget_%1$s_users(ARRAY(SELECT DISTINCT user_id FROM removed));',
                            own.name)
                ELSE '' END);
    END LOOP;

    EXECUTE format($triggers$
CREATE TRIGGER added AFTER INSERT ON %1$s_events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION %1$s_events_added();
CREATE TRIGGER removed AFTER DELETE ON %1$s_events REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION %1$s_events_removed();
CREATE TRIGGER changed_from AFTER UPDATE ON %1$s_events REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION %1$s_events_removed();
CREATE TRIGGER changed_to AFTER UPDATE ON %1$s_events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION %1$s_events_added();
    $triggers$, own.name);

    -- The profiles of users whose events went: all of theirs go, and are made again from what is
    -- left. The lock keeps a profiling that saw the events from putting them back.
    EXECUTE format($function$
CREATE FUNCTION forget_%1$s_users(users text[]) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events can be deleted or updated in READ COMMITTED transactions only';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('profile %1$s users', 0));
    WITH gone AS (
        DELETE FROM %1$s_profiles WHERE user_id = ANY (users) RETURNING *
    ), audience AS (
        INSERT INTO %1$s_audience AS kept
        SELECT %4$s, -count(*) FROM gone WHERE sole GROUP BY %4$s
        ON CONFLICT (%5$s) DO UPDATE SET users = kept.users + excluded.users
    )
    INSERT INTO unprofiled_minutes
    SELECT DISTINCT '%1$s', minute
    FROM gone, unnest(seen) AS span,
         generate_series(lower(span), upper(span) - interval '1 minute', '1 minute') AS minute;
END
$body$
    $function$, own.name, own.campaign, own.attributes, own.counted_by, own.counted_names);

    -- Makes the profiles of the users of some unprofiled minutes: the oldest of those that nothing
    -- was added to for `settled`, until they have `most_events`. One at a time for a source.
    -- Returns how many events it read; 0: there is nothing to do.
    EXECUTE format($function$
CREATE FUNCTION profile_%1$s_users(settled interval, most_events bigint) RETURNS bigint
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET work_mem = '64MB' AS $body$
DECLARE
    spans tstzmultirange;
    events_read bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('profile %1$s users', 0)) THEN RETURN 0; END IF;

    SELECT range_agg(tstzrange(minute, minute + interval '1 minute')) INTO spans
    FROM (SELECT minute, sum(events) OVER (ORDER BY minute) - events AS events_before
          FROM (SELECT minute, (SELECT coalesce(sum(events), 0) FROM event_rollups
                                WHERE source = '%1$s' AND width = 'minute' AND bucket = minute)
                                AS events
                FROM unprofiled_minutes WHERE source = '%1$s'
                GROUP BY minute HAVING max(marked_at) <= now() - settled
                ORDER BY minute LIMIT 1000) AS ready) AS numbered
    WHERE events_before < most_events;
    IF spans IS NULL THEN RETURN 0; END IF;

    WITH done AS (
        DELETE FROM unprofiled_minutes WHERE source = '%1$s' AND spans @> minute
    ), fresh AS MATERIALIZED (
        SELECT user_id, %3$s, range_agg(tstzrange(minute, minute + interval '1 minute')) AS seen,
               count(*) AS events
        FROM unnest(spans) AS span
        JOIN %1$s_events ON occurred_at >= lower(span) AND occurred_at < upper(span)
        CROSS JOIN LATERAL date_bin('1 minute', occurred_at, 'epoch') AS minute
        GROUP BY user_id, %3$s
    ), merged AS MATERIALIZED (
        SELECT user_id, %3$s, min(at) AS at, bool_or(sole) AS was_sole, range_agg(seen) AS seen,
               count(*) OVER (PARTITION BY user_id) = 1 AS sole
        FROM (SELECT user_id, %3$s, NULL::tid AS at, NULL::boolean AS sole, seen FROM fresh
              UNION ALL
              SELECT user_id, %3$s, kept.ctid, sole, seen
              FROM (SELECT DISTINCT user_id FROM fresh) AS users
              JOIN %1$s_profiles AS kept USING (user_id)) AS parts
        GROUP BY user_id, %3$s
    ), changed AS (
        UPDATE %1$s_profiles AS kept SET sole = merged.sole, seen = merged.seen
        FROM merged
        WHERE kept.ctid = merged.at
          AND (kept.sole <> merged.sole OR kept.seen <> merged.seen)
    ), added AS (
        INSERT INTO %1$s_profiles (sole, %3$s, user_id, seen)
        SELECT sole, %3$s, user_id, seen FROM merged WHERE at IS NULL ORDER BY lower(seen)
    ), audience AS (
        INSERT INTO %1$s_audience AS kept
        SELECT %4$s, sum(sole::int - coalesce(was_sole, false)::int)
        FROM merged GROUP BY %4$s
        HAVING sum(sole::int - coalesce(was_sole, false)::int) <> 0
        ON CONFLICT (%5$s) DO UPDATE SET users = kept.users + excluded.users
    )
    SELECT coalesce(sum(events), 0) INTO events_read FROM fresh;
    INSERT INTO profiled_spans AS kept VALUES ('%1$s', lower(spans), upper(spans))
    ON CONFLICT (source) DO UPDATE SET first = least(kept.first, excluded.first),
                                       last = greatest(kept.last, excluded.last);
    RETURN greatest(events_read, 1);
END
$body$
    $function$, own.name, own.campaign, own.attributes, own.counted_by, own.counted_names);

    -- Nobody deletes all rows one by one.
    EXECUTE format($function$
CREATE FUNCTION %1$s_events_truncated() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM forget_events('%1$s', '{(,)}');
    RETURN NULL;
END
$body$;
CREATE TRIGGER truncated AFTER TRUNCATE ON %1$s_events
    FOR EACH STATEMENT EXECUTE FUNCTION %1$s_events_truncated();
CREATE FUNCTION forget_%1$s_profiles(gone tstzmultirange) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('profile %1$s users', 0));
    WITH shorter AS (
        UPDATE %1$s_profiles SET seen = seen - gone WHERE seen && gone RETURNING *
    )
    INSERT INTO %1$s_audience AS kept
    SELECT %4$s, -count(*) FROM shorter WHERE sole AND isempty(seen) GROUP BY %4$s
    ON CONFLICT (%5$s) DO UPDATE SET users = kept.users + excluded.users;
    DELETE FROM %1$s_profiles WHERE isempty(seen);
END
$body$
    $function$, own.name, own.campaign, own.attributes, own.counted_by, own.counted_names);

    -- Counts the rows of the table, or of one partition of it, if nothing of its span is counted
    -- yet. One statement, so one snapshot: a row that it sees is either counted or it is not.
    EXECUTE format($function$
CREATE FUNCTION count_%1$s_events(relation regclass, span tstzrange) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format($count$
        INSERT INTO event_deltas
        SELECT '%1$s', date_bin('1 minute', occurred_at, 'epoch'), event_type, campaign,
               count(*), count(amount), coalesce(sum(amount), 0)
        FROM %%s
        CROSS JOIN LATERAL (SELECT CASE WHEN event_type IN ('checkout.complete', 'purchase')
                                        THEN purchase_amount END) AS transaction (amount)
        CROSS JOIN LATERAL (SELECT CASE WHEN amount IS NOT NULL THEN %2$s END) AS of (campaign)
        WHERE NOT EXISTS (SELECT FROM event_deltas WHERE source = '%1$s' AND $1 @> minute)
          AND NOT EXISTS (SELECT FROM event_rollups
                          WHERE source = '%1$s' AND width = 'day' AND $1 @> bucket)
        GROUP BY 2, 3, 4
    $count$, relation) USING span;
END
$body$
    $function$, own.name, own.campaign);
    EXECUTE format('SELECT count_%1$s_events(%2$L, %3$L)', own.name, own.name || '_events', '(,)');
END LOOP;
END
$migration$;

-- Takes the events of whole days out of everything that is kept of them.
CREATE FUNCTION forget_events(the_source text, gone tstzmultirange) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('fold event deltas', 0));
    DELETE FROM event_deltas WHERE source = the_source AND gone @> minute;
    DELETE FROM event_rollups WHERE source = the_source AND gone @> bucket;
    WITH days AS (
        DELETE FROM campaign_rollups
        WHERE source = the_source AND isfinite(day) AND gone @> day RETURNING *
    )
    INSERT INTO campaign_rollups AS kept
    SELECT campaign_id, '-infinity', source, event_type, -sum(transactions), -sum(revenue)
    FROM days GROUP BY 1, 3, 4
    ON CONFLICT (campaign_id, day, source, event_type) DO UPDATE
    SET transactions = kept.transactions + excluded.transactions,
        revenue = kept.revenue + excluded.revenue;
    DELETE FROM campaign_rollups
    WHERE source = the_source AND day = '-infinity' AND transactions = 0 AND revenue = 0;
    IF the_source = 'facebook' THEN
        PERFORM forget_facebook_profiles(gone);
    ELSE
        PERFORM forget_tiktok_profiles(gone);
    END IF;
    DELETE FROM unprofiled_minutes WHERE source = the_source AND gone @> minute;
END
$$;

-- Follows partitions: forgets the days of those that were dropped or detached, and counts those
-- that were attached with rows in them. Harmless when there is nothing to do.
CREATE FUNCTION follow_partitions() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    the_source text;
    counted tstzmultirange;
    gone tstzmultirange;
    partition record;
BEGIN
    FOREACH the_source IN ARRAY ARRAY['facebook', 'tiktok'] LOOP
        SELECT coalesce(range_agg(tstzrange(day, day + interval '1 day')), '{}') INTO counted
        FROM (SELECT bucket FROM event_rollups WHERE source = the_source AND width = 'day'
              UNION SELECT date_bin('1 day', minute, 'epoch') FROM event_deltas
              WHERE source = the_source) AS days (day);
        SELECT counted - coalesce(range_agg(span), '{}') INTO gone
        FROM event_partitions WHERE source = the_source;
        IF NOT isempty(gone) THEN PERFORM forget_events(the_source, gone); END IF;

        -- An empty one is not even opened: a lock on each of years of days is too many.
        FOR partition IN
            SELECT relation, span FROM event_partitions
            WHERE source = the_source AND NOT span && counted AND pg_relation_size(relation) > 0
        LOOP
            IF the_source = 'facebook' THEN
                PERFORM count_facebook_events(partition.relation, partition.span);
            ELSE
                PERFORM count_tiktok_events(partition.relation, partition.span);
            END IF;
        END LOOP;
    END LOOP;
END
$$;

-- At once where the migration's role may say so (a superuser); else the collectors call it now and
-- then.
CREATE FUNCTION partitions_changed() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM follow_partitions();
END
$$;
DO $$
BEGIN
    CREATE EVENT TRIGGER follow_event_partitions ON ddl_command_end
        WHEN TAG IN ('ALTER TABLE', 'DROP TABLE') EXECUTE FUNCTION partitions_changed();
EXCEPTION WHEN insufficient_privilege THEN
    NULL;
END
$$;

SELECT fold_event_deltas();
