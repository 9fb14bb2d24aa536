-- What lists are ordered by stands where the order is an index.

-- Of people, what their device is that was reported last.
ALTER TABLE personnel ADD COLUMN device_system TEXT NOT NULL DEFAULT '';
ALTER TABLE personnel ADD COLUMN device_serial TEXT NOT NULL DEFAULT '';
ALTER TABLE personnel ADD COLUMN device_apps BIGINT NOT NULL DEFAULT 0;
UPDATE personnel SET
  device_system = COALESCE((SELECT lower(d.platform || ' ' || d.platform_version) FROM device d WHERE d.person_id = personnel.id AND d.deleted_at IS NULL ORDER BY d.checked_at DESC, d.id DESC LIMIT 1), ''),
  device_serial = COALESCE((SELECT lower(d.serial_number) FROM device d WHERE d.person_id = personnel.id AND d.deleted_at IS NULL ORDER BY d.checked_at DESC, d.id DESC LIMIT 1), ''),
  device_apps = COALESCE((SELECT d.apps_count FROM device d WHERE d.person_id = personnel.id AND d.deleted_at IS NULL ORDER BY d.checked_at DESC, d.id DESC LIMIT 1), 0);
CREATE INDEX personnel_device_system ON personnel (device_system, id);
CREATE INDEX personnel_device_serial ON personnel (device_serial, id);
CREATE INDEX personnel_device_apps ON personnel (device_apps, id);

-- Of assets, what their owner is called, and the owner's employment status.
ALTER TABLE asset ADD COLUMN owner_key TEXT NOT NULL DEFAULT '';
ALTER TABLE asset ADD COLUMN owner_status TEXT NOT NULL DEFAULT '';
UPDATE asset SET
  owner_key = COALESCE((SELECT COALESCE(NULLIF(trim(u.first_key || ' ' || u.last_key), ''), u.email_key) FROM app_user u WHERE u.id = asset.owner_id), ''),
  owner_status = COALESCE((SELECT p.status FROM personnel p WHERE p.user_id = asset.owner_id), '');
CREATE INDEX asset_owner_key ON asset (owner_key, id) WHERE deleted_at IS NULL;
CREATE INDEX asset_owner_status ON asset (owner_status, id) WHERE deleted_at IS NULL;
CREATE INDEX asset_description ON asset ((lower(description)), id) WHERE deleted_at IS NULL;

-- How people stand also says whether they follow an HRIS identity: filters and
-- counts ask for both. It is read by what is asked for, and in the order of people.
ALTER TABLE person_compliance ADD COLUMN synced BIGINT NOT NULL DEFAULT 0;
UPDATE person_compliance SET synced = 1 WHERE person_id IN (SELECT id FROM personnel WHERE identity_id IS NOT NULL);
DROP INDEX person_compliance_counts;
DROP INDEX person_compliance_status;
CREATE INDEX person_compliance_counts ON person_compliance (employment, status, synced, passing, since, until, person_id);
CREATE INDEX person_compliance_people ON person_compliance (person_id, since, until, employment, status, synced, passing);
