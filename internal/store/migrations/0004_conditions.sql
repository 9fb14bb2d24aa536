-- A named condition of a workspace, see rule.Conditions.
CREATE TABLE condition (
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  name TEXT NOT NULL,
  logic TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  key_id BIGINT,
  PRIMARY KEY (workspace_id, name)
);

-- Counts the changes of a workspace's conditions: a test that was compiled with
-- other ones than those in force must not be stored.
ALTER TABLE workspace ADD COLUMN conditions_revision BIGINT NOT NULL DEFAULT 1;

-- The logic with nothing in it that a name could change: conditions expanded,
-- resources by id. NULL: the logic itself.
ALTER TABLE test_version ADD COLUMN pinned TEXT;
