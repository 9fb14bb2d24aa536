-- People, devices and assets as records of built-in resources (ADR 30).
ALTER TABLE resource ADD COLUMN built_in TEXT;
CREATE UNIQUE INDEX resource_built_in ON resource (built_in) WHERE built_in IS NOT NULL;

-- Objects whose records may have to change. A change is written with what brought
-- it about, and removed with the record that it led to.
CREATE TABLE directory_change (
  id {{id}},
  rank BIGINT NOT NULL,
  kind TEXT NOT NULL,
  object_id BIGINT NOT NULL,
  event_id TEXT
);
CREATE INDEX directory_change_order ON directory_change (rank, id);

-- When the record of an object changes by time alone.
CREATE TABLE directory_due (
  kind TEXT NOT NULL,
  object_id BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  PRIMARY KEY (kind, object_id)
);
CREATE INDEX directory_due_at ON directory_due (due_at);

-- When everything was compared last, and by which edition of the program.
CREATE TABLE directory_comparison (
  id BIGINT PRIMARY KEY,
  edition BIGINT NOT NULL,
  compared_at BIGINT NOT NULL
);
INSERT INTO directory_comparison (id, edition, compared_at) VALUES (1, 0, 0);

-- What became of each object. events are the ids of the events that led to it.
CREATE TABLE directory_entry (
  id {{id}},
  kind TEXT NOT NULL,
  object_id BIGINT NOT NULL,
  what TEXT NOT NULL,
  changes TEXT NOT NULL,
  events TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX directory_entry_object ON directory_entry (kind, object_id, id);
