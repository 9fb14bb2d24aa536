-- The connections to which a key that only reports devices is bound.
ALTER TABLE api_key ADD COLUMN connection_ids TEXT;
