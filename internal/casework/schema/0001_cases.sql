-- A case (事项). id is a client-made UUIDv7; serial is year * 100000000 + running number, from which the
-- number for people and the tracking code are made.
CREATE TABLE cases (
    id            {{path}} PRIMARY KEY,
    serial        BIGINT NOT NULL,
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
    merged_into   TEXT NOT NULL
);

CREATE UNIQUE INDEX cases_serial ON cases (serial);
CREATE INDEX cases_place ON cases (path, id);
CREATE INDEX cases_open ON cases (path, hop_due_at, id) WHERE ended_at = 0;
CREATE INDEX cases_next ON cases (next_at, id) WHERE next_at > 0;
CREATE INDEX cases_phone ON cases (phone_blind, id) WHERE phone_blind <> '';
CREATE INDEX cases_account ON cases (account, id) WHERE account <> '';
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into <> '';

-- One hand-over of a case (交办). post is whom it was given to, holder who answers now.
CREATE TABLE task (
    case_id     {{path}} NOT NULL,
    no          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    stage       TEXT NOT NULL,
    post        {{path}} NOT NULL,
    holder      {{path}} NOT NULL,
    state       TEXT NOT NULL,
    responsible BOOLEAN NOT NULL,
    about       BIGINT NOT NULL,
    request     TEXT NOT NULL,
    exclude     TEXT NOT NULL,
    acted       TEXT NOT NULL,
    trail       TEXT NOT NULL,
    given_at    BIGINT NOT NULL,
    taken_at    BIGINT NOT NULL,
    closed_at   BIGINT NOT NULL,
    outcome     TEXT NOT NULL,
    due_at      BIGINT NOT NULL,
    clock       TEXT NOT NULL,
    handle      TEXT NOT NULL,
    PRIMARY KEY (case_id, no)
){{clustered}};

CREATE INDEX task_work ON task (holder, due_at, case_id, no) WHERE closed_at = 0;
CREATE INDEX task_post ON task (post, closed_at, case_id);

-- What happened, in order; never changed, never deleted.
CREATE TABLE timeline (
    case_id {{path}} NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    account TEXT NOT NULL,
    post    TEXT NOT NULL,
    action  TEXT NOT NULL,
    task    BIGINT NOT NULL,
    public  BOOLEAN NOT NULL,
    command TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
){{clustered}};

-- A word to a post: a reminder, an escalation, an answer from the reporter.
CREATE TABLE alert (
    post    {{path}} NOT NULL,
    case_id {{path}} NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (post, case_id, seq)
){{clustered}};

CREATE INDEX alert_new ON alert (post, at) WHERE seen_at = 0;

CREATE TABLE watch (
    account {{path}} NOT NULL,
    case_id {{path}} NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (account, case_id)
){{clustered}};

CREATE TABLE attachment (
    id      {{path}} PRIMARY KEY,
    case_id {{path}} NOT NULL,
    at      BIGINT NOT NULL,
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    use     TEXT NOT NULL,
    hash    TEXT NOT NULL,
    thumb   TEXT NOT NULL,
    type    TEXT NOT NULL,
    size    BIGINT NOT NULL,
    public  BOOLEAN NOT NULL
);

CREATE INDEX attachment_case ON attachment (case_id, at);

-- Counted as things happen: n matters of a measure, in an area, on a day (Beijing time).
CREATE TABLE tally (
    path    {{path}} NOT NULL,
    day     BIGINT NOT NULL,
    measure TEXT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (path, day, measure)
){{clustered}};

-- Texts to be put into the search index; a row is written with the case and taken away with the indexing.
CREATE TABLE search_todo (
    serial BIGINT PRIMARY KEY
);

-- sqlite:
CREATE VIRTUAL TABLE case_text USING fts5 (terms, tokenize = 'unicode61', content = '', contentless_delete = 1, detail = 'none');
-- end
-- postgres:
CREATE TABLE case_text (
    serial BIGINT PRIMARY KEY,
    terms  TSVECTOR NOT NULL
);
CREATE INDEX case_text_terms ON case_text USING GIN (terms);
-- end

-- The governance models in use, with their text: a running case keeps the version it began with.
CREATE TABLE model (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    text      TEXT NOT NULL,
    digest    TEXT NOT NULL,
    loaded_at BIGINT NOT NULL
);

-- Holidays announced after this program was built, as the official notice's data; they join the built-in years.
CREATE TABLE holiday_year (
    year     BIGINT PRIMARY KEY,
    text     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    account  TEXT NOT NULL
);
