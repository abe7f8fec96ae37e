//! Which messages are meant.

use crate::ids::AccountId;
use crate::rows::Sight;
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
    /// `api`, `chat` or `autoreply`.
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
    /// Only to chats that this person sees.
    pub sight: Sight,
    /// Oldest first instead of newest first.
    pub ascending: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

/// Messages that a text is looked for in, the newest ones of the account.
const READ: i64 = 5_000;
/// Messages that are few enough to be sorted.
const FEW: i64 = 5_000;
/// How a message ends that goes wrong: few do, and an index has just those.
const ENDED: &[&str] = &["failed", "expired", "removed"];
/// The same as WhatsApp sees it, and what has not reached it.
const UNDELIVERED: &[&str] = &["queued", "processing", "failed", "cancelled", "revoked"];
/// What was not told to a webhook, or not yet.
const UNTOLD: &[&str] = &["pending", "ignored", "failed", "cancelled", "expired"];
/// What comes from elsewhere than the API; an index has just those.
const ELSEWHERE: &[&str] = &["chat", "autoreply"];
/// What waits; an index has just those.
const WAITING: &[&str] = &["queued", "processing"];

/// The condition whose index is used. The others are written as casts, which
/// SQLite's planner can't take for an index, and PostgreSQL's does not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Id,
    WaId,
    Reference,
    Chat,
    Agent,
    Ended,
    Waiting,
    Undelivered,
    Untold,
    Delivery,
    Source,
    Kind,
    Priority,
    Target,
    Device,
    Time,
}

/// `few_delivered` says that the time of delivery leaves few.
fn lead(f: &MessageFilter, few_delivered: bool) -> Lead {
    let within =
        |asked: &[String], all: &[&str]| !asked.is_empty() && asked.iter().all(|word| all.contains(&word.as_str()));
    match f {
        _ if !f.ids.is_empty() => Lead::Id,
        _ if !f.wa_ids.is_empty() => Lead::WaId,
        _ if !f.references.is_empty() => Lead::Reference,
        _ if !f.chats.is_empty() => Lead::Chat,
        _ if f.agents.len() == 1 => Lead::Agent,
        _ if within(&f.status, ENDED) => Lead::Ended,
        // What waits is queued or on its way, on both counts.
        _ if within(&f.status, WAITING) || within(&f.delivery_status, WAITING) => Lead::Waiting,
        _ if within(&f.delivery_status, UNDELIVERED) => Lead::Undelivered,
        _ if within(&f.webhook_status, UNTOLD) => Lead::Untold,
        _ if few_delivered => Lead::Delivery,
        _ if f.source.as_deref().is_some_and(|source| ELSEWHERE.contains(&source)) => Lead::Source,
        // Several of these would have to be sorted: the order of time is better.
        _ if f.kinds.len() == 1 => Lead::Kind,
        _ if f.priorities.len() == 1 => Lead::Priority,
        _ if f.target.is_some() => Lead::Target,
        _ if f.devices.len() == 1 => Lead::Device,
        _ => Lead::Time,
    }
}

/// The order of a page.
pub(super) fn order(f: &MessageFilter, few_delivered: bool) -> &'static str {
    match (lead(f, few_delivered), f.ascending) {
        // A few that are sorted: SQLite would rather go through all in order until it has met them.
        (Lead::Id | Lead::WaId | Lead::Reference | Lead::Delivery, true) => " ORDER BY created_at + 0, seq + 0",
        (Lead::Id | Lead::WaId | Lead::Reference | Lead::Delivery, false) => {
            " ORDER BY created_at + 0 DESC, seq + 0 DESC"
        }
        (_, true) => " ORDER BY created_at, seq",
        (_, false) => " ORDER BY created_at DESC, seq DESC",
    }
}

/// Counts what is delivered in the time that is asked for, to a bit more than few.
pub(super) fn weigh_delivery(account: &AccountId, f: &MessageFilter) -> Option<Sql> {
    f.after?;
    let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM messages");
    sql.and("account_id = ").bind(account.as_str());
    for (condition, at) in [("deliver_at > ", f.after), ("deliver_at < ", f.before)] {
        if let Some(at) = at {
            sql.and(condition).bind(at);
        }
    }
    sql.push(" LIMIT ").bind(FEW + 1).push(") AS counted");
    Some(sql)
}

/// Whether so many are few.
pub(super) fn is_few(count: i64) -> bool {
    count <= FEW
}

