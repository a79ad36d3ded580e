-- Public results, newest first: a row enters when a case ends, so a report pays nothing for it.
CREATE INDEX cases_shown ON cases (ended_at, serial) WHERE public = TRUE AND ended_at > 0;

-- What other nodes have changed lately. The embedded file has one process, which knows its own changes.
-- postgres:
CREATE INDEX cases_changed ON cases (updated_at);
-- end
