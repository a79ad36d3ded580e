CREATE TABLE migration (
    id       TEXT PRIMARY KEY,
    taken_at BIGINT NOT NULL
);

-- sqlite:
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    n    BIGINT NOT NULL
);
-- end
