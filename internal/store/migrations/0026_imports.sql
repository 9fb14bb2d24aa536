-- Assets are recognised by external id when a file of them is imported.
CREATE INDEX asset_external ON asset (external_id) WHERE deleted_at IS NULL;
