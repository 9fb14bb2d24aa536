-- Things that the organisation answers for, and devices that MDM connections
-- report. Each device has an asset; a device's number is that of no person.
CREATE TABLE asset (
  id {{id}},
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  notes TEXT,
  asset_type TEXT NOT NULL,
  provider TEXT NOT NULL,
  reference TEXT NOT NULL,
  removed_at BIGINT,
  external_id TEXT,
  external_owner_id TEXT,
  unique_id TEXT,
  owner_id BIGINT NOT NULL REFERENCES app_user (id),
  device_id BIGINT,
  search_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX asset_created ON asset (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX asset_updated ON asset (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX asset_name ON asset ((lower(name)), id) WHERE deleted_at IS NULL;
CREATE INDEX asset_owner ON asset (owner_id, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX asset_device ON asset (device_id) WHERE device_id IS NOT NULL;

CREATE TABLE asset_class (
  id {{id}},
  asset_id BIGINT NOT NULL REFERENCES asset (id),
  class TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (asset_id, class)
);

CREATE TABLE device (
  id {{key}},
  connection_id BIGINT NOT NULL REFERENCES connection (id),
  asset_id BIGINT NOT NULL REFERENCES asset (id),
  person_id BIGINT NOT NULL REFERENCES personnel (id),
  platform TEXT NOT NULL,
  platform_version TEXT NOT NULL,
  alias TEXT,
  model TEXT,
  serial_number TEXT,
  mac_address TEXT,
  external_id TEXT,
  source TEXT NOT NULL,
  posture TEXT NOT NULL,
  installed TEXT NOT NULL,
  screen_lock_time TEXT,
  apps_count BIGINT NOT NULL,
  search_key TEXT NOT NULL,
  checked_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX device_created ON device (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX device_updated ON device (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX device_person ON device (person_id, id) WHERE deleted_at IS NULL;
CREATE INDEX device_connection ON device (connection_id, id) WHERE deleted_at IS NULL;

-- What devices that are not deleted are recognised by.
CREATE TABLE device_identifier (
  id {{id}},
  device_id BIGINT NOT NULL REFERENCES device (id),
  type TEXT NOT NULL,
  identifier TEXT NOT NULL,
  identifier_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (type, identifier_key)
);
CREATE INDEX device_identifier_device ON device_identifier (device_id, id);
