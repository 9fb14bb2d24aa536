-- What devices that are not deleted are searched by stands by itself: their rows
-- are wide, and a search reads across it.
CREATE TABLE device_search (
  device_id {{key}} REFERENCES device (id),
  search_key TEXT NOT NULL
);
INSERT INTO device_search (device_id, search_key) SELECT id, search_key FROM device WHERE deleted_at IS NULL;
ALTER TABLE device DROP COLUMN search_key;

-- People are counted by their status, too, which is as in personnel.
ALTER TABLE person_compliance ADD COLUMN employment TEXT NOT NULL DEFAULT '';
UPDATE person_compliance SET employment = (SELECT p.status FROM personnel p WHERE p.id = person_id);
CREATE INDEX person_compliance_counts ON person_compliance (employment, status, passing, since, until);
CREATE INDEX personnel_by_hand ON personnel (manual_status, manual_dates, id) WHERE manual_status = 1 OR manual_dates = 1;

-- Devices are counted in this order.
DROP INDEX device_compliance_status;
CREATE INDEX device_compliance_counts ON device_compliance (status, failing, unknown, stale, since, until, device_id);
