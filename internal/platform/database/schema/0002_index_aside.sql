-- postgres:
CREATE TABLE index_aside (
    name       TEXT PRIMARY KEY,
    definition TEXT NOT NULL
);
-- end
