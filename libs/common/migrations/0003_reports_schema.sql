-- What people and Grafana may read: the schema reports, views over the rollups of 0002. Exact at any
-- moment, like the reporter's answers: rollups + deltas, and profiles + the rows of the minutes that
-- no profile covers. No row, name or age of a person is in it.
--
-- deploy/postgres/reader.sql makes the role that may read it. Views run with the rights of their
-- owner, so that role needs none on the tables. reader.sql can make the schema first, for a daemon
-- whose role may not.
DO $$
BEGIN
    IF to_regnamespace('reports') IS NULL THEN CREATE SCHEMA reports; END IF;
END
$$;
COMMENT ON SCHEMA reports IS 'Figures without persons; deploy/postgres/reader.sql says who may read them.';

CREATE VIEW reports.events AS
SELECT width, bucket AS time, source,
       CASE WHEN event_type IN ('ad.click', 'form.submission', 'checkout.complete',
                                'profile.visit', 'purchase', 'follow')
            THEN 'bottom' ELSE 'top' END AS funnel_stage,
       event_type, sum(events)::bigint AS events, sum(transactions)::bigint AS transactions,
       sum(revenue) AS revenue
FROM (SELECT width, bucket, source, event_type, events, transactions, revenue FROM event_rollups
      UNION ALL
      SELECT width, date_bin(stride, minute, 'epoch'), source, event_type, events, transactions,
             revenue
      FROM event_deltas CROSS JOIN (VALUES ('minute', interval '1 minute'), ('hour', '1 hour'),
                                           ('day', '1 day')) AS widths (width, stride)) AS parts
GROUP BY width, bucket, source, event_type
HAVING sum(events) <> 0;
COMMENT ON VIEW reports.events IS
    'Events and money per minute, hour and day (UTC). Each event is in all three: choose one width.';

CREATE VIEW reports.campaigns AS
SELECT day, source, campaign_id, sum(transactions)::bigint AS transactions, sum(revenue) AS revenue
FROM (SELECT day, source, campaign_id, transactions, revenue FROM campaign_rollups
      WHERE day > '-infinity'
      UNION ALL
      SELECT date_bin('1 day', minute, 'epoch'), source, campaign_id, transactions, revenue
      FROM event_deltas) AS parts
GROUP BY day, source, campaign_id
HAVING sum(transactions) <> 0;
COMMENT ON VIEW reports.campaigns IS
    'Transactions per campaign and day (UTC); campaign_id is null for those without a campaign.';

-- As the reporter counts the users of the whole history: those with one profile from the audience,
-- those with several from their profiles, and those of the rows that no profile covers, unless a
-- profile has the same. A number for each value of one attribute: distinct users of two values can't
-- be added up, since one user may have both. OFFSET 0 keeps the planner, which can't guess how few
-- the minutes without profiles are, from reading all rows and profiles instead of those of interest.
--
-- %1$s is the source, %2$s a profile's attributes, %3$s what its audience is counted by, %4$s the
-- names of that, %5$s what is told of a profile, %6$s the same of the audience.
DO $migration$
DECLARE
    own record;
BEGIN
FOR own IN SELECT * FROM (VALUES
    ('facebook', 'age, gender, country, device', 'age, gender, country, device',
     'age, gender, country, device', 'age_group', 'age_group(age)', 'age_group(age)',
     ', (''gender'', gender)'),
    ('tiktok', 'followers, country, device', 'followers_group(followers), country, device',
     'followers_group, country, device', 'followers_group', 'followers_group(followers)',
     'followers_group', '')
) AS sources (name, attributes, counted_by, counted_names, grouped, group_of, counted_group, more)
LOOP
    EXECUTE format($view$
CREATE VIEW %1$s_audience_counts AS
WITH fresh AS MATERIALIZED (
    SELECT user_id, %2$s,
           count(*) OVER (PARTITION BY user_id) = 1
           AND NOT EXISTS (SELECT FROM %1$s_profiles AS known
                           WHERE known.user_id = people.user_id OFFSET 0) AS sole
    FROM (SELECT DISTINCT user_id, %2$s
          FROM (SELECT unnest(range_agg(tstzrange(minute, minute + interval '1 minute')))
                FROM (SELECT minute FROM unprofiled_minutes WHERE source = '%1$s'
                      UNION SELECT minute FROM event_deltas WHERE source = '%1$s')
                     AS unprofiled) AS spans (span)
          CROSS JOIN LATERAL (SELECT user_id, %2$s FROM %1$s_events
                              WHERE occurred_at >= lower(span) AND occurred_at < upper(span)
                              OFFSET 0) AS rows) AS people
)
SELECT attribute, value, sum(users)::bigint AS users
FROM (SELECT attribute, value, sum(users) AS users
      FROM (SELECT %4$s, users FROM %1$s_audience
            UNION ALL
            SELECT %3$s, count(*) FROM fresh WHERE sole GROUP BY %3$s) AS counted (%4$s, users)
      CROSS JOIN LATERAL (VALUES %6$s) AS told (attribute, value)
      GROUP BY attribute, value
      UNION ALL
      SELECT attribute, value, count(DISTINCT user_id)
      FROM %1$s_profiles CROSS JOIN LATERAL (VALUES %5$s) AS told (attribute, value)
      WHERE NOT sole
      GROUP BY attribute, value
      UNION ALL
      SELECT attribute, value, count(DISTINCT user_id)
      FROM fresh CROSS JOIN LATERAL (VALUES %5$s) AS told (attribute, value)
      WHERE NOT sole
        AND NOT EXISTS (SELECT FROM (SELECT * FROM %1$s_profiles AS known
                                     WHERE known.user_id = fresh.user_id OFFSET 0) AS known
                        CROSS JOIN LATERAL (VALUES %5$s) AS same (attribute, value)
                        WHERE same.attribute = told.attribute
                          AND same.value IS NOT DISTINCT FROM told.value)
      GROUP BY attribute, value) AS parts
GROUP BY attribute, value
HAVING sum(users) <> 0
    $view$, own.name, own.attributes, own.counted_by, own.counted_names,
        format($$('all', 'all'), ('country', country), ('device', device), (%L, %s)%s$$,
               own.grouped, own.group_of, own.more),
        format($$('all', 'all'), ('country', country), ('device', device), (%L, %s)%s$$,
               own.grouped, own.counted_group, own.more));
END LOOP;
END
$migration$;

CREATE VIEW reports.audience AS
SELECT 'facebook' AS source, attribute, value, users FROM facebook_audience_counts
UNION ALL
SELECT 'tiktok', attribute, value, users FROM tiktok_audience_counts;
COMMENT ON VIEW reports.audience IS
    'Distinct users, ever, by one attribute: all, age_group, gender, country, device, followers_group.';
