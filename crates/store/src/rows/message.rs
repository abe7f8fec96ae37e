//! Outbound messages: the queue and what became of it.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, DeviceId, MessageId};
use crate::sql::{Sql, contains};

/// An outbound message.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MessageRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: MessageId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Sent by this number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// WhatsApp's id, chosen at enqueue and kept through every retry.
    pub wa_id: String,
    /// To whom, `…@c.us`, `…@g.us`, `…@newsletter`.
    pub chat: String,
    /// `user`, `group` or `channel`.
    pub target: String,
    /// `text`, `image`…
    pub kind: String,
    /// Text or caption.
    pub body: Option<String>,
    /// Everything else that was asked, JSON.
    pub payload: String,
    /// `api` or `chat`.
    pub source: String,
    /// `queued`, `processing`, `processed`, `failed`, `expired`, `removed`.
    pub status: String,
    /// `queued`, `processing`, `sent`, `delivered`, `read`, `played`, `failed`, `cancelled`, `revoked`.
    pub delivery_status: String,
    /// `pending`, `notified`, `ignored`, `failed`.
    pub webhook_status: String,
    /// Higher goes first.
    pub priority: i64,
    /// The caller's own id.
    pub reference: Option<String>,
    /// In whose name.
    pub agent_id: Option<String>,
    /// Who asked for it.
    pub created_by: String,
    /// Not before.
    pub deliver_at: i64,
    /// Next try not before.
    pub next_attempt_at: i64,
    /// Not after.
    pub expires_at: Option<i64>,
    /// Tries after the first, at most.
    pub retry_max: i64,
    /// Tries after the first, so far.
    pub retry_count: i64,
    /// When it was last tried again.
    pub last_retry_at: Option<i64>,
    /// `area:code` of the failure.
    pub failure_code: Option<String>,
    /// A sentence.
    pub failure_reason: Option<String>,
    /// When it was accepted.
    pub created_at: i64,
    /// When it left the queue.
    pub processed_at: Option<i64>,
    /// When WhatsApp took it.
    pub sent_at: Option<i64>,
    /// When a device of the receiver had it.
    pub delivered_at: Option<i64>,
    /// When it was read.
    pub read_at: Option<i64>,
    /// When it was given up.
    pub failed_at: Option<i64>,
    /// When it expired unsent.
    pub expired_at: Option<i64>,
}

/// What a sender needs to know of the next message.
pub type DueMessage = MessageRow;

/// What became of a message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receipt {
    /// WhatsApp's server has it.
    Sent,
    /// A device of the receiver has it.
    Delivered,
    /// It was read.
    Read,
    /// It was played.
    Played,
}

impl Receipt {
    /// The API's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }

    /// What comes before it; a receipt never takes a message back.
    #[must_use]
    pub fn earlier(self) -> &'static [&'static str] {
        match self {
            Self::Sent => &["queued", "processing"],
            Self::Delivered => &["queued", "processing", "sent"],
            Self::Read => &["queued", "processing", "sent", "delivered"],
            Self::Played => &["queued", "processing", "sent", "delivered", "read"],
        }
    }
}

/// Messages of a queue by state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Waiting, due or not.
    pub queued: i64,
    /// Waiting for a later time.
    pub scheduled: i64,
    /// On their way to WhatsApp.
    pub processing: i64,
}

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

