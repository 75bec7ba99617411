-- What google.hpp describes, in a database: the migration that a third source would be.
SELECT make_source('google', ARRAY[
    'region text NOT NULL',
    'age smallint NOT NULL',
    'country text NOT NULL',
    'network text NOT NULL',
    'device text NOT NULL',
    'campaign_id text',
    'seen_at timestamptz',
    'position bigint'
], top_types => ARRAY['ad.view', 'search.result'],
   bottom_types => ARRAY['ad.click', 'conversion'],
   revenue_types => ARRAY['conversion']);
