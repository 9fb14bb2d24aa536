-- Identities as HRIS systems send them, and personnel. A person is an account;
-- no_account marks those who were never invited.
ALTER TABLE app_user ADD COLUMN no_account BIGINT NOT NULL DEFAULT 0;

CREATE TABLE hris_identity (
  id {{id}},
  connection_id BIGINT NOT NULL REFERENCES connection (id),
  identity_key TEXT NOT NULL,
  email TEXT,
  secondary_email TEXT,
  first_name TEXT,
  last_name TEXT,
  job_title TEXT,
  manager_id TEXT,
  manager_name TEXT,
  started_at BIGINT,
  separated_at BIGINT,
  contractor BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  UNIQUE (connection_id, identity_key)
);
CREATE INDEX hris_identity_created ON hris_identity (connection_id, created_at, id);
CREATE INDEX hris_identity_updated ON hris_identity (connection_id, updated_at, id);

-- Personnel and devices draw their ids from here, so that the two never collide.
CREATE TABLE person_number (
  id BIGINT PRIMARY KEY,
  next BIGINT NOT NULL
);
INSERT INTO person_number (id, next) VALUES (1, 1);

CREATE TABLE personnel (
  id {{key}},
  user_id BIGINT NOT NULL UNIQUE REFERENCES app_user (id),
  identity_id BIGINT REFERENCES hris_identity (id),
  status TEXT NOT NULL,
  manual_status BIGINT NOT NULL,
  manual_dates BIGINT NOT NULL,
  reason TEXT,
  reason_by BIGINT,
  started_at BIGINT,
  separated_at BIGINT,
  status_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  name_key TEXT NOT NULL,
  search_key TEXT NOT NULL
);
CREATE UNIQUE INDEX personnel_identity ON personnel (identity_id) WHERE identity_id IS NOT NULL;
CREATE INDEX personnel_created ON personnel (created_at, id);
CREATE INDEX personnel_updated ON personnel (updated_at, id);
CREATE INDEX personnel_name ON personnel ((lower(name_key)), id);
CREATE INDEX personnel_started ON personnel ((COALESCE(started_at, 0)), id);

CREATE TABLE identity_sync (
  id {{id}},
  status TEXT NOT NULL,
  scheduled BIGINT NOT NULL,
  user_id BIGINT,
  key_id BIGINT,
  position BIGINT NOT NULL,
  total BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  without_address BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX identity_sync_running ON identity_sync (status) WHERE status = 'RUNNING';
CREATE INDEX identity_sync_scheduled ON identity_sync (scheduled, started_at);
