-- Asked both ways: who stands so, and how a person stands.
DROP INDEX person_compliance_status;
CREATE INDEX person_compliance_status ON person_compliance (status, person_id, since, until);
