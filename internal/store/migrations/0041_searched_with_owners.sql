-- Devices are found by their owners too: as these are searched by, for one read of
-- one narrow table.
ALTER TABLE device_search ADD COLUMN owner_key TEXT NOT NULL DEFAULT '';
UPDATE device_search SET owner_key = (SELECT p.search_key FROM device d JOIN personnel p ON p.id = d.person_id WHERE d.id = device_id);
