-- A run of a test: an occasion on which its verdicts were made or verified.
-- Incremental ones (push, time) are one row per minute; the others look at all
-- records, resource by resource (run_part), and go on after a crash.
CREATE TABLE run (
  id {{id}},
  test_id BIGINT NOT NULL REFERENCES test (id),
  version BIGINT NOT NULL,
  started_by TEXT NOT NULL,
  state TEXT NOT NULL,
  minute BIGINT,
  started_at BIGINT NOT NULL,
  finished_at BIGINT,
  result TEXT,
  reason TEXT,
  counts TEXT,
  changed BIGINT NOT NULL,
  drift BIGINT NOT NULL,
  key_id BIGINT
);
CREATE INDEX run_by_test ON run (test_id, started_at, id);
CREATE UNIQUE INDEX run_of_minute ON run (test_id, started_by, minute) WHERE minute IS NOT NULL;
CREATE UNIQUE INDEX run_running ON run (test_id, started_by) WHERE state = 'RUNNING';

-- What a run looks at of one resource. digest is the state of the hash over the
-- records until the part is done, and then the hash.
CREATE TABLE run_part (
  run_id BIGINT NOT NULL REFERENCES run (id),
  resource_id BIGINT NOT NULL REFERENCES resource (id),
  done BIGINT NOT NULL,
  cursor_id BIGINT NOT NULL,
  total BIGINT NOT NULL,
  records BIGINT NOT NULL,
  from_seq BIGINT NOT NULL,
  to_seq BIGINT NOT NULL,
  schema_version BIGINT NOT NULL,
  digest {{bytes}},
  PRIMARY KEY (run_id, resource_id)
);
CREATE INDEX run_part_open ON run_part (resource_id, run_id) WHERE done = 0;

-- The counters of a test at the end of a day on which they moved; day counts
-- days since 1970 UTC.
CREATE TABLE test_day (
  test_id BIGINT NOT NULL REFERENCES test (id),
  day BIGINT NOT NULL,
  result TEXT NOT NULL,
  reason TEXT,
  counts TEXT NOT NULL,
  PRIMARY KEY (test_id, day)
);

-- How many verdicts changed since the test was settled last.
ALTER TABLE test_group ADD COLUMN unsettled BIGINT NOT NULL DEFAULT 0;

-- schedule is when the test is verified by a full pass, NULL for the default;
-- next_run_at NULL: not reckoned yet.
ALTER TABLE test ADD COLUMN schedule TEXT;
ALTER TABLE test ADD COLUMN next_run_at BIGINT;
ALTER TABLE test ADD COLUMN result_since BIGINT;
-- The verdict that the last event told, staleness laid over it.
ALTER TABLE test ADD COLUMN told TEXT;

-- Whether the event that the resource's data is stale was written.
ALTER TABLE resource ADD COLUMN stale BIGINT NOT NULL DEFAULT 0;