pub(super) fn filtered(mut sql: Sql, account: &AccountId, f: &MessageFilter, few_delivered: bool) -> Sql {
    let lead = lead(f, few_delivered);
    let elsewhere = matches!(lead, Lead::Id | Lead::WaId | Lead::Device);
    sql.and(if elsewhere { "CAST(account_id AS TEXT) = " } else { "account_id = " }).bind(account.as_str());
    match lead {
        // Their index begins with the number.
        Lead::WaId => {
            sql.and("device_id IN (SELECT id FROM devices WHERE devices.account_id = ").bind(account.as_str()).push(")")
        }
        Lead::Ended => sql.and("status IN ('failed', 'expired', 'removed')"),
        Lead::Waiting => sql.and("status IN ('queued', 'processing')"),
        Lead::Undelivered => sql.and("delivery_status IN ('queued', 'processing', 'failed', 'cancelled', 'revoked')"),
        Lead::Untold => sql.and("webhook_status IN ('pending', 'ignored', 'failed', 'cancelled', 'expired')"),
        _ => &mut sql,
    };
    for (column, cast, leads, values) in [
        ("status", "CAST(status AS TEXT)", lead == Lead::Ended, &f.status),
        ("delivery_status", "CAST(delivery_status AS TEXT)", lead == Lead::Undelivered, &f.delivery_status),
        ("webhook_status", "CAST(webhook_status AS TEXT)", lead == Lead::Untold, &f.webhook_status),
        ("id", "CAST(id AS TEXT)", lead == Lead::Id, &f.ids),
        ("agent_id", "CAST(agent_id AS TEXT)", lead == Lead::Agent, &f.agents),
        ("kind", "CAST(kind AS TEXT)", lead == Lead::Kind, &f.kinds),
        ("wa_id", "CAST(wa_id AS TEXT)", lead == Lead::WaId, &f.wa_ids),
        ("device_id", "CAST(device_id AS TEXT)", lead == Lead::Device, &f.devices),
        ("reference", "CAST(reference AS TEXT)", lead == Lead::Reference, &f.references),
        ("chat", "CAST(chat AS TEXT)", lead == Lead::Chat, &f.chats),
    ] {
        if !values.is_empty() {
            sql.and_in(if leads { column } else { cast }, values.iter().map(String::as_str));
        }
    }
    if !f.priorities.is_empty() {
        let column = if lead == Lead::Priority { "priority" } else { "priority + 0" };
        sql.and_in(column, f.priorities.iter().copied());
    }
    if let Some(source) = &f.source {
        let column = if lead == Lead::Source {
            "source IN ('chat', 'autoreply') AND source = "
        } else {
            "CAST(source AS TEXT) = "
        };
        sql.and(column).bind(source.as_str());
    }
    if let Some(target) = &f.target {
        sql.and(if lead == Lead::Target { "target = " } else { "CAST(target AS TEXT) = " }).bind(target.as_str());
    }
    // Of many the order of the list is gone through.
    let (after, before) = match lead {
        Lead::Delivery => ("deliver_at > ", "deliver_at < "),
        _ => ("deliver_at + 0 > ", "deliver_at + 0 < "),
    };
    for (condition, at) in [
        (after, f.after),
        (before, f.before),
        // Nothing is delivered before it was made: what the index is entered by.
        ("created_at <= ", f.before),
        ("created_at > ", f.created_after),
        ("created_at < ", f.created_before),
    ] {
        if let Some(at) = at {
            sql.and(condition).bind(at);
        }
    }
    f.sight.narrow_said(&mut sql, account.as_str(), "messages.device_id", "messages.chat");
    if let Some(search) = &f.search {
        // One text, so that it is put into lower case once; lines apart, so that nothing matches across.
        sql.and("LOWER(COALESCE(body, '') || '\n' || COALESCE(reference, '') || '\n' || chat || '\n' || wa_id) LIKE ");
        sql.bind(contains(search)).push(" ESCAPE '\\'");
        if matches!(
            lead,
            Lead::Time | Lead::Device | Lead::Target | Lead::Kind | Lead::Priority | Lead::Source | Lead::Delivery
        ) {
            // No index has parts of words: what is older is found in the chats.
            sql.and("created_at >= COALESCE((SELECT o.created_at FROM messages o WHERE o.account_id = ");
            sql.bind(account.as_str()).push(" ORDER BY o.created_at DESC LIMIT 1 OFFSET ").bind(READ).push("), 0)");
        }
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
