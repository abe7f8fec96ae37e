-- Channels that a number runs or follows. What is shown but never filtered by
-- stands in doc.
CREATE TABLE channels (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    doc TEXT NOT NULL,
    synced_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, wid)
);
CREATE INDEX channels_name ON channels (device_id, name, wid);

-- When all channels of a number were last compared with WhatsApp.
CREATE TABLE channel_syncs (
    device_id TEXT PRIMARY KEY REFERENCES devices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    wid TEXT NOT NULL,
    synced_at BIGINT NOT NULL
);
