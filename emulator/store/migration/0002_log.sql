-- Log events hang from the document of their stream, and go with it. A sequence
-- number is never used twice: it is part of positions that clients keep.
CREATE TABLE log_event (
    seq       INTEGER PRIMARY KEY,
    log_group INTEGER NOT NULL, -- key of the parent of the stream
    stream    INTEGER NOT NULL REFERENCES document(key) ON DELETE CASCADE,
    timestamp INTEGER NOT NULL, -- Unix milliseconds, like ingestion
    ingestion INTEGER NOT NULL,
    message   TEXT NOT NULL
) STRICT;

CREATE INDEX log_event_by_stream ON log_event (stream, timestamp, seq);
CREATE INDEX log_event_by_group  ON log_event (log_group, timestamp, seq);

-- What is known of each stream without reading its events.
CREATE TABLE log_stream (
    stream         INTEGER PRIMARY KEY REFERENCES document(key) ON DELETE CASCADE,
    log_group      INTEGER NOT NULL,
    first_event    INTEGER NOT NULL, -- timestamps
    last_event     INTEGER NOT NULL,
    last_ingestion INTEGER NOT NULL,
    bytes          INTEGER NOT NULL  -- 26 for every event and its message in UTF-8
) STRICT;

CREATE INDEX log_stream_by_group ON log_stream (log_group);
