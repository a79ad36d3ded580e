-- The tree of areas. path is the materialised path: own code last, slash at both ends.
CREATE TABLE area (
	code       TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	level      TEXT NOT NULL,
	kind       TEXT NOT NULL,
	parent     TEXT NOT NULL,
	path       TEXT NOT NULL,
	aliases    TEXT NOT NULL,
	closed     BOOLEAN NOT NULL,
	successors TEXT NOT NULL,
	lat        DOUBLE PRECISION,
	lon        DOUBLE PRECISION,
	calendar   TEXT NOT NULL,
	population BIGINT NOT NULL,
	version    BIGINT NOT NULL
);
CREATE INDEX area_by_path ON area (path);

-- Departments, centres, teams and committees attached to areas.
CREATE TABLE area_org (
	code     TEXT PRIMARY KEY,
	name     TEXT NOT NULL,
	kind     TEXT NOT NULL,
	function TEXT NOT NULL,
	area     TEXT NOT NULL,
	parent   TEXT NOT NULL,
	calendar TEXT NOT NULL,
	closed   BOOLEAN NOT NULL,
	version  BIGINT NOT NULL
);

-- Outlines in WGS84, with the datum they came in.
CREATE TABLE area_boundary (
	code       TEXT PRIMARY KEY,
	geometry   TEXT NOT NULL,
	datum      TEXT NOT NULL,
	source     TEXT NOT NULL,
	changed_at BIGINT NOT NULL,
	changed_by TEXT NOT NULL
);

-- Named places people use in addresses: schools, markets, estates, streets.
CREATE TABLE area_place (
	code    TEXT PRIMARY KEY,
	name    TEXT NOT NULL,
	aliases TEXT NOT NULL,
	kind    TEXT NOT NULL,
	area    TEXT NOT NULL,
	lat     DOUBLE PRECISION,
	lon     DOUBLE PRECISION,
	datum   TEXT NOT NULL
);

-- Every change, never updated or deleted. version is the revision of the tree the change made.
CREATE TABLE area_history (
	version BIGINT NOT NULL,
	seq     BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	actor   TEXT NOT NULL,
	kind    TEXT NOT NULL,
	code    TEXT NOT NULL,
	reason  TEXT NOT NULL,
	before  TEXT NOT NULL,
	after   TEXT NOT NULL,
	PRIMARY KEY (version, seq)
);
CREATE INDEX area_history_by_code ON area_history (code, version, seq);

-- One row: the revision of the tree, and the revisions that last touched outlines and places.
-- Whoever changes anything locks it first, so changes are one after the other on any number of nodes.
CREATE TABLE area_revision (
	id         BIGINT PRIMARY KEY,
	version    BIGINT NOT NULL,
	boundaries BIGINT NOT NULL,
	places     BIGINT NOT NULL
);
INSERT INTO area_revision (id, version, boundaries, places) VALUES (1, 0, 0, 0);
