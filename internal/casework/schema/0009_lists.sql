-- Between which serials the cases received on a day (Beijing time) lie, so that a list of a time reads no others. Kept
-- beside the search index, so that a report does not pay for it; what is still in search_todo is looked at there.
CREATE TABLE received_day (
    day     BIGINT PRIMARY KEY,
    lowest  BIGINT NOT NULL,
    highest BIGINT NOT NULL
);
INSERT INTO received_day (day, lowest, highest)
SELECT (received_at + 28800000) / 86400000, min(serial), max(serial) FROM cases GROUP BY (received_at + 28800000) / 86400000;

-- With alert_new all words to a post in their order; a row enters when it has been seen.
CREATE INDEX alert_seen ON alert (post, at) WHERE seen_at > 0;

-- Of what has ended, what changed last: a row enters when a case ends. PostgreSQL has cases_changed.
-- sqlite:
CREATE INDEX cases_done_changed ON cases (updated_at) WHERE ended_at > 0;
-- end
