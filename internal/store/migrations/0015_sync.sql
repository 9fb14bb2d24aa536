-- What a connection is made from, and whether it takes data. A resource has the
-- latter too: who writes records locks its row and looks there.
ALTER TABLE connection ADD COLUMN kind TEXT NOT NULL DEFAULT 'CUSTOM';
ALTER TABLE connection ADD COLUMN catalog_slug TEXT;
ALTER TABLE connection ADD COLUMN disconnected_at BIGINT;
ALTER TABLE resource ADD COLUMN disconnected_at BIGINT;

-- What a resource remembers of its sync runs, from which its health follows: the
-- last run that told something, the step that failed (NULL: none), why, since when
-- it is so, and when a run was last heard of.
ALTER TABLE resource ADD COLUMN sync_run BIGINT;
ALTER TABLE resource ADD COLUMN sync_failed TEXT;
ALTER TABLE resource ADD COLUMN sync_reason TEXT;
ALTER TABLE resource ADD COLUMN sync_since BIGINT;
ALTER TABLE resource ADD COLUMN sync_at BIGINT;

-- One row for each session and each collection, and one for the direct pushes of
-- somebody (actor: a key, or a person as a number below zero) to a resource within
-- a minute, its slot. told holds the steps that were told one by one; the others
-- follow from the numbers. seq is the change of the resource that the run made last.
CREATE TABLE sync_run (
  id {{id}},
  connection_id BIGINT NOT NULL,
  resource_id BIGINT NOT NULL,
  started_by TEXT NOT NULL,
  actor BIGINT NOT NULL,
  session_id TEXT,
  slot BIGINT,
  status TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  received_at BIGINT,
  moved_at BIGINT NOT NULL,
  ended_at BIGINT,
  pushes BIGINT NOT NULL,
  received BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  refused TEXT,
  told TEXT,
  seq BIGINT,
  evaluated_at BIGINT,
  settled BIGINT NOT NULL
);
CREATE INDEX sync_run_started ON sync_run (connection_id, started_at, id);
CREATE UNIQUE INDEX sync_run_push ON sync_run (resource_id, slot, actor) WHERE slot IS NOT NULL;
CREATE INDEX sync_run_open ON sync_run (resource_id, session_id) WHERE status = 'RUNNING';
CREATE INDEX sync_run_unsettled ON sync_run (ended_at, id) WHERE settled = 0;