fn filtered(mut sql: Sql, account: &AccountId, f: &MessageFilter) -> Sql {
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

impl Account<'_> {
    /// A page of messages.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn messages(&mut self, filter: &MessageFilter) -> Result<Vec<MessageRow>> {
        let mut sql = filtered(Sql::new("SELECT * FROM messages"), self.id, filter);
        sql.push(if filter.ascending { " ORDER BY created_at, seq" } else { " ORDER BY created_at DESC, seq DESC" });
        sql.page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many messages the filter matches.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_messages(&mut self, filter: &MessageFilter) -> Result<i64> {
        filtered(Sql::new("SELECT COUNT(*) FROM messages"), self.id, filter).number(&mut *self.conn).await
    }

    /// One message.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn message(&mut self, id: &MessageId) -> Result<Option<MessageRow>> {
        Ok(sqlx::query_as("SELECT * FROM messages WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// The newest message of a number with this WhatsApp id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn message_by_wa_id(&mut self, device: &DeviceId, wa_id: &str) -> Result<Option<MessageRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM messages WHERE account_id = $1 AND device_id = $2 AND wa_id = $3 ORDER BY created_at DESC LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wa_id)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Adds a message to the queue.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_message(&mut self, row: &MessageRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO messages (id, account_id, device_id, wa_id, chat, target, kind, body, payload, source, status, \
             delivery_status, webhook_status, priority, reference, agent_id, created_by, deliver_at, next_attempt_at, \
             expires_at, retry_max, retry_count, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
             $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(&row.wa_id)
        .bind(&row.chat)
        .bind(&row.target)
        .bind(&row.kind)
        .bind(&row.body)
        .bind(&row.payload)
        .bind(&row.source)
        .bind(&row.status)
        .bind(&row.delivery_status)
        .bind(&row.webhook_status)
        .bind(row.priority)
        .bind(&row.reference)
        .bind(&row.agent_id)
        .bind(&row.created_by)
        .bind(row.deliver_at)
        .bind(row.next_attempt_at)
        .bind(row.expires_at)
        .bind(row.retry_max)
        .bind(row.retry_count)
        .bind(row.created_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes every column that a delivery changes.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_message(&mut self, row: &MessageRow) -> Result<()> {
        sqlx::query(
            "UPDATE messages SET status = $3, delivery_status = $4, webhook_status = $5, next_attempt_at = $6, \
             retry_count = $7, last_retry_at = $8, failure_code = $9, failure_reason = $10, processed_at = $11, \
             sent_at = $12, delivered_at = $13, read_at = $14, failed_at = $15, expired_at = $16, chat = $17 \
             WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.status)
        .bind(&row.delivery_status)
        .bind(&row.webhook_status)
        .bind(row.next_attempt_at)
        .bind(row.retry_count)
        .bind(row.last_retry_at)
        .bind(&row.failure_code)
        .bind(&row.failure_reason)
        .bind(row.processed_at)
        .bind(row.sent_at)
        .bind(row.delivered_at)
        .bind(row.read_at)
        .bind(row.failed_at)
        .bind(row.expired_at)
        .bind(&row.chat)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// What waits in a number's queue at `now`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn queue_counts(&mut self, device: &DeviceId, now: i64) -> Result<Counts> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT status, COUNT(*), CAST(SUM(CASE WHEN deliver_at > $3 THEN 1 ELSE 0 END) AS BIGINT) FROM messages \
             WHERE account_id = $1 AND device_id = $2 AND status IN ('queued', 'processing') GROUP BY status",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(now)
        .fetch_all(&mut *self.conn)
        .await?;
        let mut counts = Counts::default();
        for (status, all, later) in rows {
            if status == "queued" {
                counts.queued = all;
                counts.scheduled = later;
            } else {
                counts.processing = all;
            }
        }
        Ok(counts)
    }

    /// Takes all waiting messages of a number out of its queue; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn empty_queue(&mut self, device: &DeviceId, now: i64, why: &str) -> Result<Vec<MessageRow>> {
        Ok(sqlx::query_as(
            "UPDATE messages SET status = 'removed', delivery_status = 'cancelled', failure_reason = $4, processed_at = $3 \
             WHERE account_id = $1 AND device_id = $2 AND status = 'queued' RETURNING *",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(now)
        .bind(why)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Removes all messages and chat messages of some chats of a number, or of
    /// all; how many chats were there.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_chats(&mut self, device: &DeviceId, chats: Option<&[String]>) -> Result<u64> {
        let mut gone = 0;
        for (text, is_chats) in [("DELETE FROM chat_messages", false), ("DELETE FROM chats", true)] {
            let mut sql = Sql::new(text);
            sql.and("account_id = ").bind(self.id.as_str());
            sql.and("device_id = ").bind(device.as_str());
            if let Some(chats) = chats {
                let column = if is_chats { "wid" } else { "chat" };
                sql.and_in(column, chats.iter().map(String::as_str));
            }
            let rows = sql.run(&mut *self.conn).await?;
            if is_chats {
                gone = rows;
            }
        }
        Ok(gone)
    }
}

impl Server<'_> {
    /// The next messages of a number that may be sent at `now`, none of a chat
    /// in `busy` and none that would overtake one of its chat that waits for a
    /// retry. Several may be of one chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_messages(
        &mut self,
        device: &DeviceId,
        now: i64,
        busy: &[String],
        limit: i64,
    ) -> Result<Vec<DueMessage>> {
        let mut sql = Sql::new("SELECT * FROM messages m");
        sql.and("m.device_id = ").bind(device.as_str());
        sql.and("m.status = 'queued'").and("m.next_attempt_at <= ").bind(now);
        if !busy.is_empty() {
            sql.and("m.chat NOT IN (");
            for (i, chat) in busy.iter().enumerate() {
                if i > 0 {
                    sql.push(", ");
                }
                sql.bind(chat.as_str());
            }
            sql.push(")");
        }
        sql.and(
            "NOT EXISTS (SELECT 1 FROM messages w WHERE w.device_id = m.device_id AND w.chat = m.chat \
             AND w.status = 'queued' AND w.retry_count > 0 AND w.seq < m.seq AND w.next_attempt_at > ",
        )
        .bind(now)
        .push(")");
        sql.push(" ORDER BY m.priority DESC, m.seq").page(limit, 0);
        sql.all(&mut *self.conn).await
    }

    /// Moves waiting messages past their end out of all queues of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn expire_messages(&mut self, device: &DeviceId, now: i64) -> Result<Vec<MessageRow>> {
        Ok(sqlx::query_as(
            "UPDATE messages SET status = 'expired', delivery_status = 'failed', expired_at = $2, processed_at = $2, \
             failure_code = 'message:expired', failure_reason = 'It could not be sent before it expired.' \
             WHERE device_id = $1 AND status = 'queued' AND expires_at <= $2 RETURNING *",
        )
        .bind(device.as_str())
        .bind(now)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Marks messages as being on their way.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn mark_processing(&mut self, ids: &[String]) -> Result<()> {
        let mut sql = Sql::new("UPDATE messages SET status = 'processing', delivery_status = 'processing'");
        sql.and_in("id", ids.iter().map(String::as_str));
        sql.run(&mut *self.conn).await?;
        Ok(())
    }

    /// When the next waiting message of a number becomes due after `after`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn next_due(&mut self, device: &DeviceId, after: i64) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT MIN(next_attempt_at) FROM messages WHERE device_id = $1 AND status = 'queued' AND next_attempt_at > $2",
        )
        .bind(device.as_str())
        .bind(after)
        .fetch_one(&mut *self.conn)
        .await?)
    }

    /// Puts what was on its way when the server died back into the queue: it is
    /// sent again under the same id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn requeue_processing(&mut self, device: &DeviceId, now: i64) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE messages SET status = 'queued', delivery_status = 'queued', next_attempt_at = $2 \
             WHERE device_id = $1 AND status = 'processing'",
        )
        .bind(device.as_str())
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }
}
