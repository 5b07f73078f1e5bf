-- How many requests API keys made under a usage plan, by day: it goes with the document
-- of the plan.
CREATE TABLE usage (
    plan    INTEGER NOT NULL REFERENCES document(key) ON DELETE CASCADE,
    api_key TEXT NOT NULL,    -- its id
    day     INTEGER NOT NULL, -- since 1970-01-01, in UTC
    used    INTEGER NOT NULL,
    granted INTEGER NOT NULL, -- added to the quota on that day
    PRIMARY KEY (plan, api_key, day)
) STRICT, WITHOUT ROWID;
