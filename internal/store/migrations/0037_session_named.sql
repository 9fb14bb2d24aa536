-- In v1 a session is asked for by its id alone.
CREATE INDEX session_named ON session (session_id);
