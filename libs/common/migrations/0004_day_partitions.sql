-- Attaches the partition of a day, with the rights of the tables' owner: who makes a partition must
-- own its parent, and the role that stores events should not (deploy/postgres/roles.sql). Nobody but
-- the owner may call it before a right to it is granted.
DO $migration$
BEGIN
    EXECUTE format($function$
CREATE FUNCTION add_day_partition(parent regclass, partition text, first timestamptz,
                                  until timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class
                   WHERE oid = parent AND relname IN ('facebook_events', 'tiktok_events')
                     AND relnamespace = quote_ident(current_schema())::regnamespace) THEN
        RAISE insufficient_privilege USING MESSAGE = format('%%s is no table of events', parent);
    END IF;
    EXECUTE format('CREATE TABLE %%I (LIKE %%s INCLUDING ALL EXCLUDING IDENTITY)', partition, parent);
    EXECUTE format('ALTER TABLE %%s ATTACH PARTITION %%I FOR VALUES FROM (%%L) TO (%%L)',
                   parent, partition, first, until);
END
$body$
    $function$, current_schema());
END
$migration$;
REVOKE ALL ON FUNCTION add_day_partition(regclass, text, timestamptz, timestamptz) FROM PUBLIC;
