-- The devices of a person, deleted ones too: how they stand is made anew with each
-- report.
DROP INDEX device_person;
CREATE INDEX device_person ON device (person_id, deleted_at, id);
