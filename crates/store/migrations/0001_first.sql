-- Dates are milliseconds since the epoch, lists and objects JSON text.
-- {blob} and {serial} are spelled per database.

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    email TEXT UNIQUE,
    color TEXT NOT NULL,
    password TEXT,
    invitation TEXT UNIQUE,
    invitation_expires_at BIGINT,
    availability TEXT NOT NULL,
    last_login_at BIGINT,
    last_seen_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX users_account ON users (account_id, created_at);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_account ON api_keys (account_id);
CREATE INDEX api_keys_user ON api_keys (user_id);

CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    alias TEXT NOT NULL,
    description TEXT,
    plan TEXT NOT NULL,
    status TEXT NOT NULL,
    session_status TEXT NOT NULL,
    phone TEXT,
    wid TEXT,
    lid TEXT,
    push_name TEXT,
    wanted TEXT NOT NULL,
    settings TEXT NOT NULL,
    session TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE INDEX devices_account ON devices (account_id, created_at);

CREATE TABLE session_logs (
    seq {serial},
    device_id TEXT NOT NULL REFERENCES devices (id),
    event TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX session_logs_device ON session_logs (device_id, seq);

CREATE TABLE leases (
    device_id TEXT PRIMARY KEY REFERENCES devices (id),
    node TEXT NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE session_state (
    device_id TEXT NOT NULL REFERENCES devices (id),
    ns BIGINT NOT NULL,
    key {blob} NOT NULL,
    value {blob} NOT NULL,
    PRIMARY KEY (device_id, ns, key)
){without_rowid};

CREATE TABLE messages (
    seq {serial},
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    wa_id TEXT NOT NULL,
    chat TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT,
    payload TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    delivery_status TEXT NOT NULL,
    webhook_status TEXT NOT NULL,
    priority BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    ordered BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    secret {blob},
    reference TEXT,
    agent_id TEXT,
    created_by TEXT NOT NULL,
    deliver_at BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    expires_at BIGINT,
    retry_max BIGINT NOT NULL,
    retry_count BIGINT NOT NULL,
    last_retry_at BIGINT,
    failure_code TEXT,
    failure_reason TEXT,
    created_at BIGINT NOT NULL,
    processed_at BIGINT,
    sent_at BIGINT,
    delivered_at BIGINT,
    read_at BIGINT,
    failed_at BIGINT,
    expired_at BIGINT
);
CREATE INDEX messages_account ON messages (account_id, created_at, seq);
CREATE INDEX messages_device ON messages (device_id, created_at, seq);
-- Unique, so that planners trust it before all others.
CREATE UNIQUE INDEX messages_wa ON messages (device_id, wa_id);
CREATE INDEX messages_reference ON messages (account_id, reference);
-- What a sender claims next.
-- What a sender claims next: of all chats, and of one whose message before has
-- just left. Both hold all that is looked at before a row is fetched.
CREATE INDEX messages_due ON messages (device_id, rank DESC, seq, next_attempt_at, chat) WHERE status = 'queued';
CREATE INDEX messages_due_chat ON messages (device_id, chat, rank DESC, seq, next_attempt_at) WHERE status = 'queued';
-- Who waits for a retry, so that nobody of the same chat overtakes.
CREATE INDEX messages_retrying ON messages (device_id, chat, seq) WHERE status = 'queued' AND retry_count > 0;
-- When the next one is due, and what has come to its end.
CREATE INDEX messages_next ON messages (device_id, next_attempt_at) WHERE status = 'queued';
CREATE INDEX messages_ending ON messages (expires_at, device_id) WHERE status = 'queued' AND expires_at IS NOT NULL;
CREATE INDEX messages_open ON messages (device_id, status, deliver_at, account_id)
    WHERE status IN ('queued', 'processing');

-- What people and WhatsApp have decided about a queue; without a row it is active.
CREATE TABLE queues (
    device_id TEXT PRIMARY KEY REFERENCES devices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL,
    updated_at BIGINT,
    held TEXT,
    held_reason TEXT,
    held_until BIGINT,
    held_times BIGINT NOT NULL
);

-- Who has received, read and played a message of ours.
CREATE TABLE message_receipts (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wa_id TEXT NOT NULL,
    participant TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    delivered_at BIGINT,
    read_at BIGINT,
    played_at BIGINT,
    PRIMARY KEY (device_id, wa_id, participant)
);

CREATE TABLE chats (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    lid TEXT,
    kind TEXT NOT NULL,
    name TEXT,
    -- Name as it is sorted by, and the text whose words find the chat.
    sort_name TEXT NOT NULL,
    found_by TEXT NOT NULL,
    status TEXT NOT NULL,
    status_at BIGINT,
    status_by TEXT,
    prev_status TEXT,
    prev_status_at BIGINT,
    archived BIGINT NOT NULL,
    pinned_at BIGINT,
    muted_until BIGINT,
    read_only BIGINT NOT NULL,
    can_send BIGINT NOT NULL,
    ephemeral BIGINT,
    user_initiated BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    unread_at BIGINT,
    marked_unread BIGINT NOT NULL,
    inbound_messages BIGINT NOT NULL,
    outbound_messages BIGINT NOT NULL,
    local_messages BIGINT NOT NULL,
    notes BIGINT NOT NULL,
    first_message_at BIGINT,
    -- 0 in a chat without messages, so that it sorts.
    last_message_at BIGINT NOT NULL,
    last_inbound_at BIGINT,
    last_outbound_at BIGINT,
    last_message BIGINT,
    last_note BIGINT,
    last_note_at BIGINT,
    last_reaction TEXT,
    last_auto_reply TEXT,
    last_auto_reply_at BIGINT,
    labels TEXT NOT NULL,
    owner TEXT NOT NULL,
    agent TEXT,
    department TEXT,
    facts TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, wid)
);
-- All that lists filter by, in their order: a filter that few chats pass reads
-- this index and no rows.
CREATE INDEX chats_recent ON chats (device_id, last_message_at, wid, status, archived, unread, marked_unread, kind,
    agent, department, can_send, read_only, muted_until);
CREATE INDEX chats_names ON chats (device_id, sort_name, wid);
CREATE INDEX chats_unread ON chats (device_id, unread, last_message_at, wid);
CREATE INDEX chats_agent ON chats (device_id, agent, last_message_at) WHERE agent IS NOT NULL;
CREATE INDEX chats_lid ON chats (device_id, lid);
-- Mutes that end by themselves.
CREATE INDEX chats_muted ON chats (muted_until) WHERE muted_until > 0;

CREATE TABLE contacts (
    device_id TEXT NOT NULL REFERENCES devices (id),
    wid TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    lid TEXT,
    phone TEXT,
    name TEXT,
    push_name TEXT,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, wid)
);
CREATE INDEX contacts_lid ON contacts (device_id, lid);

