-- Orders that lists of v1 have.
CREATE INDEX personnel_status ON personnel (status, id);
CREATE INDEX personnel_separated ON personnel ((COALESCE(separated_at, 0)), id);
CREATE INDEX asset_type ON asset (asset_type, id) WHERE deleted_at IS NULL;
CREATE INDEX asset_provider ON asset (provider, id) WHERE deleted_at IS NULL;
CREATE INDEX asset_removed ON asset ((COALESCE(removed_at, 0)), id) WHERE deleted_at IS NULL;
