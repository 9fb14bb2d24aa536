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

-- Lists are narrowed and counted along an index of what kind things are: assets by
-- their classes too, a bit for each in the order of asset.ClassTypes.
ALTER TABLE asset ADD COLUMN classes BIGINT NOT NULL DEFAULT 0;
UPDATE asset SET classes = COALESCE((SELECT sum(CASE k.class WHEN 'HARDWARE' THEN 1 WHEN 'POLICY' THEN 2 WHEN 'DOCUMENT' THEN 4 WHEN 'PERSONNEL' THEN 8
  WHEN 'SOFTWARE' THEN 16 WHEN 'CODE' THEN 32 WHEN 'CONTAINER' THEN 64 WHEN 'COMPUTE' THEN 128 WHEN 'NETWORKING' THEN 256 WHEN 'DATABASE' THEN 512
  WHEN 'STORAGE' THEN 1024 ELSE 0 END) FROM asset_class k WHERE k.asset_id = asset.id), 0);
CREATE INDEX asset_kinds ON asset (asset_type, provider, owner_status, classes, removed_at, device_id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX device_kinds ON device (connection_id, source, platform, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX device_asset ON device (asset_id) WHERE deleted_at IS NULL;
DROP INDEX device_person;
CREATE INDEX device_person ON device (person_id, deleted_at, source, id);
CREATE INDEX app_user_names ON app_user (first_key, last_key, email_key, deleted_at) WHERE deleted_at IS NULL;

-- How people stand also says whether they follow an HRIS identity: filters and
-- counts ask for both. It is read by what is asked for, and in the order of people.
ALTER TABLE person_compliance ADD COLUMN synced BIGINT NOT NULL DEFAULT 0;
UPDATE person_compliance SET synced = 1 WHERE person_id IN (SELECT id FROM personnel WHERE identity_id IS NOT NULL);
DROP INDEX person_compliance_counts;
DROP INDEX person_compliance_status;
CREATE INDEX person_compliance_counts ON person_compliance (employment, status, synced, passing, since, until, person_id);
CREATE INDEX person_compliance_people ON person_compliance (person_id, since, until, employment, status, synced, passing);
