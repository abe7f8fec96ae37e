-- What WhatsApp shows of a number, its name apart, which stands in devices.
CREATE TABLE profiles (
    device_id TEXT PRIMARY KEY REFERENCES devices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    wid TEXT NOT NULL,
    doc TEXT NOT NULL,
    picture_id TEXT,
    picture {blob},
    synced_at BIGINT NOT NULL
);

-- Catalogs of businesses as they were last seen, the number's own among them.
CREATE TABLE catalogs (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    products BIGINT NOT NULL,
    synced_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, wid)
);

CREATE TABLE catalog_products (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    position BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    doc TEXT NOT NULL,
    PRIMARY KEY (device_id, wid, position)
);
