-- Flips are looked for by resource: those of a resource whose tests are all
-- disabled stay due for ever and must not be walked over each second.

DROP INDEX verdict_flip;
CREATE INDEX verdict_flip ON verdict (resource_id, next_flip) WHERE next_flip IS NOT NULL;
