-- A push moves the end of its run: the index of the runs that are not settled must
-- not move with it.
DROP INDEX sync_run_unsettled;
CREATE INDEX sync_run_unsettled ON sync_run (id) WHERE settled = 0;

-- When the evaluator had covered the change at which it stands: the end of EVALUATE
-- of the run that made it.
ALTER TABLE evaluation ADD COLUMN covered_at BIGINT;
