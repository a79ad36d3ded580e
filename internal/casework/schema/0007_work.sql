-- A file that comes in pieces, until it is whole: how much of it is safely on the disk. It belongs to the account that sends it.
CREATE TABLE upload_piece (
    file     {{path}} PRIMARY KEY,
    case_id  {{path}} NOT NULL,
    account  {{path}} NOT NULL,
    total    BIGINT NOT NULL,
    have     BIGINT NOT NULL,
    begun_at BIGINT NOT NULL
);

-- Bytes of attachments that an account has sent on a day (Beijing time).
CREATE TABLE upload_day (
    account {{path}} NOT NULL,
    day     BIGINT NOT NULL,
    bytes   BIGINT NOT NULL,
    PRIMARY KEY (account, day)
){{clustered}};

-- Which cases a telephone number reported. Filled beside the search index, so that a report does not pay for it.
CREATE TABLE caller (
    phone_blind {{path}} NOT NULL,
    serial      BIGINT NOT NULL,
    PRIMARY KEY (phone_blind, serial)
){{clustered}};
INSERT INTO caller (phone_blind, serial) SELECT phone_blind, serial FROM cases WHERE phone_blind <> '';

-- Hand-overs that were done, by what they were about: who has experience with what, how long it took, whether in time.
-- Written when a hand-over is done, kept for a little over a year. Whether its stage is one of handling, the model says.
CREATE TABLE handled (
    category  {{path}} NOT NULL,
    closed_at BIGINT NOT NULL,
    case_id   {{path}} NOT NULL,
    no        BIGINT NOT NULL,
    path      {{path}} NOT NULL,
    post      {{path}} NOT NULL,
    model     TEXT NOT NULL,
    stage     TEXT NOT NULL,
    given_at  BIGINT NOT NULL,
    late      BOOLEAN NOT NULL,
    PRIMARY KEY (category, closed_at, case_id, no)
){{clustered}};
INSERT INTO handled (category, closed_at, case_id, no, path, post, model, stage, given_at, late)
SELECT c.category, t.closed_at, t.case_id, t.no, c.path, t.post, c.model, t.stage, t.given_at, t.closed_at > t.due_at
FROM task t JOIN cases c ON c.id = t.case_id
WHERE t.closed_at > 0 AND t.state = 'done' AND t.kind IN ('main', 'lead', 'member') AND c.category <> '';
