-- Large inboxes: every filter of a list finds its rows by an index, in the
-- order of the list. Lists never show what was removed, so the indexes that
-- serve nothing but lists leave it out, and all have the number that rows are
-- found by: with that, neither counting nor skipping reads rows.

-- What sort of chat a message is in, which was looked up among the chats.
ALTER TABLE chat_messages ADD COLUMN chat_kind TEXT NOT NULL DEFAULT 'chat';
UPDATE chat_messages SET chat_kind = CASE WHEN chat LIKE '%@g.us' THEN 'group' WHEN chat LIKE '%@newsletter' THEN 'channel'
    WHEN chat LIKE '%@broadcast' THEN 'broadcast' ELSE 'chat' END WHERE chat NOT LIKE '%@c.us';

DROP INDEX chat_messages_recent;
DROP INDEX chat_messages_chat;
DROP INDEX chat_messages_author;
DROP INDEX chat_messages_kind;
DROP INDEX chat_messages_flow;
DROP INDEX chat_messages_ack;
CREATE INDEX chat_messages_recent ON chat_messages (device_id, at, seq) WHERE status <> 'removed';
-- Also for what is no list: the newest of a chat, what is unread, what goes with the chat.
CREATE INDEX chat_messages_chat ON chat_messages (device_id, chat, at, seq, status, flow, kind);
CREATE INDEX chat_messages_author ON chat_messages (device_id, author, at, seq) WHERE status <> 'removed';
CREATE INDEX chat_messages_kind ON chat_messages (device_id, kind, at, seq) WHERE status <> 'removed';
CREATE INDEX chat_messages_sound ON chat_messages (device_id, kind, COALESCE(subtype, ''), at, seq, subtype)
    WHERE kind = 'audio' AND status <> 'removed';
CREATE INDEX chat_messages_flow ON chat_messages (device_id, flow, at, seq) WHERE status <> 'removed';
CREATE INDEX chat_messages_ack ON chat_messages (device_id, ack, at, seq) WHERE status <> 'removed';
CREATE INDEX chat_messages_chat_kind ON chat_messages (device_id, chat_kind, at, seq) WHERE status <> 'removed';

-- Words stand in the order of time, too, so that the newest messages with a
-- word are at the end of its range.
ALTER TABLE chat_message_words RENAME TO chat_message_words_before;
DROP INDEX chat_message_words_message;
CREATE TABLE chat_message_words (
    device_id TEXT NOT NULL REFERENCES devices (id),
    word {blob} NOT NULL,
    at BIGINT NOT NULL,
    message BIGINT NOT NULL,
    PRIMARY KEY (device_id, word, at, message)
){without_rowid};
INSERT INTO chat_message_words (device_id, word, at, message)
    SELECT w.device_id, w.word, m.at, w.message FROM chat_message_words_before w JOIN chat_messages m ON m.seq = w.message;
DROP TABLE chat_message_words_before;
-- Whether a message has a word, for words that many messages have.
CREATE INDEX chat_message_words_message ON chat_message_words (message, word);

-- Files of chats: counted and found by indexes as messages are.
DROP INDEX chat_files_recent;
CREATE INDEX chat_files_recent ON chat_files (device_id, at, seq);
CREATE INDEX chat_files_size ON chat_files (device_id, COALESCE(size, 0), seq, size);
CREATE INDEX chat_files_chat ON chat_files (device_id, chat, at, seq, kind, flow);
CREATE INDEX chat_files_kind ON chat_files (device_id, kind, at, seq);
CREATE INDEX chat_files_flow ON chat_files (device_id, flow, at, seq);
CREATE INDEX chat_files_mime ON chat_files (device_id, mime, at, seq);
CREATE INDEX chat_files_wa ON chat_files (device_id, wa_id);

-- Chats that lists are asked for and that are few: their index is as small.
CREATE INDEX chats_waiting ON chats (device_id, last_message_at, wid, status, kind) WHERE (unread > 0 OR marked_unread = 1);
CREATE INDEX chats_read_only ON chats (device_id, last_message_at, wid, status, kind) WHERE read_only = 1;
CREATE INDEX chats_silent ON chats (device_id, last_message_at, wid, status, kind) WHERE muted_until IS NOT NULL;

-- Messages of the queue: lists are of an account, newest first.
CREATE INDEX messages_chat ON messages (account_id, chat, created_at);
CREATE INDEX messages_kind ON messages (account_id, kind, created_at);
CREATE INDEX messages_target ON messages (account_id, target, created_at);
CREATE INDEX messages_priority ON messages (account_id, priority, created_at);
CREATE INDEX messages_agent ON messages (account_id, agent_id, created_at) WHERE agent_id IS NOT NULL;
CREATE INDEX messages_waiting ON messages (account_id, created_at) WHERE status IN ('queued', 'processing');
-- What waits or went wrong is little, and asked for; what goes well is met soon.
CREATE INDEX messages_ended ON messages (account_id, status, created_at) WHERE status IN ('failed', 'expired', 'removed');
CREATE INDEX messages_undelivered ON messages (account_id, delivery_status, created_at)
    WHERE delivery_status IN ('queued', 'processing', 'failed', 'cancelled', 'revoked');
CREATE INDEX messages_untold ON messages (account_id, webhook_status, created_at)
    WHERE webhook_status IN ('pending', 'ignored', 'failed', 'cancelled', 'expired');

-- Files of an account, in each order that lists have.
CREATE INDEX files_size ON files (account_id, size);
CREATE INDEX files_name ON files (account_id, LOWER(filename));
CREATE INDEX files_changed ON files (account_id, updated_at);
CREATE INDEX files_expires ON files (account_id, expires_at);
CREATE INDEX files_reference ON files (account_id, reference) WHERE reference IS NOT NULL;
CREATE INDEX files_ext ON files (account_id, ext, created_at);
CREATE INDEX files_mime ON files (account_id, mime, created_at);
CREATE INDEX files_owner ON files (account_id, created_by, created_at);