CREATE TABLE chat_messages (
    seq {serial},
    device_id TEXT NOT NULL REFERENCES devices (id),
    chat TEXT NOT NULL,
    author TEXT NOT NULL,
    wa_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    flow TEXT NOT NULL,
    kind TEXT NOT NULL,
    subtype TEXT,
    status TEXT NOT NULL,
    body TEXT,
    ack TEXT NOT NULL,
    reference TEXT,
    doc TEXT NOT NULL,
    raw {blob},
    at BIGINT NOT NULL,
    edited_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (device_id, wa_id, chat, author)
);
CREATE INDEX chat_messages_recent ON chat_messages (device_id, at);
CREATE INDEX chat_messages_chat ON chat_messages (device_id, chat, at);
CREATE INDEX chat_messages_notes ON chat_messages (device_id, chat, at) WHERE kind = 'note';
CREATE INDEX chat_messages_author ON chat_messages (device_id, author, at);
CREATE INDEX chat_messages_kind ON chat_messages (device_id, kind, at);
CREATE INDEX chat_messages_flow ON chat_messages (device_id, flow, at);
CREATE INDEX chat_messages_ack ON chat_messages (device_id, ack, at);
CREATE INDEX chat_messages_reference ON chat_messages (device_id, reference) WHERE reference IS NOT NULL;

-- Words of messages, so that a search need not read them all. Bytes, because
-- both databases compare those alike.
CREATE TABLE chat_message_words (
    device_id TEXT NOT NULL REFERENCES devices (id),
    word {blob} NOT NULL,
    message BIGINT NOT NULL,
    PRIMARY KEY (device_id, word, message)
){without_rowid};
-- Whether a message has a word, for words that many messages have.
CREATE INDEX chat_message_words_message ON chat_message_words (device_id, message, word);

-- What people put on a message: reactions, votes, answers, pins, edits. The
-- newest of a person counts. It may be here before the message is.
CREATE TABLE chat_message_marks (
    device_id TEXT NOT NULL REFERENCES devices (id),
    target TEXT NOT NULL,
    chat TEXT NOT NULL,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    person_lid TEXT,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    wa_id TEXT NOT NULL,
    value TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (device_id, target, chat, kind, person)
){without_rowid};

-- Edits and deletions that WhatsApp has not confirmed yet.
CREATE TABLE chat_message_changes (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    chat TEXT NOT NULL,
    author TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT,
    created_at BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX chat_message_changes_due ON chat_message_changes (next_attempt_at);

CREATE TABLE chat_files (
    seq {serial},
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    message BIGINT NOT NULL REFERENCES chat_messages (seq),
    chat TEXT NOT NULL,
    author TEXT NOT NULL,
    wa_id TEXT NOT NULL,
    flow TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    mime TEXT,
    size BIGINT,
    filename TEXT,
    caption TEXT,
    sha2 TEXT,
    meta TEXT NOT NULL,
    preview {blob},
    blob TEXT,
    error_code TEXT,
    error TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    downloads BIGINT NOT NULL,
    at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    fetched_at BIGINT,
    expires_at BIGINT,
    UNIQUE (message)
);
CREATE INDEX chat_files_recent ON chat_files (device_id, at);
CREATE INDEX chat_files_due ON chat_files (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX chat_files_ending ON chat_files (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE events (
    seq {serial},
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    device_id TEXT,
    event TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX events_account ON events (account_id, seq);

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT REFERENCES devices (id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    status TEXT NOT NULL,
    secret {blob} NOT NULL,
    headers {blob},
    position BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    failing_since BIGINT,
    last_retry_at BIGINT,
    last_run_at BIGINT,
    last_failure_at BIGINT
);
CREATE INDEX webhooks_account ON webhooks (account_id);

-- Events at or before a webhook's position that have not been delivered yet.
CREATE TABLE webhook_retries (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id),
    event_seq BIGINT NOT NULL,
    lane TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    first_failed_at BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, event_seq)
);

CREATE TABLE webhook_logs (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id),
    account_id TEXT NOT NULL,
    event TEXT NOT NULL,
    code TEXT NOT NULL,
    event_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    device_id TEXT,
    object_type TEXT NOT NULL,
    object_event TEXT NOT NULL,
    message TEXT,
    body TEXT,
    attempt BIGINT NOT NULL,
    response_time BIGINT,
    response_status BIGINT,
    response_type TEXT,
    response_body TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_logs_recent ON webhook_logs (webhook_id, created_at, id);

-- A POST that was answered, so that repeating it changes nothing.
CREATE TABLE idempotency (
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
