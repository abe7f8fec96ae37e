-- For whom a status update was: it is taken back from the same people.
CREATE TABLE status_audiences (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wa_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    audience TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, wa_id)
);
CREATE INDEX status_audiences_created ON status_audiences (created_at);
