-- What a number answers by itself and whom it gives chats to, JSON; '{}' is
-- nothing and nobody.
ALTER TABLE devices ADD COLUMN auto_replies TEXT NOT NULL DEFAULT '{}';
ALTER TABLE devices ADD COLUMN auto_assign TEXT NOT NULL DEFAULT '{}';

-- When a chat last got an automatic reply of a kind, and what it answered.
CREATE TABLE auto_replies (
    device_id TEXT NOT NULL REFERENCES devices (id),
    chat TEXT NOT NULL,
    kind TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    cause TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (device_id, chat, kind)
);
CREATE INDEX auto_replies_age ON auto_replies (at);

-- Who of a number's team, or of a department of it, got a chat last.
CREATE TABLE assignment_turns (
    device_id TEXT NOT NULL REFERENCES devices (id),
    department TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    user_id TEXT NOT NULL,
    PRIMARY KEY (device_id, department)
);

-- Chats that the rules come back to: awaits is 'agent' while nobody could be
-- given the chat, 'answer' while whoever got it has not answered; agent is from
-- whom it was, or will be, taken.
CREATE TABLE assignment_waits (
    device_id TEXT NOT NULL REFERENCES devices (id),
    chat TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    awaits TEXT NOT NULL,
    agent TEXT,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, chat)
);
CREATE INDEX assignment_waits_due ON assignment_waits (due_at);

-- How many chats somebody has open.
CREATE INDEX chats_open_agent ON chats (device_id, agent)
    WHERE agent IS NOT NULL AND archived = 0 AND status IN ('pending', 'active');
