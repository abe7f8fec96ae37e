-- Labels of chats, to find chats by; chats.labels has the same to show them.
CREATE TABLE chat_labels (
    device_id TEXT NOT NULL REFERENCES devices (id),
    label TEXT NOT NULL,
    chat TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (device_id, label, chat)
){without_rowid};
CREATE INDEX chat_labels_chat ON chat_labels (device_id, chat);

-- Words of chats' names and numbers, as chat_message_words are those of messages.
CREATE TABLE chat_words (
    device_id TEXT NOT NULL REFERENCES devices (id),
    word {blob} NOT NULL,
    chat TEXT NOT NULL,
    PRIMARY KEY (device_id, word, chat)
){without_rowid};

-- What was changed here and WhatsApp does not know yet: of each attribute of a
-- chat the last wish.
CREATE TABLE chat_wishes (
    device_id TEXT NOT NULL REFERENCES devices (id),
    chat TEXT NOT NULL,
    attribute TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    value TEXT NOT NULL,
    at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, chat, attribute)
);
CREATE INDEX chat_wishes_due ON chat_wishes (next_attempt_at);

-- Messages that were deleted with their chat and are taken away bit by bit.
CREATE TABLE chat_purges (
    device_id TEXT NOT NULL REFERENCES devices (id),
    chat TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    until BIGINT NOT NULL,
    keep_starred BIGINT NOT NULL,
    whole BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, chat)
);
