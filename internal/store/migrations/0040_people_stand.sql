-- How people stand now is in their own row, until a moment, and as often as they
-- belong to a group: it is counted along an index with one entry for each. What
-- comes after that moment stays in person_compliance. A standing has the checks that
-- pass in its first bits, from 65536 on FULL_COMPLIANCE, at 1048576 whether an
-- identity is followed, and from 16777216 on the employment status.
ALTER TABLE personnel ADD COLUMN standing BIGINT NOT NULL DEFAULT 0;
ALTER TABLE personnel ADD COLUMN stands_until BIGINT NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE person_compliance ADD COLUMN standing BIGINT NOT NULL DEFAULT 0;
UPDATE person_compliance SET standing = passing + 65536 * CASE status WHEN 'FAIL' THEN 1 WHEN 'MISCONFIGURED' THEN 2 ELSE 3 END;
UPDATE personnel SET
  standing = 16777216 * CASE status WHEN 'CURRENT_EMPLOYEE' THEN 1 WHEN 'FORMER_EMPLOYEE' THEN 2 WHEN 'CURRENT_CONTRACTOR' THEN 3 WHEN 'FORMER_CONTRACTOR' THEN 4
    WHEN 'OUT_OF_SCOPE' THEN 5 WHEN 'UNKNOWN' THEN 6 WHEN 'SPECIAL_FORMER_EMPLOYEE' THEN 7 WHEN 'SPECIAL_FORMER_CONTRACTOR' THEN 8 WHEN 'FUTURE_HIRE' THEN 9
    WHEN 'SERVICE_ACCOUNT' THEN 10 ELSE 0 END
    + CASE WHEN identity_id IS NULL THEN 0 ELSE 1048576 END
    + COALESCE((SELECT c.standing FROM person_compliance c WHERE c.person_id = personnel.id AND c.since < -9000000000000000000), 0),
  stands_until = COALESCE((SELECT c.until FROM person_compliance c WHERE c.person_id = personnel.id AND c.since < -9000000000000000000), 9223372036854775807);
DELETE FROM person_compliance WHERE since < -9000000000000000000;
DROP INDEX person_compliance_counts;
DROP INDEX person_compliance_people;
ALTER TABLE person_compliance DROP COLUMN employment;
ALTER TABLE person_compliance DROP COLUMN synced;
ALTER TABLE person_compliance DROP COLUMN status;
ALTER TABLE person_compliance DROP COLUMN passing;
CREATE INDEX personnel_standing ON personnel (standing, stands_until, id);
CREATE INDEX personnel_search ON personnel (search_key, standing, stands_until);
CREATE INDEX personnel_people ON personnel (id, standing, stands_until);
CREATE INDEX personnel_stands_until ON personnel (stands_until, id);
ALTER TABLE personnel_group_member ADD COLUMN standing BIGINT NOT NULL DEFAULT 0;
UPDATE personnel_group_member SET standing = (SELECT p.standing FROM personnel p WHERE p.id = person_id);
CREATE INDEX personnel_group_member_standing ON personnel_group_member (group_id, standing, person_id);

-- A search by name reads the names and what is searched along one index: those who
-- are found may all stand at its end. PostgreSQL has no room there for the widest.
DROP INDEX personnel_name;
DROP INDEX personnel_created;
CREATE INDEX personnel_name ON personnel ((lower(name_key)), id{{searched}});
CREATE INDEX personnel_created ON personnel (created_at, id{{searched}});
DROP INDEX asset_name;
DROP INDEX asset_created;
CREATE INDEX asset_name ON asset ((lower(name)), id{{searched}}) WHERE deleted_at IS NULL;
CREATE INDEX asset_created ON asset (created_at, id{{searched}}) WHERE deleted_at IS NULL;
