-- Who did what that must be answered for: sign-ins, names revealed, appointments. Rows are added, never changed.
CREATE TABLE access_log (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    name    TEXT NOT NULL,
    what    TEXT NOT NULL,
    object  TEXT NOT NULL,
    path    TEXT NOT NULL,
    purpose TEXT NOT NULL,
    address TEXT NOT NULL,
    detail  TEXT NOT NULL
);
CREATE INDEX access_log_by_time ON access_log (at, id);
CREATE INDEX access_log_by_actor ON access_log (actor, at, id);
CREATE INDEX access_log_by_object ON access_log (object, at, id);
CREATE INDEX access_log_by_path ON access_log (path);
