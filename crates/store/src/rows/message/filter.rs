//! Which messages are meant.

use crate::ids::AccountId;
use crate::sql::{Sql, contains};

/// Which messages to list; empty means all.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// In body, reference, phone or WhatsApp id.
    pub search: Option<String>,
    /// Queue states.
    pub status: Vec<String>,
    /// Delivery states.
    pub delivery_status: Vec<String>,
    /// Webhook states.
    pub webhook_status: Vec<String>,
    /// Ids.
    pub ids: Vec<String>,
    /// Agents.
    pub agents: Vec<String>,
    /// `api` or `chat`.
    pub source: Option<String>,
    /// `user`, `group` or `channel`.
    pub target: Option<String>,
    /// Kinds of message.
    pub kinds: Vec<String>,
    /// WhatsApp ids.
    pub wa_ids: Vec<String>,
    /// Numbers.
    pub devices: Vec<String>,
    /// References.
    pub references: Vec<String>,
    /// Priorities.
    pub priorities: Vec<i64>,
    /// Chats.
    pub chats: Vec<String>,
    /// Delivered or to be delivered after.
    pub after: Option<i64>,
    /// Delivered or to be delivered before.
    pub before: Option<i64>,
    /// Accepted after.
    pub created_after: Option<i64>,
    /// Accepted before.
    pub created_before: Option<i64>,
    /// Oldest first instead of newest first.
    pub ascending: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

pub(super) fn filtered(mut sql: Sql, account: &AccountId, f: &MessageFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    for (column, values) in [
        ("status", &f.status),
        ("delivery_status", &f.delivery_status),
        ("webhook_status", &f.webhook_status),
        ("id", &f.ids),
        ("agent_id", &f.agents),
        ("kind", &f.kinds),
        ("wa_id", &f.wa_ids),
        ("device_id", &f.devices),
        ("reference", &f.references),
        ("chat", &f.chats),
    ] {
        if !values.is_empty() {
            sql.and_in(column, values.iter().map(String::as_str));
        }
    }
    if !f.priorities.is_empty() {
        sql.and_in("priority", f.priorities.iter().copied());
    }
    if let Some(source) = &f.source {
        sql.and("source = ").bind(source.as_str());
    }
    if let Some(target) = &f.target {
        sql.and("target = ").bind(target.as_str());
    }
    for (condition, at) in [
        ("deliver_at > ", f.after),
        ("deliver_at < ", f.before),
        ("created_at > ", f.created_after),
        ("created_at < ", f.created_before),
    ] {
        if let Some(at) = at {
            sql.and(condition).bind(at);
        }
    }
    if let Some(search) = &f.search {
        let pattern = contains(search);
        sql.and("(LOWER(COALESCE(body, '')) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR LOWER(COALESCE(reference, '')) LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR chat LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\' OR LOWER(wa_id) LIKE ").bind(pattern).push(" ESCAPE '\\')");
    }
    sql
}

/// Which waiting messages of a queue are meant; empty means all.
#[derive(Debug, Clone, Default)]
pub struct WaitingFilter {
    /// Ids.
    pub ids: Vec<String>,
    /// Chats.
    pub chats: Vec<String>,
    /// To be delivered at this time or later.
    pub after: Option<i64>,
    /// To be delivered at this time or earlier.
    pub before: Option<i64>,
    /// Only what nobody has tried to send yet.
    pub untried: bool,
}

impl WaitingFilter {
    pub(super) fn narrow(&self, sql: &mut Sql) {
        if !self.ids.is_empty() {
            sql.and_in("id", self.ids.iter().map(String::as_str));
        }
        if !self.chats.is_empty() {
            sql.and_in("chat", self.chats.iter().map(String::as_str));
        }
        for (condition, at) in [("deliver_at >= ", self.after), ("deliver_at <= ", self.before)] {
            if let Some(at) = at {
                sql.and(condition).bind(at);
            }
        }
        if self.untried {
            sql.and("attempts = 0");
        }
    }
}
