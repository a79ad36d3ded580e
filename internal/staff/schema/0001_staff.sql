-- People who can sign in. The phone is sealed; phone_blind finds an exact number, phone_mask is what is shown.
CREATE TABLE staff_account (
    id          TEXT PRIMARY KEY,
    login       TEXT NOT NULL,
    name        TEXT NOT NULL,
    phone       {{bytes}},
    phone_blind TEXT NOT NULL,
    phone_mask  TEXT NOT NULL,
    password    TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    active      BOOLEAN NOT NULL,
    created_at  BIGINT NOT NULL,
    created_by  TEXT NOT NULL
);
CREATE UNIQUE INDEX staff_account_by_login ON staff_account (login);
CREATE INDEX staff_account_by_phone ON staff_account (phone_blind);

-- Who holds which post from when to when (to_at 0: open end). Never deleted: an appointment that is over keeps its row.
-- next_turn is the next moment at which the holders change by time alone and listeners are still to be told; 0: none.
CREATE TABLE staff_appointment (
    id           TEXT PRIMARY KEY,
    account      TEXT NOT NULL,
    role         TEXT NOT NULL,
    place        TEXT NOT NULL,
    from_at      BIGINT NOT NULL,
    to_at        BIGINT NOT NULL,
    deputy       BOOLEAN NOT NULL,
    created_at   BIGINT NOT NULL,
    created_by   TEXT NOT NULL,
    ended_at     BIGINT NOT NULL,
    ended_by     TEXT NOT NULL,
    ended_reason TEXT NOT NULL,
    continues    TEXT NOT NULL,
    review       TEXT NOT NULL,
    next_turn    BIGINT NOT NULL
);
CREATE INDEX staff_appointment_by_account ON staff_appointment (account);
CREATE INDEX staff_appointment_by_place ON staff_appointment (place, role);
CREATE INDEX staff_appointment_by_to ON staff_appointment (to_at);
CREATE INDEX staff_appointment_by_turn ON staff_appointment (next_turn);

-- One row: registry grows with every change of accounts and appointments, access with everything that ends a way in.
-- Whoever changes anything raises it first, so that changes follow one another on any number of nodes.
CREATE TABLE staff_revision (
    id       BIGINT PRIMARY KEY,
    registry BIGINT NOT NULL,
    access   BIGINT NOT NULL
);
INSERT INTO staff_revision (id, registry, access) VALUES (1, 1, 1);

-- Signed-in clients and personal tokens. Only the hash of the secret is kept. A session has no name and no scopes.
CREATE TABLE staff_access (
    hash       TEXT PRIMARY KEY,
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    account    TEXT NOT NULL,
    name       TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    address    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX staff_access_by_id ON staff_access (id);
CREATE INDEX staff_access_by_account ON staff_access (account, kind, created_at);
CREATE INDEX staff_access_by_expiry ON staff_access (expires_at);

-- Wrong passwords lately, for a login or a client address.
CREATE TABLE staff_guard (
    subject      TEXT PRIMARY KEY,
    wrong        BIGINT NOT NULL,
    since        BIGINT NOT NULL,
    locks        BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    touched_at   BIGINT NOT NULL
);
CREATE INDEX staff_guard_by_touch ON staff_guard (touched_at);
