-- Campaigns: one message to many people. The figures are kept by the transactions
-- that change a contact, so that nobody has to count.
CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_by TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- The first of its numbers.
    device_id TEXT NOT NULL REFERENCES devices (id),
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    -- Why it stands still, or why it ended.
    reason_code TEXT,
    reason TEXT,
    message TEXT,
    media TEXT,
    settings TEXT NOT NULL,
    unsubscribe TEXT NOT NULL,
    -- How many times slower than wanted, since delivery has fallen.
    slowed BIGINT NOT NULL,
    -- When the runner looks at it again, null when it does not.
    next_at BIGINT,
    -- When its delivery was last looked at, and from when on it counts.
    checked_at BIGINT NOT NULL,
    healthy_since BIGINT NOT NULL,
    total BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    queued BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read_count BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    excluded BIGINT NOT NULL,
    invalid BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    replied BIGINT NOT NULL,
    opted_out BIGINT NOT NULL,
    started_at BIGINT,
    paused_at BIGINT,
    stopped_at BIGINT,
    completed_at BIGINT,
    removed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX campaigns_account ON campaigns (account_id, created_at, id);
CREATE INDEX campaigns_due ON campaigns (next_at) WHERE next_at IS NOT NULL;

-- The numbers that send a campaign, and how each stands in it.
CREATE TABLE campaign_devices (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    position BIGINT NOT NULL,
    -- Its pace: no further person before this.
    next_at BIGINT NOT NULL,
    -- People in its queue right now.
    open BIGINT NOT NULL,
    -- How many WhatsApp has refused in a row.
    refusals BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, device_id)
){without_rowid};
CREATE INDEX campaign_devices_device ON campaign_devices (device_id, campaign_id);

CREATE TABLE campaign_contacts (
    seq {serial},
    id TEXT NOT NULL UNIQUE,
    campaign_id TEXT NOT NULL REFERENCES campaigns (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    wid TEXT NOT NULL,
    name TEXT,
    reference TEXT,
    message TEXT,
    variables TEXT NOT NULL,
    status TEXT NOT NULL,
    ack TEXT NOT NULL,
    error TEXT,
    error_message TEXT,
    device_id TEXT,
    message_id TEXT UNIQUE,
    -- The chat in which it arrived, from when it is in the queue.
    chat TEXT,
    retries BIGINT NOT NULL,
    -- When its state last changed, as lists sort it.
    date BIGINT NOT NULL,
    queued_at BIGINT,
    sent_at BIGINT,
    delivered_at BIGINT,
    read_at BIGINT,
    failed_at BIGINT,
    replied_at BIGINT,
    reply TEXT,
    opted_out_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (campaign_id, wid)
);
CREATE INDEX campaign_contacts_date ON campaign_contacts (campaign_id, date, seq);
CREATE INDEX campaign_contacts_status ON campaign_contacts (campaign_id, status, date, seq);
CREATE INDEX campaign_contacts_pending ON campaign_contacts (campaign_id, seq) WHERE status = 'pending';
CREATE INDEX campaign_contacts_person ON campaign_contacts (account_id, wid);
CREATE INDEX campaign_contacts_chat ON campaign_contacts (device_id, chat, queued_at) WHERE chat IS NOT NULL;
CREATE INDEX campaign_contacts_sent ON campaign_contacts (campaign_id, sent_at) WHERE sent_at IS NOT NULL;

-- Who gets no campaign of an account any more.
CREATE TABLE campaign_exclusions (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    wid TEXT NOT NULL,
    -- The campaign that was answered with its word, null when a person has put it here.
    campaign_id TEXT,
    created_by TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, wid)
){without_rowid};
CREATE INDEX campaign_exclusions_recent ON campaign_exclusions (account_id, created_at, wid);

-- One message for each person of a campaign, whatever happens. What was taken out
-- of a queue untried has left nothing behind, and its person may get another.
CREATE UNIQUE INDEX messages_campaign ON messages (reference) WHERE source = 'campaign' AND status <> 'removed';
