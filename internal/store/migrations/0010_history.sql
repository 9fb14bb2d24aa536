-- What records were at a past moment: a version that was closed later is sought
-- among those of its resource.
CREATE INDEX record_version_closed ON record_version (resource_id, valid_to);
