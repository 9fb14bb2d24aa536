-- A group that is over is marked; what it leaves is swept afterwards. ended_why
-- is the reason for which its open findings close; without one the group was
-- never in force, and they are deleted.
ALTER TABLE test_group ADD COLUMN ended_at BIGINT;
ALTER TABLE test_group ADD COLUMN ended_why TEXT;
ALTER TABLE test_group ADD COLUMN unswept BIGINT NOT NULL DEFAULT 0;
CREATE INDEX test_group_unswept ON test_group (id) WHERE unswept = 1;
