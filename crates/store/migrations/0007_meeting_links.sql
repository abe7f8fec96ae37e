-- Links to calls that were made here. WhatsApp keeps no list of them.
CREATE TABLE meeting_links (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    token TEXT NOT NULL,
    message TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX meeting_links_device ON meeting_links (device_id, created_at);
CREATE INDEX meeting_links_ending ON meeting_links (expires_at);
