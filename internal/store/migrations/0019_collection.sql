-- How the records of a resource are got by the server itself. inputs is JSON
-- without a secret; sealed is of secret.Box. owner to cancel_asked are the run
-- that is under way, last (JSON) the one before. A claim counts fence on: only
-- the run whose fence it is may end.
CREATE TABLE collection (
  resource_id {{key}},
  connection_id BIGINT NOT NULL,
  recipe TEXT NOT NULL,
  inputs TEXT NOT NULL,
  secrets_at TEXT NOT NULL,
  sealed {{bytes}},
  schedule TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  guards TEXT NOT NULL,
  revision BIGINT NOT NULL,
  next_at BIGINT,
  failures BIGINT NOT NULL,
  asked_at BIGINT,
  asked_user BIGINT,
  asked_key BIGINT,
  owner TEXT,
  lease_until BIGINT,
  fence BIGINT NOT NULL,
  session_id TEXT,
  run_id BIGINT,
  claimed_revision BIGINT,
  started_at BIGINT,
  cancel_asked BIGINT NOT NULL,
  last TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX collection_next ON collection (next_at) WHERE next_at IS NOT NULL;
