-- Bytes in the blob storage. One that nobody has adopted, or that is no longer
-- wanted, has a time after which it is removed.
CREATE TABLE blobs (
    key TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    doomed_at BIGINT
);
CREATE INDEX blobs_doomed ON blobs (doomed_at) WHERE doomed_at IS NOT NULL;

CREATE TABLE files (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT REFERENCES devices (id),
    blob TEXT NOT NULL,
    sha2 TEXT NOT NULL,
    size BIGINT NOT NULL,
    mime TEXT NOT NULL,
    ext TEXT NOT NULL,
    kind TEXT NOT NULL,
    format TEXT NOT NULL,
    permission TEXT NOT NULL,
    origin TEXT NOT NULL,
    url TEXT,
    filename TEXT NOT NULL,
    reference TEXT,
    message TEXT,
    tags TEXT NOT NULL,
    meta TEXT NOT NULL,
    downloads BIGINT NOT NULL,
    deliveries BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_access_at BIGINT,
    last_delivery_at BIGINT
);
CREATE INDEX files_account ON files (account_id, created_at);
CREATE INDEX files_sha2 ON files (account_id, sha2);
CREATE INDEX files_expiry ON files (expires_at);

-- What was made of a file: its preview, and what WhatsApp is sent of it. The
-- bytes are the file's own where there is no blob.
CREATE TABLE file_copies (
    file_id TEXT NOT NULL REFERENCES files (id),
    name TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    blob TEXT,
    size BIGINT NOT NULL,
    mime TEXT NOT NULL,
    meta TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (file_id, name)
);
