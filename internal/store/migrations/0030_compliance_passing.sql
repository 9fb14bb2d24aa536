-- Which checks of a person pass in the stretch, a bit for each; made anew at the
-- next start.
ALTER TABLE person_compliance ADD COLUMN passing BIGINT NOT NULL DEFAULT 0;
