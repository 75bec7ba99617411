-- The two tables of stored events: one row an event, one partition a UTC day.
--
-- The primary key is what makes storing idempotent. It holds occurred_at because PostgreSQL wants
-- the partition key in it; a sender's repetition has the same id and the same timestamp.
--
-- The collectors make the partition of a day when its first event arrives, named
-- <table>_pYYYYMMDD, so retention is: DROP TABLE facebook_events_p20260301.
--
-- Ids are compared byte by byte (COLLATE "C"): that is what they mean, and it is several times
-- cheaper than a language's order when inserting and when counting distinct users.
--
-- The only index beside the key is a BRIN on the time: a few kilobytes a day and next to nothing
-- for an insert, yet a report over an hour reads that hour's blocks instead of the whole day's.

CREATE TABLE facebook_events (
    event_id        text COLLATE "C" NOT NULL,
    occurred_at     timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    funnel_stage    text NOT NULL,
    event_type      text NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    name            text NOT NULL,
    age             smallint NOT NULL,
    gender          text NOT NULL,
    country         text NOT NULL,
    city            text NOT NULL,
    action_time     timestamptz,
    referrer        text,
    video_id        text,
    ad_id           text,
    campaign_id     text,
    click_position  text,
    device          text,
    browser         text,
    purchase_amount numeric(14, 2),
    correlation_id  text,
    PRIMARY KEY (event_id, occurred_at)
) PARTITION BY RANGE (occurred_at);

CREATE TABLE tiktok_events (
    event_id           text COLLATE "C" NOT NULL,
    occurred_at        timestamptz NOT NULL,
    received_at        timestamptz NOT NULL,
    funnel_stage       text NOT NULL,
    event_type         text NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    username           text NOT NULL,
    followers          bigint NOT NULL,
    watch_time         bigint,
    percentage_watched smallint,
    device             text,
    country            text,
    video_id           text,
    action_time        timestamptz,
    profile_id         text,
    purchased_item     text,
    purchase_amount    numeric(14, 2),
    correlation_id     text,
    PRIMARY KEY (event_id, occurred_at)
) PARTITION BY RANGE (occurred_at);

CREATE INDEX facebook_events_occurred_at ON facebook_events
    USING brin (occurred_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX tiktok_events_occurred_at ON tiktok_events
    USING brin (occurred_at) WITH (pages_per_range = 32, autosummarize = on);

-- One partition for all days before 2004, when the older of the two networks was founded. A
-- sender may write any date it likes; without this a hostile one could make a partition of each
-- of the 700,000 days since the year 1.
CREATE TABLE facebook_events_before_2004 PARTITION OF facebook_events
    FOR VALUES FROM (MINVALUE) TO ('2004-01-01 00:00:00+00');
CREATE TABLE tiktok_events_before_2004 PARTITION OF tiktok_events
    FOR VALUES FROM (MINVALUE) TO ('2004-01-01 00:00:00+00');
