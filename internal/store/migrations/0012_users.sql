-- People who sign in, the roles that they hold, their sessions of the web app,
-- one-time links and what keeps guessing slow. email_key and the like are folded
-- texts that are compared. A deleted user's row stays for the audit trail.
CREATE TABLE app_user (
  id {{id}},
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  first_name TEXT,
  first_key TEXT NOT NULL,
  last_name TEXT,
  last_key TEXT NOT NULL,
  job_title TEXT,
  password TEXT,
  disabled_at BIGINT,
  deleted_at BIGINT,
  last_sign_in_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX app_user_email ON app_user (email_key) WHERE deleted_at IS NULL;
CREATE INDEX app_user_created ON app_user (created_at, id);
CREATE INDEX app_user_updated ON app_user (updated_at, id);

-- workspace_id 0: in all of them.
CREATE TABLE user_role (
  user_id BIGINT NOT NULL REFERENCES app_user (id),
  role TEXT NOT NULL,
  workspace_id BIGINT NOT NULL,
  PRIMARY KEY (user_id, role, workspace_id)
);
CREATE INDEX user_role_back ON user_role (role, user_id);

CREATE TABLE web_session (
  id {{id}},
  digest {{bytes}} NOT NULL UNIQUE,
  user_id BIGINT NOT NULL REFERENCES app_user (id),
  user_agent TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX web_session_user ON web_session (user_id, id);
CREATE INDEX web_session_seen ON web_session (seen_at);

-- user_id is NULL for the set-up link.
CREATE TABLE one_time_link (
  digest {{bytes}} PRIMARY KEY,
  purpose TEXT NOT NULL,
  user_id BIGINT REFERENCES app_user (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX one_time_link_user ON one_time_link (user_id);
CREATE INDEX one_time_link_expires ON one_time_link (expires_at);

-- subject is an account or a source address; until is when it may try again.
CREATE TABLE sign_in_failure (
  subject TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  failed_at BIGINT NOT NULL,
  until BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_failed ON sign_in_failure (failed_at);

CREATE INDEX event_user ON event (user_id, created_at, seq);

CREATE TABLE control_owner (
  control_id BIGINT NOT NULL REFERENCES control (id),
  user_id BIGINT NOT NULL REFERENCES app_user (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (control_id, user_id)
);
CREATE INDEX control_owner_back ON control_owner (user_id, control_id);

-- Who wrote what, beside the API key.
ALTER TABLE connection ADD COLUMN user_id BIGINT;
ALTER TABLE control_note ADD COLUMN user_id BIGINT;
ALTER TABLE exclusion ADD COLUMN user_id BIGINT;
ALTER TABLE exclusion_version ADD COLUMN user_id BIGINT;
ALTER TABLE test_version ADD COLUMN user_id BIGINT;
