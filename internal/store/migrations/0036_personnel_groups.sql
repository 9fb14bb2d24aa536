-- Groups of people. Who belongs to one stands in personnel_group_member, also by
-- its rule: it is brought up to date with whatever the rule looks at.
CREATE TABLE personnel_group (
  id {{id}},
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  external_id TEXT,
  rule TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE TABLE personnel_group_member (
  group_id BIGINT NOT NULL REFERENCES personnel_group (id),
  person_id BIGINT NOT NULL REFERENCES personnel (id),
  PRIMARY KEY (group_id, person_id)
);
CREATE INDEX personnel_group_member_person ON personnel_group_member (person_id, group_id);

-- The groups of the personnel scope of a workspace. None: everybody is in scope.
CREATE TABLE workspace_personnel_group (
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  group_id BIGINT NOT NULL REFERENCES personnel_group (id),
  PRIMARY KEY (workspace_id, group_id)
);
