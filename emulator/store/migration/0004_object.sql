-- An object is one version of a name in a bucket, and goes with the document of its bucket. What is in
-- it is a file beside this one, since it may be large.
CREATE TABLE object (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT, -- the newer, the greater
    bucket   INTEGER NOT NULL REFERENCES document(key) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    version  TEXT NOT NULL,
    latest   INTEGER NOT NULL,
    marker   INTEGER NOT NULL, -- 1: this version says that the object is deleted
    modified INTEGER NOT NULL, -- Unix milliseconds
    content  TEXT NOT NULL,    -- the file, "" for none
    body     TEXT NOT NULL,
    UNIQUE (bucket, name, version)
) STRICT;

CREATE UNIQUE INDEX object_latest ON object (bucket, name) WHERE latest = 1;
CREATE INDEX object_by_name ON object (bucket, name, seq DESC);

-- Parts go with the document of their upload.
CREATE TABLE object_part (
    upload   INTEGER NOT NULL REFERENCES document(key) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    content  TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

-- The files that nothing names any more, until they are removed.
CREATE TABLE object_litter (content TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TRIGGER object_gone AFTER DELETE ON object WHEN old.content <> ''
BEGIN
    INSERT OR IGNORE INTO object_litter VALUES (old.content);
END;

CREATE TRIGGER object_part_gone AFTER DELETE ON object_part WHEN old.content <> ''
BEGIN
    INSERT OR IGNORE INTO object_litter VALUES (old.content);
END;
