-- A document is one resource of a service, as JSON. Deleting its parent deletes it.
CREATE TABLE document (
    key     INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    service TEXT NOT NULL,
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    parent  INTEGER REFERENCES document(key) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    created INTEGER NOT NULL, -- Unix milliseconds
    body    TEXT NOT NULL,
    UNIQUE (account, region, service, kind, id)
) STRICT;

CREATE INDEX document_by_parent  ON document (parent, kind, id) WHERE parent IS NOT NULL;
CREATE INDEX document_by_id      ON document (id, kind, service);
CREATE INDEX document_by_created ON document (account, region, service, kind, created, id);

-- A blob is content named by its digest: the code of functions.
CREATE TABLE blob (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    digest  TEXT NOT NULL,
    data    BLOB NOT NULL,
    UNIQUE (account, region, digest)
) STRICT;
