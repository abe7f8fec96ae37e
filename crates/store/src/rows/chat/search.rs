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

/// Matches that are counted at most beyond the page that is shown.
const COUNTED: i64 = 10_000;
/// A word that is in no more messages than that is looked up in the index.
const RARE: i64 = 2_000;

/// A word that is searched for.
struct AskedWord {
    /// The words that begin with it, as bytes: from this one, …
    from: Vec<u8>,
    /// … up to this one.
    to: Vec<u8>,
    /// Messages that have one, counted a little beyond [`RARE`].
    messages: i64,
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
        let words = self.asked_words(device, filter).await?;
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_messages");
        let mut sql = self.filtered(sql, device, filter, &words);
        sql.push(if filter.ascending { " ORDER BY at, seq" } else { " ORDER BY at DESC, seq DESC" });
        sql.page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many messages the filter matches, counted up to 10,000 beyond the page.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_chat_messages(&mut self, device: &DeviceId, filter: &ChatMessageFilter) -> Result<i64> {
        let words = self.asked_words(device, filter).await?;
        let sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chat_messages");
        let mut sql = self.filtered(sql, device, filter, &words);
        let most = filter.skip.saturating_add(filter.size).saturating_add(COUNTED);
        sql.push(" LIMIT ").bind(most).push(") AS counted");
        sql.number(&mut *self.conn).await
    }

    /// The words of a search, the rare ones first: a few messages are found by
    /// such a word; what is common is rather looked for message by message, from
    /// the newest.
    async fn asked_words(&mut self, device: &DeviceId, filter: &ChatMessageFilter) -> Result<Vec<AskedWord>> {
        let Some(text) = &filter.search else { return Ok(Vec::new()) };
        let mut words = Vec::new();
        for word in words_of(text) {
            let (from, to) = range(&word);
            let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chat_message_words");
            sql.and("device_id = ").bind(device.as_str());
            sql.and("word >= ").bind(from.clone()).and("word < ").bind(to.clone());
            sql.push(" LIMIT ").bind(RARE + 1).push(") AS counted");
            let messages = sql.number(&mut *self.conn).await?;
            words.push(AskedWord { from, to, messages });
        }
        words.sort_by_key(|word| word.messages);
        Ok(words)
    }

    fn filtered(&self, mut sql: Sql, device: &DeviceId, filter: &ChatMessageFilter, words: &[AskedWord]) -> Sql {
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
            searched(&mut sql, device, search, words);
        }
        if let Some(chat) = &filter.chat {
            sql.and("chat = ").bind(chat.as_str());
        }
        if let Some(from) = &filter.from {
            // In a pair the chat is who writes; an OR of both could not use an index for the order.
            if is_person(from) {
                sql.and("author = ").bind(from.as_str());
            } else {
                sql.and("chat = ").bind(from.as_str()).push(" AND flow = 'inbound'");
            }
        }
        if let Some(to) = &filter.to {
            if filter.own.as_ref() == Some(to) {
                sql.and("((flow = 'outbound' AND chat = ").bind(to.as_str()).push(") OR flow = 'inbound')");
            } else {
                sql.and("chat = ").bind(to.as_str()).push(" AND flow = 'outbound'");
            }
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
fn searched(sql: &mut Sql, device: &DeviceId, text: &str, words: &[AskedWord]) {
    if words.is_empty() {
        sql.and("LOWER(COALESCE(body, '')) LIKE ").bind(contains(text)).push(" ESCAPE '\\'");
    }
    for (place, word) in words.iter().enumerate() {
        if place == 0 && word.messages <= RARE {
            sql.and("seq IN (SELECT message FROM chat_message_words WHERE device_id = ").bind(device.as_str());
        } else {
            sql.and("EXISTS (SELECT 1 FROM chat_message_words WHERE device_id = ").bind(device.as_str());
            sql.push(" AND message = chat_messages.seq");
        }
        sql.push(" AND word >= ").bind(word.from.clone()).push(" AND word < ").bind(word.to.clone()).push(")");
    }
}

fn is_person(wid: &str) -> bool {
    wid.ends_with("@c.us") || wid.ends_with("@lid")
}
