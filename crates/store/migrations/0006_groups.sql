-- Groups and communities that a number is or was in. What is shown but never
-- filtered by stands in doc.
CREATE TABLE groups (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    role TEXT,
    doc TEXT NOT NULL,
    synced_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, wid)
);
CREATE INDEX groups_name ON groups (device_id, name, wid);

CREATE TABLE group_participants (
    device_id TEXT NOT NULL REFERENCES devices (id),
    chat TEXT NOT NULL,
    wid TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    lid TEXT,
    role TEXT NOT NULL,
    joined_at BIGINT,
    synced_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, chat, wid)
);
CREATE INDEX group_participants_lid ON group_participants (device_id, lid);

-- When all groups of a number were last compared with WhatsApp.
CREATE TABLE group_syncs (
    device_id TEXT PRIMARY KEY REFERENCES devices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    wid TEXT NOT NULL,
    synced_at BIGINT NOT NULL
);
