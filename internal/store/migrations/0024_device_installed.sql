-- What is installed on a device stands by itself: it is large, and whoever
-- searches for devices would have to read across it.
CREATE TABLE device_installed (
  device_id BIGINT PRIMARY KEY REFERENCES device (id),
  installed TEXT NOT NULL
);
INSERT INTO device_installed (device_id, installed) SELECT id, installed FROM device;
ALTER TABLE device DROP COLUMN installed;
