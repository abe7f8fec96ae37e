-- Who may use which number; administrators may use all without a row.
CREATE TABLE device_access (
    user_id TEXT NOT NULL REFERENCES users (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, device_id)
);
CREATE INDEX device_access_device ON device_access (device_id, created_at);

-- name_key is the name in small letters: two departments of a number that
-- differ only in case are one.
CREATE TABLE departments (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    color TEXT NOT NULL,
    icon TEXT NOT NULL,
    description TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (device_id, name_key)
);

CREATE TABLE department_agents (
    user_id TEXT NOT NULL REFERENCES users (id),
    department_id TEXT NOT NULL REFERENCES departments (id),
    PRIMARY KEY (user_id, department_id)
);
CREATE INDEX department_agents_department ON department_agents (department_id);

-- owner is the person of a private reply, empty for those that everybody sees:
-- each person has shortcuts of their own beside the shared ones.
CREATE TABLE quick_replies (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    device_id TEXT NOT NULL REFERENCES devices (id),
    owner TEXT NOT NULL,
    shortcut TEXT NOT NULL,
    shortcut_key TEXT NOT NULL,
    message TEXT NOT NULL,
    permission TEXT NOT NULL,
    file_id TEXT,
    keywords TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (device_id, owner, shortcut_key)
);

-- Who did what. Names of people and things are kept as they were: both may be
-- gone when somebody reads it.
CREATE TABLE audit_log (
    seq {serial},
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    role TEXT NOT NULL,
    key_id TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT,
    object_id TEXT,
    device_id TEXT,
    origin TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX audit_log_account ON audit_log (account_id, seq);
CREATE INDEX audit_log_user ON audit_log (account_id, user_id, seq);
CREATE INDEX audit_log_device ON audit_log (account_id, device_id, seq);
CREATE INDEX audit_log_action ON audit_log (account_id, action, seq);
CREATE INDEX audit_log_object ON audit_log (account_id, object_id, seq);
CREATE INDEX audit_log_age ON audit_log (at);
