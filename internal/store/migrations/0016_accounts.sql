-- Accounts as the records of a resource tell of them. watermark_seq and
-- watermark_id are the change up to which they are taken out; building is 1 while
-- all records are read, build_after the last one that was, build_from the change
-- at the beginning. moved counts what the next event will tell.
CREATE TABLE account_mapping (
  resource_id BIGINT PRIMARY KEY REFERENCES resource (id),
  body TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  watermark_seq BIGINT NOT NULL,
  watermark_id BIGINT NOT NULL,
  building BIGINT NOT NULL,
  build_after BIGINT NOT NULL,
  build_from BIGINT NOT NULL,
  moved_added BIGINT NOT NULL,
  moved_changed BIGINT NOT NULL,
  moved_removed BIGINT NOT NULL,
  key_id BIGINT,
  user_id BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- facts is what the record tells, decided what people do; the columns beside them
-- are what lists filter and order by. search is the folded name, address and display
-- name, so that it is in the order of names, and holds a search by itself. link is how
-- the account came to its person: AUTO by equal addresses, or MANUAL.
CREATE TABLE account (
  id {{id}},
  resource_id BIGINT NOT NULL REFERENCES resource (id),
  record_key TEXT NOT NULL,
  facts TEXT NOT NULL,
  search {{bytes}} NOT NULL,
  email_key TEXT,
  active BIGINT,
  mfa BIGINT,
  last_active_at BIGINT NOT NULL,
  removed_at BIGINT,
  link TEXT,
  user_id BIGINT REFERENCES app_user (id),
  person_email TEXT,
  person_key TEXT,
  service BIGINT NOT NULL,
  out_of_scope BIGINT NOT NULL,
  evidence_at BIGINT,
  decided TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_by_key ON account (resource_id, record_key);
CREATE INDEX account_by_name ON account (resource_id, search, id);
CREATE INDEX account_created ON account (resource_id, created_at, id);
CREATE INDEX account_updated ON account (resource_id, updated_at, id);
CREATE INDEX account_seen ON account (resource_id, last_active_at, id);
CREATE INDEX account_counts ON account (resource_id, removed_at, active, mfa, link, user_id, service, out_of_scope);
CREATE INDEX account_email ON account (email_key);
CREATE INDEX account_person ON account (person_key);
CREATE INDEX account_user ON account (user_id);

CREATE TABLE access_review (
  id {{id}},
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  name TEXT NOT NULL,
  filter TEXT NOT NULL,
  due_at BIGINT,
  key_id BIGINT,
  user_id BIGINT,
  signed_off_at BIGINT,
  signed_note TEXT,
  signed_key_id BIGINT,
  signed_user_id BIGINT,
  overdue_told BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX access_review_created ON access_review (workspace_id, created_at, id);
CREATE INDEX access_review_updated ON access_review (workspace_id, updated_at, id);
CREATE INDEX access_review_due ON access_review (due_at) WHERE signed_off_at IS NULL AND overdue_told = 0;

CREATE TABLE access_reviewer (
  review_id BIGINT NOT NULL REFERENCES access_review (id),
  user_id BIGINT NOT NULL REFERENCES app_user (id),
  PRIMARY KEY (review_id, user_id)
);

-- Accounts as they were when the review began, in the order of their names.
CREATE TABLE access_review_item (
  id {{id}},
  review_id BIGINT NOT NULL REFERENCES access_review (id),
  account_id BIGINT NOT NULL,
  connection_id BIGINT NOT NULL,
  connection_name TEXT NOT NULL,
  resource_id BIGINT NOT NULL,
  resource_name TEXT NOT NULL,
  record_key TEXT NOT NULL,
  facts TEXT NOT NULL,
  search {{bytes}} NOT NULL,
  decided TEXT NOT NULL,
  link TEXT,
  person_id BIGINT,
  person_email TEXT,
  person_name TEXT,
  person_gone BIGINT NOT NULL,
  decision TEXT NOT NULL,
  note TEXT,
  key_id BIGINT,
  user_id BIGINT,
  decided_at BIGINT
);
CREATE INDEX access_review_item_order ON access_review_item (review_id, id);
CREATE INDEX access_review_item_decision ON access_review_item (review_id, decision, id);
CREATE INDEX access_review_item_account ON access_review_item (account_id);
