-- Events by type and by category. Those of pushes outnumber all others: they are
-- found in the order of time, and cost nothing here.
CREATE INDEX event_type ON event (type, created_at, seq) WHERE type NOT IN ('CUSTOM_RESOURCE_RECORD_CREATED', 'CUSTOM_RESOURCE_RECORD_UPDATED', 'CUSTOM_RESOURCE_RECORD_REMOVED', 'CUSTOM_DATA_SESSION_UPLOADED');
CREATE INDEX event_category ON event (category, created_at, seq) WHERE type NOT IN ('CUSTOM_RESOURCE_RECORD_CREATED', 'CUSTOM_RESOURCE_RECORD_UPDATED', 'CUSTOM_RESOURCE_RECORD_REMOVED', 'CUSTOM_DATA_SESSION_UPLOADED');
