-- Fewer and narrower indexes: each one costs every report a page somewhere else in the file. The index of a place is
-- split into what is open and what has ended, since a case is only ever in one of them, and written when it ends.
-- sqlite:
CREATE TABLE cases_lean (
    id            {{path}} NOT NULL,
    serial        INTEGER PRIMARY KEY,
    version       BIGINT NOT NULL,
    path          {{path}} NOT NULL,
    area          {{path}} NOT NULL,
    model         TEXT NOT NULL,
    stage         TEXT NOT NULL,
    ended         TEXT NOT NULL,
    category      TEXT NOT NULL,
    kind          TEXT NOT NULL,
    urgency       TEXT NOT NULL,
    channel       TEXT NOT NULL,
    title         TEXT NOT NULL,
    body          TEXT NOT NULL,
    address       TEXT NOT NULL,
    lat           DOUBLE PRECISION,
    lon           DOUBLE PRECISION,
    why           TEXT NOT NULL,
    public        BOOLEAN NOT NULL,
    confidential  BOOLEAN NOT NULL,
    anonymous     BOOLEAN NOT NULL,
    supervised    BOOLEAN NOT NULL,
    asked         BOOLEAN NOT NULL,
    account       TEXT NOT NULL,
    caller        {{bytes}},
    phone         {{bytes}},
    phone_blind   TEXT NOT NULL,
    first_post    TEXT NOT NULL,
    owner         TEXT NOT NULL,
    holder        TEXT NOT NULL,
    owner_task    BIGINT NOT NULL,
    reported_at   BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    hop_due_at    BIGINT NOT NULL,
    paused_at     BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    clock         TEXT NOT NULL,
    pauses        BIGINT NOT NULL,
    extensions    BIGINT NOT NULL,
    reopens       BIGINT NOT NULL,
    rating        BIGINT NOT NULL,
    merged_into   TEXT NOT NULL,
    repeat_blind  TEXT NOT NULL DEFAULT ''
);
INSERT INTO cases_lean (
    id, serial, version, path, area, model, stage, ended, category, kind, urgency, channel, title, body, address,
    lat, lon, why, public, confidential, anonymous, supervised, asked, account, caller, phone, phone_blind,
    first_post, owner, holder, owner_task, reported_at, received_at, ended_at, updated_at, due_at, hop_due_at,
    paused_at, next_at, clock, pauses, extensions, reopens, rating, merged_into, repeat_blind)
SELECT
    id, serial, version, path, area, model, stage, ended, category, kind, urgency, channel, title, body, address,
    lat, lon, why, public, confidential, anonymous, supervised, asked, account, caller, phone, phone_blind,
    first_post, owner, holder, owner_task, reported_at, received_at, ended_at, updated_at, due_at, hop_due_at,
    paused_at, next_at, clock, pauses, extensions, reopens, rating, merged_into, repeat_blind
FROM cases ORDER BY serial;
DROP TABLE cases;
ALTER TABLE cases_lean RENAME TO cases;
CREATE UNIQUE INDEX cases_id ON cases (id);
-- end
-- postgres:
DROP INDEX cases_place;
DROP INDEX cases_open;
DROP INDEX cases_next;
DROP INDEX cases_phone;
DROP INDEX cases_account;
DROP INDEX cases_merged;
-- end
CREATE INDEX cases_open ON cases (path, hop_due_at, serial) WHERE ended_at = 0;
CREATE INDEX cases_done ON cases (path, serial) WHERE ended_at > 0;
CREATE INDEX cases_next ON cases (next_at) WHERE next_at > 0;
CREATE INDEX cases_phone ON cases (phone_blind, serial) WHERE phone_blind <> '';
CREATE INDEX cases_account ON cases (account, serial) WHERE account <> '';
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into <> '';

-- Open hand-overs are found by who answers for them (task_work), or, where that is somebody else, by task_stand_in.
DROP INDEX task_post;
CREATE INDEX task_done ON task (post, case_id) WHERE closed_at > 0;

-- Counters of one day lie together: what happens today touches a few pages.
CREATE TABLE tally_by_day (
    day     BIGINT NOT NULL,
    path    {{path}} NOT NULL,
    measure TEXT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (day, path, measure)
){{clustered}};
INSERT INTO tally_by_day (day, path, measure, n) SELECT day, path, measure, n FROM tally;
DROP TABLE tally;
ALTER TABLE tally_by_day RENAME TO tally;
