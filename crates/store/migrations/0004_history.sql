-- Parts of phones' histories that are not read yet, as they arrived. `done`
-- counts the chats of a part that are written.
CREATE TABLE history_parts (
    seq {serial},
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    kind TEXT NOT NULL,
    place BIGINT,
    progress BIGINT,
    request TEXT,
    packed {blob} NOT NULL,
    done BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX history_parts_device ON history_parts (device_id, seq);
