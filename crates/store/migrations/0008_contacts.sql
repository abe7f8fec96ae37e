-- The people a number knows, and the groups and channels it has heard of. Those known so far keep what was known of them;
-- searches find them by their words as soon as one of their names changes.
ALTER TABLE contacts RENAME TO contacts_before;
DROP INDEX contacts_lid;
CREATE TABLE contacts (
    seq {serial},
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    lid TEXT,
    phone TEXT,
    country TEXT,
    -- What WhatsApp knows.
    name TEXT,
    short_name TEXT,
    push_name TEXT,
    verified_name TEXT,
    business TEXT,
    about TEXT,
    picture_id TEXT,
    blocked BIGINT NOT NULL,
    -- What people have added.
    fields TEXT NOT NULL,
    email TEXT,
    metadata TEXT NOT NULL,
    source TEXT NOT NULL,
    created_by TEXT,
    updated_by TEXT,
    -- What lists are sorted by.
    sort_name TEXT NOT NULL,
    -- Whether the phone's address book has still to be written.
    book_due BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    synced_at BIGINT,
    UNIQUE (device_id, wid)
);
INSERT INTO contacts (device_id, wid, account_id, kind, category, lid, phone, name, push_name, blocked, fields, metadata,
    source, sort_name, book_due, created_at, updated_at)
SELECT device_id, wid, account_id, CASE WHEN phone IS NULL THEN 'private' ELSE 'user' END, 'personal', lid, phone, name,
    push_name, 0, '{}', metadata, 'chat', SUBSTR(LOWER(COALESCE(name, push_name, phone, wid)), 1, 60), 0, created_at, updated_at
FROM contacts_before;
DROP TABLE contacts_before;
CREATE INDEX contacts_lid ON contacts (device_id, lid);
CREATE INDEX contacts_name ON contacts (device_id, sort_name, seq);
CREATE INDEX contacts_created ON contacts (device_id, created_at, seq);
CREATE INDEX contacts_updated ON contacts (device_id, updated_at, seq);
CREATE INDEX contacts_country ON contacts (device_id, country, sort_name, seq);
CREATE INDEX contacts_kind ON contacts (device_id, kind, sort_name, seq);
CREATE INDEX contacts_category ON contacts (device_id, category, sort_name, seq);
CREATE INDEX contacts_email ON contacts (device_id, sort_name, seq) WHERE email IS NOT NULL;
CREATE INDEX contacts_book_due ON contacts (device_id) WHERE book_due = 1;
CREATE INDEX contacts_blocked ON contacts (device_id) WHERE blocked = 1;

-- Words of contacts, as those of messages are kept.
CREATE TABLE contact_words (
    device_id TEXT NOT NULL REFERENCES devices (id),
    word {blob} NOT NULL,
    contact BIGINT NOT NULL,
    PRIMARY KEY (device_id, word, contact)
){without_rowid};
CREATE INDEX contact_words_contact ON contact_words (contact);

-- Metadata once more, to be found by; values up to what indexes take.
CREATE TABLE contact_metadata (
    contact BIGINT NOT NULL,
    key TEXT NOT NULL,
    device_id TEXT NOT NULL REFERENCES devices (id),
    value TEXT NOT NULL,
    PRIMARY KEY (contact, key)
){without_rowid};
CREATE INDEX contact_metadata_key ON contact_metadata (device_id, key, value);
CREATE INDEX contact_metadata_value ON contact_metadata (device_id, value);

-- Small pictures of people, fetched when they are looked at.
CREATE TABLE contact_pictures (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    picture_id TEXT,
    jpeg {blob},
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, wid)
);
CREATE INDEX contact_pictures_age ON contact_pictures (fetched_at);

-- Labels of a number's chats: ours, and WhatsApp Business' own.
CREATE TABLE labels (
    device_id TEXT NOT NULL REFERENCES devices (id),
    name_key TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    wa_id TEXT,
    color TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, name_key)
);
CREATE INDEX labels_wa ON labels (device_id, wa_id);
