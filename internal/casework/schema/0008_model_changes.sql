-- Which version of a governance model counts from when, as administrators decided it: rows are only ever added. no numbers
-- the changes of a model from 1. An activation names the version and the moment from which new cases begin with it; a
-- withdrawal names the activation it takes back (about). Where nothing is activated the files of the program count.
CREATE TABLE model_change (
    name    {{path}} NOT NULL,
    no      BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    model   TEXT NOT NULL,
    since   BIGINT NOT NULL,
    about   BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    account TEXT NOT NULL,
    person  TEXT NOT NULL,
    reason  TEXT NOT NULL,
    PRIMARY KEY (name, no)
);
