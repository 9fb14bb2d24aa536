-- Files, each once by its content, in pieces that are read one by one.
CREATE TABLE blob (
  id {{id}},
  hash {{bytes}} NOT NULL UNIQUE,
  size BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE blob_piece (
  blob_id BIGINT NOT NULL REFERENCES blob (id),
  position BIGINT NOT NULL,
  content {{bytes}} NOT NULL,
  PRIMARY KEY (blob_id, position)
);

-- Documents of devices, and of people: those have no device.
CREATE TABLE document (
  id {{id}},
  person_id BIGINT NOT NULL REFERENCES personnel (id),
  device_id BIGINT REFERENCES device (id),
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  blob_id BIGINT NOT NULL REFERENCES blob (id),
  created_by BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX document_person ON document (person_id, id);
CREATE INDEX document_device ON document (device_id, id);
CREATE INDEX document_blob ON document (blob_id);
