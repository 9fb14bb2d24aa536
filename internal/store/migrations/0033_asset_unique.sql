-- An asset that is restored must not come back beside another with its unique id.
CREATE INDEX asset_unique ON asset (unique_id) WHERE deleted_at IS NULL;
