-- Setup codes (开通码) printed at a start without an administrator; only their hash is kept, and none once there is one.
CREATE TABLE staff_setup_code (
    hash    TEXT PRIMARY KEY,
    made_at BIGINT NOT NULL
);

-- Steps of the setup that an administrator looked at or put off.
CREATE TABLE staff_setup_step (
    step    TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    account TEXT NOT NULL
);

-- Worklists as somebody keeps them (视图): filters and columns under a name of one's own.
CREATE TABLE staff_view (
    account  {{path}} NOT NULL,
    id       {{path}} NOT NULL,
    title    TEXT NOT NULL,
    query    TEXT NOT NULL,
    columns  TEXT NOT NULL,
    position BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (account, id)
){{clustered}};
