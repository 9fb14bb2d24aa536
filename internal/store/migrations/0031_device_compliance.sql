-- How devices stand, from a moment up to another one, if nothing else is
-- reported or documented; made anew with person_compliance. failing and unknown
-- have a bit for each check, in their order.
CREATE TABLE device_compliance (
  device_id BIGINT NOT NULL REFERENCES device (id),
  status TEXT NOT NULL,
  failing BIGINT NOT NULL,
  unknown BIGINT NOT NULL,
  stale BIGINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (device_id, since)
);
CREATE INDEX device_compliance_status ON device_compliance (status, device_id, since, until, failing, unknown, stale);
