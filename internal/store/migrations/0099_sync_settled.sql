-- A push moves the end of its run: the index of the runs that are not settled must
-- not move with it.
DROP INDEX sync_run_unsettled;
CREATE INDEX sync_run_unsettled ON sync_run (id) WHERE settled = 0;
