-- Where messages go. settings is JSON without a secret; sealed is of
-- secret.Box.
CREATE TABLE notification_channel (
  id {{id}},
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  settings TEXT NOT NULL,
  sealed {{bytes}},
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notification_channel_name ON notification_channel (workspace_id, name);

CREATE TABLE notification_rule (
  id {{id}},
  workspace_id BIGINT NOT NULL REFERENCES workspace (id),
  name TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  mode TEXT NOT NULL,
  spec TEXT NOT NULL,
  next_digest_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notification_rule_name ON notification_rule (workspace_id, name);
CREATE INDEX notification_rule_digest ON notification_rule (next_digest_at) WHERE next_digest_at IS NOT NULL;

CREATE TABLE notification_rule_channel (
  rule_id BIGINT NOT NULL REFERENCES notification_rule (id),
  position BIGINT NOT NULL,
  channel_id BIGINT NOT NULL REFERENCES notification_channel (id),
  PRIMARY KEY (rule_id, position)
);
CREATE INDEX notification_rule_channel_channel ON notification_rule_channel (channel_id);

-- Events that concern somebody, written in the transaction of the event. The
-- changes of one subject may cancel one another out; '' stands for itself.
CREATE TABLE notification_queue (
  id {{id}},
  workspace_id BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX notification_queue_at ON notification_queue (at, id);
CREATE INDEX notification_queue_subject ON notification_queue (workspace_id, subject, id);

-- What waits for the next digest of a rule.
CREATE TABLE notification_entry (
  id {{id}},
  rule_id BIGINT NOT NULL REFERENCES notification_rule (id),
  topic TEXT NOT NULL,
  signal TEXT NOT NULL
);
CREATE INDEX notification_entry_rule ON notification_entry (rule_id, id);

-- One message on its way to one target of a channel; dedupe names what is told.
-- A claim moves next_at on and counts an attempt.
CREATE TABLE notification_delivery (
  id {{id}},
  uid TEXT NOT NULL,
  workspace_id BIGINT NOT NULL,
  channel_id BIGINT NOT NULL,
  channel_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  dedupe TEXT NOT NULL,
  subject TEXT NOT NULL,
  notice TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE UNIQUE INDEX notification_delivery_once ON notification_delivery (channel_id, target, dedupe);
CREATE INDEX notification_delivery_due ON notification_delivery (next_at, id) WHERE status = 'PENDING';
CREATE INDEX notification_delivery_workspace ON notification_delivery (workspace_id, id);
CREATE INDEX notification_delivery_finished ON notification_delivery (finished_at) WHERE finished_at IS NOT NULL;
