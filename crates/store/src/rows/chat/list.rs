//! Which chats of a number to list.

use sqlx::FromRow;

use super::super::{Account, Sight};
use super::row::ChatRow;
use super::words::{range, words_of};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// How far a count goes beyond the page: counting on would read the whole index.
const COUNTED: i64 = 10_000;

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChatOrder {
    /// Newest message first.
    #[default]
    Newest,
    /// Oldest message first.
    Oldest,
    /// Most unread messages first.
    Unread,
    /// By name, from a to z.
    Name,
    /// By name, from z to a.
    NameBackwards,
}

/// Which chats of a number to list.
#[derive(Debug, Clone, Default)]
pub struct ChatFilter {
    /// Only with one of these: `pending`, `active`, `resolved`, `archived`, `muted`.
    pub statuses: Vec<String>,
    /// Only with something unread.
    pub unread: bool,
    /// Only pending and active ones that are not archived.
    pub active: bool,
    /// Only where this number may write.
    pub can_send: bool,
    /// Only where nobody but admins may write.
    pub read_only: bool,
    /// Only of these kinds.
    pub kinds: Vec<String>,
    /// Only those that one of these agents looks after.
    pub agents: Vec<String>,
    /// Only with all of these words in name or number, or words that begin so.
    pub search: Option<String>,
    /// Only with one of these labels.
    pub labels: Vec<String>,
    /// Only with none of these labels.
    pub labels_exclude: Vec<String>,
    /// Only what this person sees.
    pub sight: Sight,
    /// In which order.
    pub order: ChatOrder,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

#[derive(FromRow)]
struct Found {
    wid: String,
}

impl Account<'_> {
    /// A page of a number's chats, in order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chats(&mut self, device: &DeviceId, filter: &ChatFilter) -> Result<Vec<ChatRow>> {
        // The ids come from an index alone; rows are read for this page only.
        let mut sql = self.matching(Sql::new("SELECT wid FROM chats"), device, filter);
        sql.push(match filter.order {
            ChatOrder::Newest => " ORDER BY last_message_at DESC, wid DESC",
            ChatOrder::Oldest => " ORDER BY last_message_at, wid",
            ChatOrder::Unread => " ORDER BY unread DESC, last_message_at DESC, wid DESC",
            ChatOrder::Name => " ORDER BY sort_name, wid",
            ChatOrder::NameBackwards => " ORDER BY sort_name DESC, wid DESC",
        });
        sql.page(filter.size, filter.skip);
        let wids: Vec<String> = sql.all::<Found>(&mut *self.conn).await?.into_iter().map(|found| found.wid).collect();
        let mut rows = self.chats_of(device, &wids).await?;
        rows.sort_by_key(|row| wids.iter().position(|wid| *wid == row.wid));
        Ok(rows)
    }

    /// How many chats the filter matches, counted up to 10,000 beyond the page.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_chats(&mut self, device: &DeviceId, filter: &ChatFilter) -> Result<i64> {
        let mut sql = self.matching(Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chats"), device, filter);
        sql.push(" LIMIT ").bind(filter.skip.saturating_add(filter.size).saturating_add(COUNTED)).push(") AS counted");
        sql.number(&mut *self.conn).await
    }

    fn matching(&self, mut sql: Sql, device: &DeviceId, filter: &ChatFilter) -> Sql {
        sql.and("device_id = ").bind(device.as_str());
        sql.and("status <> 'removed'");
        if !filter.statuses.is_empty() {
            statuses(&mut sql, filter);
        }
        if filter.unread {
            sql.and("(unread > 0 OR marked_unread = 1)");
        }
        if filter.active {
            sql.and("archived = 0").and("status IN ('pending', 'active')");
        }
        if filter.can_send {
            sql.and("can_send = 1");
        }
        if filter.read_only {
            sql.and("read_only = 1");
        }
        if filter.kinds.is_empty() {
            sql.and("kind <> 'broadcast'");
        } else {
            sql.and_in("kind", filter.kinds.iter().map(String::as_str));
        }
        if !filter.agents.is_empty() {
            sql.and_in("agent", filter.agents.iter().map(String::as_str));
        }
        if let Some(search) = &filter.search {
            for word in words_of(search) {
                let (from, to) = range(&word);
                sql.and("wid IN (SELECT chat FROM chat_words WHERE device_id = ").bind(device.as_str());
                sql.push(" AND word >= ").bind(from).push(" AND word < ").bind(to).push(")");
            }
        }
        if !filter.labels.is_empty() {
            labels(&mut sql, "wid IN (", device, &filter.labels);
        }
        if !filter.labels_exclude.is_empty() {
            labels(&mut sql, "wid NOT IN (", device, &filter.labels_exclude);
        }
        filter.sight.narrow(&mut sql, "agent", "department");
        sql
    }
}

/// An archived chat has no other status than that.
fn statuses(sql: &mut Sql, filter: &ChatFilter) {
    sql.and("(");
    for (i, status) in filter.statuses.iter().enumerate() {
        if i > 0 {
            sql.push(" OR ");
        }
        match status.as_str() {
            "archived" => sql.push("archived = 1"),
            "muted" => sql.push("muted_until IS NOT NULL"),
            other => sql.push("(archived = 0 AND status = ").bind(other).push(")"),
        };
    }
    sql.push(")");
}

fn labels(sql: &mut Sql, how: &'static str, device: &DeviceId, labels: &[String]) {
    sql.and(how).push("SELECT chat FROM chat_labels WHERE device_id = ").bind(device.as_str()).push(" AND label IN (");
    for (i, label) in labels.iter().enumerate() {
        if i > 0 {
            sql.push(", ");
        }
        sql.bind(label.as_str());
    }
    sql.push("))");
}
