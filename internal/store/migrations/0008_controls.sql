-- Frameworks with their requirements, controls, and what is mapped to what.
-- shipped is the digest of the shipped content that was installed last, NULL for
-- a framework of the workspace's own. edited = 1 keeps a newer shipped version
-- from replacing what people wrote.
CREATE TABLE framework (
  id {{id}},
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  slug TEXT NOT NULL,
  tag TEXT NOT NULL,
  name TEXT NOT NULL,
  short_name TEXT NOT NULL,
  pill TEXT NOT NULL,
  description TEXT NOT NULL,
  color TEXT NOT NULL,
  bg_color TEXT NOT NULL,
  source TEXT,
  licence TEXT,
  shipped TEXT,
  enabled BIGINT NOT NULL,
  edited BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX framework_by_slug ON framework (workspace_id, slug);
CREATE UNIQUE INDEX framework_by_name ON framework (workspace_id, name);

CREATE TABLE requirement (
  id {{id}},
  framework_id BIGINT NOT NULL REFERENCES framework (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  category TEXT,
  additional_info TEXT,
  in_scope BIGINT NOT NULL,
  rationale TEXT,
  edited BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX requirement_by_code ON requirement (framework_id, code);
CREATE INDEX requirement_created ON requirement (framework_id, created_at, id);
CREATE INDEX requirement_updated ON requirement (framework_id, updated_at, id);

-- archived_at: out of scope since then. template_id is the number of the shipped
-- control that it was made from.
CREATE TABLE control (
  id {{id}},
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  code TEXT NOT NULL,
  slug TEXT,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  question TEXT,
  activity TEXT,
  rationale TEXT,
  template_id BIGINT,
  edited BIGINT NOT NULL,
  archived_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX control_by_code ON control (workspace_id, code);
CREATE UNIQUE INDEX control_by_template ON control (workspace_id, template_id) WHERE template_id IS NOT NULL;
CREATE INDEX control_created ON control (workspace_id, created_at, id);
CREATE INDEX control_updated ON control (workspace_id, updated_at, id);

CREATE TABLE control_requirement (
  control_id BIGINT NOT NULL REFERENCES control (id),
  requirement_id BIGINT NOT NULL REFERENCES requirement (id),
  PRIMARY KEY (control_id, requirement_id)
);
CREATE INDEX control_requirement_back ON control_requirement (requirement_id, control_id);

-- What the shipped content maps. A pair that is here and not in
-- control_requirement was taken out by somebody and does not come back by itself.
CREATE TABLE shipped_mapping (
  control_id BIGINT NOT NULL REFERENCES control (id),
  requirement_id BIGINT NOT NULL REFERENCES requirement (id),
  PRIMARY KEY (control_id, requirement_id)
);
CREATE INDEX shipped_mapping_back ON shipped_mapping (requirement_id);

CREATE TABLE control_test (
  control_id BIGINT NOT NULL REFERENCES control (id),
  test_id BIGINT NOT NULL REFERENCES test (id),
  PRIMARY KEY (control_id, test_id)
);
CREATE INDEX control_test_back ON control_test (test_id, control_id);

CREATE TABLE control_note (
  id {{id}},
  control_id BIGINT NOT NULL REFERENCES control (id),
  comment TEXT NOT NULL,
  key_id BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX control_note_created ON control_note (control_id, created_at, id);
CREATE INDEX control_note_updated ON control_note (control_id, updated_at, id);
