-- Grain state: one row for each state of each grain. Its tag changes on each write, which names the tag it replaces.
CREATE TABLE soups_grain_state (
    grain_id   text COLLATE "C" NOT NULL,
    state_name text COLLATE "C" NOT NULL,
    etag       text COLLATE "C" NOT NULL,
    schema     integer NOT NULL,
    json       json NOT NULL,
    PRIMARY KEY (grain_id, state_name)
);

CREATE TABLE soups_reminder (
    grain_id text COLLATE "C" NOT NULL,
    name     text COLLATE "C" NOT NULL,
    hash     bigint NOT NULL,
    start_at timestamptz NOT NULL,
    period   interval NOT NULL,
    etag     text COLLATE "C" NOT NULL,
    PRIMARY KEY (grain_id, name)
);
CREATE INDEX soups_reminder_by_hash ON soups_reminder (hash);

-- Answers that feedback can refer to, until their retention time is over.
CREATE TABLE soups_interaction (
    id      text COLLATE "C" PRIMARY KEY,
    user_id text COLLATE "C",
    at      timestamptz NOT NULL,
    schema  integer NOT NULL,
    json    json NOT NULL
);
CREATE INDEX soups_interaction_by_user ON soups_interaction (user_id, at);
CREATE INDEX soups_interaction_by_age ON soups_interaction (at);

-- The log of feedback: rows are added and never changed. Partitions by user, not by time, because a unique index of a
-- partitioned table must contain the partition key: so the table itself refuses an operation id the second time,
-- however long ago the first was, and forgetting a user touches one partition.
CREATE TABLE soups_feedback (
    position    bigint NOT NULL,
    user_id     text COLLATE "C" NOT NULL,
    operation   text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    preference  text COLLATE "C" NOT NULL,
    topic       text COLLATE "C",
    comparisons integer NOT NULL,
    received_at timestamptz NOT NULL,
    schema      integer NOT NULL,
    event       json NOT NULL,
    context     json,
    PRIMARY KEY (user_id, operation)
) PARTITION BY HASH (user_id);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE soups_feedback_%s PARTITION OF soups_feedback FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            lpad(part::text, 2, '0'), part);
    END LOOP;
END $$;

CREATE INDEX soups_feedback_by_position ON soups_feedback (position);
CREATE INDEX soups_feedback_by_preference ON soups_feedback (preference, position) INCLUDE (kind, comparisons);
CREATE INDEX soups_feedback_by_topic ON soups_feedback (user_id, topic, position) WHERE topic IS NOT NULL;

-- The last position given out. Whoever appends holds this row until the end of the transaction, so that positions
-- become visible in their order and a reader who goes on after the last one it saw misses nothing.
CREATE TABLE soups_feedback_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO soups_feedback_head (position) VALUES (0);
