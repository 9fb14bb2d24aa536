-- Which language model is asked, in one row once somebody said it, and how many
-- requests there were since window_at. sealed is of secret.Box.
CREATE TABLE ai_provider (
  id BIGINT PRIMARY KEY,
  enabled BIGINT NOT NULL,
  url TEXT NOT NULL,
  model TEXT NOT NULL,
  max_tokens BIGINT NOT NULL,
  sealed {{bytes}},
  updated_at BIGINT,
  window_at BIGINT,
  asked BIGINT NOT NULL
);

-- What a model said last of a connection, and of which sync data. While
-- busy_until lies ahead, one is asked.
CREATE TABLE connection_summary (
  connection_id BIGINT PRIMARY KEY REFERENCES connection (id),
  asked_at BIGINT NOT NULL,
  busy_until BIGINT,
  hash TEXT NOT NULL,
  run_ids TEXT NOT NULL,
  runs_at BIGINT,
  body TEXT NOT NULL,
  problem TEXT NOT NULL,
  model TEXT NOT NULL,
  created_at BIGINT,
  helpful BIGINT
);
