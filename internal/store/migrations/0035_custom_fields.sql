-- Fields that an organisation defines for its assets and personnel. Those that
-- are deleted go when their values are gone.
CREATE TABLE custom_field (
  id {{id}},
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT,
  choices TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX custom_field_name ON custom_field (kind, name_key) WHERE deleted_at IS NULL;

-- object_id is an asset or a person, as the kind of the field says. value_key is
-- the value as it is looked for.
CREATE TABLE custom_field_value (
  kind TEXT NOT NULL,
  object_id BIGINT NOT NULL,
  field_id BIGINT NOT NULL REFERENCES custom_field (id),
  value TEXT NOT NULL,
  value_key TEXT NOT NULL,
  PRIMARY KEY (kind, object_id, field_id)
);
CREATE INDEX custom_field_value_field ON custom_field_value (field_id, value_key, object_id);
