-- Backups that are being taken: while there is one, no bytes of a blob are removed.
CREATE TABLE blob_holds (
    id TEXT PRIMARY KEY,
    ends_at BIGINT NOT NULL
);
