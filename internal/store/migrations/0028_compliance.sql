-- How people stand as a whole, from a moment up to another one, if nothing else
-- is reported or documented; made anew with whatever it follows from.
CREATE TABLE person_compliance (
  person_id BIGINT NOT NULL REFERENCES personnel (id),
  status TEXT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (person_id, since)
);
CREATE INDEX person_compliance_status ON person_compliance (status, since, until, person_id);

-- The edition of the rules by which it was made; 0: not at all.
CREATE TABLE compliance_edition (
  id BIGINT PRIMARY KEY,
  edition BIGINT NOT NULL
);
INSERT INTO compliance_edition (id, edition) VALUES (1, 0);
