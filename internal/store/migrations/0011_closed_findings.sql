-- The open findings of a group have finding_open. An index that holds them too
-- costs each change of a finding, and a planner may take it for the lookup of one.

DROP INDEX finding_by_group;
CREATE INDEX finding_closed ON finding (group_id) WHERE closed_at IS NOT NULL;
