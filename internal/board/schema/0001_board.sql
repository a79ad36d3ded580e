-- Notices (通知公告) of areas. from_at and until_at bound when one is shown; until_at 0: until it is withdrawn. One that was
-- withdrawn keeps its row with who took it down and why.
CREATE TABLE board_notice (
    id                {{path}} PRIMARY KEY,
    area              {{path}} NOT NULL,
    path              {{path}} NOT NULL,
    title             TEXT NOT NULL,
    words             TEXT NOT NULL,
    audience          TEXT NOT NULL,
    pinned            BOOLEAN NOT NULL,
    from_at           BIGINT NOT NULL,
    until_at          BIGINT NOT NULL,
    account           TEXT NOT NULL,
    author            TEXT NOT NULL,
    posted_at         BIGINT NOT NULL,
    changed_at        BIGINT NOT NULL,
    version           BIGINT NOT NULL,
    withdrawn_at      BIGINT NOT NULL,
    withdrawn_by      TEXT NOT NULL,
    withdrawn_because TEXT NOT NULL
);
CREATE INDEX board_notice_shown ON board_notice (area, withdrawn_at, from_at);
CREATE INDEX board_notice_newest ON board_notice (posted_at, id);
CREATE INDEX board_notice_path ON board_notice (path);

-- The duty phone (值班电话) of an area or organisation, with the hours somebody answers it, as JSON.
CREATE TABLE board_duty (
    place      {{path}} PRIMARY KEY,
    phone      TEXT NOT NULL,
    hours      TEXT NOT NULL,
    note       TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
