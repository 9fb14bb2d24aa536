-- People whom a mail channel reaches at the address that they have. target of
-- such a delivery names the person; address is where it was sent last.
CREATE TABLE notification_channel_user (
  channel_id BIGINT NOT NULL REFERENCES notification_channel (id),
  position BIGINT NOT NULL,
  user_id BIGINT NOT NULL REFERENCES app_user (id),
  PRIMARY KEY (channel_id, position)
);
CREATE INDEX notification_channel_user_back ON notification_channel_user (user_id);
ALTER TABLE notification_delivery ADD COLUMN user_id BIGINT;
ALTER TABLE notification_delivery ADD COLUMN address TEXT;
ALTER TABLE notification_entry ADD COLUMN test_id BIGINT;
