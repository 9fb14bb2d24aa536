-- A question that groups ask the records of a resource (see rule.Lookup). digest
-- is that of the question, whose text may be too long for an index.
CREATE TABLE lookup (
  id {{id}},
  resource_id BIGINT NOT NULL REFERENCES resource (id),
  question TEXT NOT NULL,
  digest {{bytes}} NOT NULL,
  state TEXT NOT NULL,
  cursor_id BIGINT NOT NULL
);
CREATE UNIQUE INDEX lookup_by_digest ON lookup (resource_id, digest) WHERE state <> 'retired';
CREATE INDEX lookup_retired ON lookup (id) WHERE state = 'retired';

CREATE TABLE group_lookup (
  group_id BIGINT NOT NULL REFERENCES test_group (id),
  lookup_id BIGINT NOT NULL,
  declared TEXT NOT NULL,
  PRIMARY KEY (group_id, lookup_id)
);
CREATE INDEX group_lookup_by_lookup ON group_lookup (lookup_id);

-- The values that the records of the resource give to a lookup.
CREATE TABLE lookup_value (
  lookup_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (record_id, lookup_id, value)
);
CREATE INDEX lookup_value_by_value ON lookup_value (lookup_id, value);

-- The values for which a record asks a lookup.
CREATE TABLE lookup_ask (
  lookup_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (record_id, lookup_id, value)
);
CREATE INDEX lookup_ask_by_value ON lookup_ask (lookup_id, value, record_id);

-- A value that came to a lookup or left it, until the records of a resource
-- that ask for it are evaluated again; cursor_id is the last one that was.
CREATE TABLE lookup_change (
  id {{id}},
  resource_id BIGINT NOT NULL,
  lookup_id BIGINT NOT NULL,
  value TEXT NOT NULL,
  cursor_id BIGINT NOT NULL
);
CREATE UNIQUE INDEX lookup_change_by_value ON lookup_change (resource_id, lookup_id, value);
CREATE INDEX lookup_change_by_id ON lookup_change (resource_id, id);

-- How far the values of a resource's lookups follow its changes.
ALTER TABLE evaluation ADD COLUMN answered_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evaluation ADD COLUMN answered_id BIGINT NOT NULL DEFAULT 0;
