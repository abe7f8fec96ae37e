-- Searches of several words, and of words with filters: beside each word what
-- else the message says and what it is (a signature), so that what can't match is
-- passed over in the index. Of what was written before nothing is known (-1): it
-- is looked up as it was.
ALTER TABLE chat_message_words RENAME TO chat_message_words_before;
DROP INDEX chat_message_words_message;
CREATE TABLE chat_message_words (
    device_id TEXT NOT NULL REFERENCES devices (id),
    word {blob} NOT NULL,
    at BIGINT NOT NULL,
    message BIGINT NOT NULL,
    signature BIGINT NOT NULL,
    PRIMARY KEY (device_id, word, at, message){including_signature}
){without_rowid};
INSERT INTO chat_message_words (device_id, word, at, message, signature)
    SELECT device_id, word, at, message, -1 FROM chat_message_words_before;
DROP TABLE chat_message_words_before;
CREATE INDEX chat_message_words_message ON chat_message_words (message, word);

-- Whether a chat or a contact has a word, for words that many have.
CREATE INDEX chat_words_chat ON chat_words (device_id, chat, word);
DROP INDEX contact_words_contact;
CREATE INDEX contact_words_contact ON contact_words (contact, word);

-- Kinds of chats that are few.
CREATE INDEX chats_special ON chats (device_id, kind, last_message_at, wid, status)
    WHERE kind IN ('channel', 'community', 'broadcast');

-- The queue by the time of delivery, and what was not sent by the API.
CREATE INDEX messages_delivery ON messages (account_id, deliver_at, created_at, seq);
CREATE INDEX messages_source ON messages (account_id, source, created_at) WHERE source IN ('chat', 'autoreply');

-- Files of an account by what few of them are.
CREATE INDEX files_kind ON files (account_id, kind, created_at);
CREATE INDEX files_format ON files (account_id, format, created_at);
CREATE INDEX files_permission ON files (account_id, permission, created_at);
CREATE INDEX files_origin ON files (account_id, origin, created_at);
