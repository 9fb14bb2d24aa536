-- Who wrote what, beside the API key.
ALTER TABLE api_key ADD COLUMN user_id BIGINT;
CREATE INDEX api_key_user ON api_key (user_id, id) WHERE user_id IS NOT NULL;
ALTER TABLE condition ADD COLUMN user_id BIGINT;
ALTER TABLE run ADD COLUMN user_id BIGINT;
ALTER TABLE schema_version ADD COLUMN user_id BIGINT;
