-- One text for both databases. {{id}}, {{key}} and {{bytes}} are the words of
-- the dialect; times are microseconds since 1970 UTC; JSON is TEXT.

CREATE TABLE company (
  id {{key}},
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  domain TEXT NOT NULL,
  legal_name TEXT,
  description TEXT,
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE workspace (
  id {{id}},
  is_primary BIGINT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  url TEXT,
  next_test BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE api_key (
  id {{id}},
  name TEXT NOT NULL,
  digest {{bytes}} NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  scopes TEXT NOT NULL,
  allowed_ips TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);

CREATE TABLE idempotency (
  key_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  digest {{bytes}} NOT NULL,
  claimed_at BIGINT NOT NULL,
  status BIGINT,
  header TEXT,
  body {{bytes}},
  PRIMARY KEY (key_id, name)
);
CREATE INDEX idempotency_claimed ON idempotency (claimed_at);

CREATE TABLE event (
  seq {{id}},
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  category TEXT NOT NULL,
  source TEXT NOT NULL,
  description TEXT NOT NULL,
  metadata TEXT,
  status TEXT,
  workspace_id BIGINT,
  connection_id BIGINT,
  test_id BIGINT,
  test_name TEXT,
  user_id BIGINT,
  key_id BIGINT,
  request TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX event_created ON event (created_at, seq);
CREATE INDEX event_connection ON event (connection_id, created_at, seq);

CREATE TABLE connection (
  id {{id}},
  name TEXT NOT NULL,
  description TEXT,
  provider_types TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX connection_created ON connection (created_at, id);
CREATE INDEX connection_updated ON connection (updated_at, id);

CREATE TABLE connection_workspace (
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  connection_id BIGINT NOT NULL REFERENCES connection (id),
  PRIMARY KEY (workspace_id, connection_id)
);
CREATE INDEX connection_workspace_connection ON connection_workspace (connection_id);

-- change_seq numbers the transactions that changed records; next_record the
-- records. The row is locked by whoever changes records, so that both grow in
-- the order of commits.
CREATE TABLE resource (
  id {{id}},
  connection_id BIGINT NOT NULL REFERENCES connection (id),
  name TEXT NOT NULL,
  description TEXT,
  display_name_key TEXT NOT NULL,
  schema_version BIGINT NOT NULL,
  freshness_hours BIGINT,
  record_count BIGINT NOT NULL,
  change_seq BIGINT NOT NULL,
  next_record BIGINT NOT NULL,
  fresh_at BIGINT,
  active_session BIGINT,
  session_fed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  purged_at BIGINT
);
CREATE INDEX resource_connection ON resource (connection_id);
CREATE INDEX resource_name ON resource (name);

CREATE TABLE schema_version (
  resource_id BIGINT NOT NULL REFERENCES resource (id),
  version BIGINT NOT NULL,
  body TEXT NOT NULL,
  key_id BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (resource_id, version)
);

-- Live records. The id is the resource's id followed by the record's number
-- (see recordID), so that the records of a resource lie together, in the order
-- of their creation, under the primary key.
CREATE TABLE record (
  id {{key}},
  resource_id BIGINT NOT NULL,
  record_key TEXT NOT NULL,
  body TEXT NOT NULL,
  hash {{bytes}} NOT NULL,
  change_seq BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX record_by_key ON record (resource_id, record_key);
CREATE INDEX record_by_change ON record (resource_id, change_seq, id);

-- Closed versions of records: valid from valid_from up to valid_to.
CREATE TABLE record_version (
  id {{id}},
  resource_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  record_key TEXT NOT NULL,
  body TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  closed_seq BIGINT NOT NULL,
  deleted BIGINT NOT NULL
);
CREATE INDEX record_version_by_key ON record_version (resource_id, record_key, id);
CREATE INDEX record_version_deleted ON record_version (resource_id, closed_seq, record_id) WHERE deleted = 1;

CREATE TABLE session (
  id {{id}},
  resource_id BIGINT NOT NULL REFERENCES resource (id),
  session_id TEXT NOT NULL,
  status TEXT NOT NULL,
  staged BIGINT NOT NULL,
  next_record BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  activated_at BIGINT,
  canceled_at BIGINT,
  swept BIGINT NOT NULL
);
CREATE UNIQUE INDEX session_by_name ON session (resource_id, session_id);
CREATE UNIQUE INDEX session_open ON session (resource_id) WHERE status = 'IN_PROGRESS';
CREATE INDEX session_created ON session (resource_id, created_at, id);
CREATE INDEX session_updated ON session (resource_id, updated_at, id);
CREATE INDEX session_unswept ON session (status) WHERE swept = 0;

-- Records of sessions in progress; the id is the session's id followed by a
-- number, as with records.
CREATE TABLE staged_record (
  id {{key}},
  session_id BIGINT NOT NULL,
  record_key TEXT NOT NULL,
  body TEXT NOT NULL,
  hash {{bytes}} NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX staged_record_by_key ON staged_record (session_id, record_key);

CREATE TABLE test (
  id {{id}},
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  number BIGINT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  disabled_reason TEXT,
  published BIGINT,
  draft BIGINT,
  draft_run TEXT,
  revision BIGINT NOT NULL,
  result TEXT NOT NULL,
  reason TEXT,
  failed_since BIGINT,
  last_passed_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX test_by_number ON test (workspace_id, number);
CREATE UNIQUE INDEX test_by_name ON test (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX test_created ON test (workspace_id, created_at, id);
CREATE INDEX test_updated ON test (workspace_id, updated_at, id);

CREATE TABLE test_version (
  test_id BIGINT NOT NULL REFERENCES test (id),
  version BIGINT NOT NULL,
  logic TEXT NOT NULL,
  note TEXT,
  key_id BIGINT,
  created_at BIGINT NOT NULL,
  published_at BIGINT,
  PRIMARY KEY (test_id, version)
);

-- A condition group of a published version as it is evaluated. slot is its
-- place in the states of the records of its resource.
CREATE TABLE test_group (
  id {{id}},
  test_id BIGINT NOT NULL REFERENCES test (id),
  version BIGINT NOT NULL,
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  resource_id BIGINT NOT NULL REFERENCES resource (id),
  slot BIGINT NOT NULL,
  state TEXT NOT NULL,
  cursor_id BIGINT NOT NULL,
  out_of_scope BIGINT NOT NULL,
  passing BIGINT NOT NULL,
  failing BIGINT NOT NULL,
  errors BIGINT NOT NULL,
  declared TEXT NOT NULL,
  problem TEXT NOT NULL,
  rule TEXT NOT NULL
);
CREATE INDEX test_group_by_test ON test_group (test_id);
CREATE UNIQUE INDEX test_group_slot ON test_group (resource_id, slot) WHERE state <> 'retired';

-- Where the evaluator stands with a resource; epoch fences its steps.
CREATE TABLE evaluation (
  resource_id {{key}},
  epoch BIGINT NOT NULL,
  watermark_seq BIGINT NOT NULL,
  watermark_id BIGINT NOT NULL,
  evaluated_at BIGINT,
  lease_owner TEXT,
  lease_until BIGINT
);

-- What the groups of a resource say of one record: one letter per slot.
CREATE TABLE verdict (
  record_id {{key}},
  resource_id BIGINT NOT NULL,
  states TEXT NOT NULL,
  next_flip BIGINT
);
CREATE INDEX verdict_flip ON verdict (next_flip, resource_id) WHERE next_flip IS NOT NULL;

CREATE TABLE unique_value (
  group_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (group_id, record_id)
);
CREATE INDEX unique_value_by_value ON unique_value (group_id, value);

-- A record that fails a group, from opened_at to closed_at. record_id 0 is the
-- test itself.
CREATE TABLE finding (
  id {{id}},
  test_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  resource_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  record_key TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  close_reason TEXT
);
CREATE UNIQUE INDEX finding_open ON finding (group_id, record_id) WHERE closed_at IS NULL;
CREATE INDEX finding_opened ON finding (test_id, opened_at, id);
CREATE INDEX finding_by_group ON finding (group_id, closed_at);
CREATE INDEX finding_by_record ON finding (resource_id, record_key);
