-- An exclusion takes a record, named by its key, or the records that satisfy a
-- selector out of the count of a test. selector is as it was given, pinned the
-- same with named conditions written out. The row is the newest version;
-- ended_at is NULL until it is ended by people, by a fix, or, marked a little
-- later, by time.
CREATE TABLE exclusion (
  id {{id}},
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  test_id BIGINT NOT NULL REFERENCES test (id),
  resource_id BIGINT NOT NULL REFERENCES resource (id),
  record_key TEXT,
  selector TEXT,
  pinned TEXT,
  reason TEXT NOT NULL,
  category TEXT NOT NULL,
  approver TEXT,
  ticket_url TEXT,
  expires_at BIGINT,
  expire_on_fix BIGINT NOT NULL,
  approved_matching BIGINT NOT NULL,
  approved_failing BIGINT NOT NULL,
  version BIGINT NOT NULL,
  warned_at BIGINT,
  key_id BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  ended_at BIGINT,
  ended_state TEXT
);
CREATE UNIQUE INDEX exclusion_of_record ON exclusion (resource_id, record_key, test_id) WHERE ended_at IS NULL AND record_key IS NOT NULL;
CREATE INDEX exclusion_selector ON exclusion (resource_id) WHERE ended_at IS NULL AND selector IS NOT NULL;
CREATE INDEX exclusion_expiry ON exclusion (expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX exclusion_next ON exclusion (resource_id, expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX exclusion_by_test ON exclusion (test_id, created_at, id);
CREATE INDEX exclusion_created ON exclusion (workspace_id, created_at, id);
CREATE INDEX exclusion_updated ON exclusion (workspace_id, updated_at, id);

-- What an exclusion said from valid_from up to valid_to, and who wrote it.
CREATE TABLE exclusion_version (
  exclusion_id BIGINT NOT NULL REFERENCES exclusion (id),
  version BIGINT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  selector TEXT,
  pinned TEXT,
  reason TEXT NOT NULL,
  category TEXT NOT NULL,
  approver TEXT,
  ticket_url TEXT,
  expires_at BIGINT,
  expire_on_fix BIGINT NOT NULL,
  key_id BIGINT,
  PRIMARY KEY (exclusion_id, version)
);

ALTER TABLE test_group ADD COLUMN excluded BIGINT NOT NULL DEFAULT 0;

-- The value of an excluded record is kept beside the others, which do not see it.
ALTER TABLE unique_value ADD COLUMN excluded BIGINT NOT NULL DEFAULT 0;
DROP INDEX unique_value_by_value;
CREATE INDEX unique_value_by_value ON unique_value (group_id, excluded, value);
