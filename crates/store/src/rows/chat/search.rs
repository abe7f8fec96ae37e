//! Which messages of a number's chats to list.

use super::super::Account;
use super::message::{COLUMNS, ChatMessageRow, Place};
use super::words::{range, words_of};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::{Sql, contains};

/// Which messages of a number's chats to list.
#[derive(Debug, Clone, Default)]
pub struct ChatMessageFilter {
    /// Only `inbound` or only `outbound`.
    pub flow: Option<String>,
    /// Only with one of these acks.
    pub ack: Vec<String>,
    /// Only with these WhatsApp ids.
    pub wids: Vec<String>,
    /// Only with all of these words, or words that begin so.
    pub search: Option<String>,
    /// Only in this chat.
    pub chat: Option<String>,
    /// Only by this person, or from this chat.
    pub from: Option<String>,
    /// Only to this chat; the number's own id means everything received.
    pub to: Option<String>,
    /// The number's own id.
    pub own: Option<String>,
    /// Only in chats of these kinds.
    pub chat_kinds: Vec<String>,
    /// Only with this reference.
    pub reference: Option<String>,
    /// Only of one of these kinds; a subtype narrows it, `Some("")` means none.
    pub kinds: Vec<(String, Option<String>)>,
    /// From this message on, itself included.
    pub begin: Option<Place>,
    /// Up to this message, itself included.
    pub end: Option<Place>,
    /// Only after this time.
    pub after: Option<i64>,
    /// Only before this time.
    pub before: Option<i64>,
    /// Oldest first.
    pub ascending: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

impl Account<'_> {
    /// A page of a number's messages.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_messages(
        &mut self,
        device: &DeviceId,
        filter: &ChatMessageFilter,
    ) -> Result<Vec<ChatMessageRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_messages");
        let mut sql = self.filtered(sql, device, filter);
        sql.push(if filter.ascending { " ORDER BY at, seq" } else { " ORDER BY at DESC, seq DESC" });
        sql.page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many messages the filter matches.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_chat_messages(&mut self, device: &DeviceId, filter: &ChatMessageFilter) -> Result<i64> {
        let sql = self.filtered(Sql::new("SELECT COUNT(*) FROM chat_messages"), device, filter);
        sql.number(&mut *self.conn).await
    }

    fn filtered(&self, mut sql: Sql, device: &DeviceId, filter: &ChatMessageFilter) -> Sql {
        sql.and("device_id = ").bind(device.as_str());
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("status <> 'removed'");
        if let Some(flow) = &filter.flow {
            sql.and("flow = ").bind(flow.as_str());
        }
        if !filter.ack.is_empty() {
            sql.and_in("ack", filter.ack.iter().map(String::as_str));
        }
        if !filter.wids.is_empty() {
            sql.and_in("wa_id", filter.wids.iter().map(String::as_str));
        }
        if let Some(search) = &filter.search {
            searched(&mut sql, device, search);
        }
        if let Some(chat) = &filter.chat {
            sql.and("chat = ").bind(chat.as_str());
        }
        if let Some(from) = &filter.from {
            sql.and("(author = ").bind(from.as_str());
            sql.push(" OR (flow = 'inbound' AND chat = ").bind(from.as_str()).push("))");
        }
        if let Some(to) = &filter.to {
            sql.and("((flow = 'outbound' AND chat = ").bind(to.as_str());
            sql.push(if filter.own.as_ref() == Some(to) { ") OR flow = 'inbound')" } else { "))" });
        }
        if !filter.chat_kinds.is_empty() {
            // Each word of the list is bound; the chat's kind is in its own table.
            sql.and("chat IN (SELECT wid FROM chats WHERE device_id = ").bind(device.as_str());
            sql.push(" AND kind IN (");
            for (i, kind) in filter.chat_kinds.iter().enumerate() {
                if i > 0 {
                    sql.push(", ");
                }
                sql.bind(kind.as_str());
            }
            sql.push("))");
        }
        if let Some(reference) = &filter.reference {
            sql.and("reference = ").bind(reference.as_str());
        }
        if !filter.kinds.is_empty() {
            sql.and("(");
            for (i, (kind, subtype)) in filter.kinds.iter().enumerate() {
                sql.push(if i > 0 { " OR (kind = " } else { "(kind = " }).bind(kind.as_str());
                if let Some(subtype) = subtype {
                    sql.push(" AND COALESCE(subtype, '') = ").bind(subtype.as_str());
                }
                sql.push(")");
            }
            sql.push(")");
        }
        if let Some(begin) = filter.begin {
            sql.and("(at > ").bind(begin.at).push(" OR (at = ").bind(begin.at);
            sql.push(" AND seq >= ").bind(begin.seq).push("))");
        }
        if let Some(end) = filter.end {
            sql.and("(at < ").bind(end.at).push(" OR (at = ").bind(end.at);
            sql.push(" AND seq <= ").bind(end.seq).push("))");
        }
        if let Some(after) = filter.after {
            sql.and("at > ").bind(after);
        }
        if let Some(before) = filter.before {
            sql.and("at < ").bind(before);
        }
        sql
    }
}

/// Every word must be there, or one that begins with it. What has no words in
/// it, such as `%`, is looked for in the texts themselves.
fn searched(sql: &mut Sql, device: &DeviceId, text: &str) {
    let words = words_of(text);
    if words.is_empty() {
        sql.and("LOWER(COALESCE(body, '')) LIKE ").bind(contains(text)).push(" ESCAPE '\\'");
    }
    for word in words {
        let (from, to) = range(&word);
        sql.and("seq IN (SELECT message FROM chat_message_words WHERE device_id = ").bind(device.as_str());
        sql.push(" AND word >= ").bind(from).push(" AND word < ").bind(to).push(")");
    }
}
