//! Outbound messages: the queue and what became of it.

mod filter;
mod queue;
mod retention;
mod target;

use super::Account;
use crate::error::Result;
use crate::ids::{AccountId, DeviceId, MessageId};
use crate::sql::Sql;

pub use filter::{MessageFilter, WaitingFilter};
use filter::{filtered, is_few, order, weigh_delivery};
pub use queue::{Counts, DueMessage, Hold};
pub use target::TargetRow;

/// How far a count goes beyond the page.
const COUNTED: i64 = 1_000;

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
    /// `api`, `chat` or `autoreply`.
    pub source: String,
    /// `queued`, `processing`, `processed`, `failed`, `expired`, `removed`.
    pub status: String,
    /// `queued`, `processing`, `sent`, `delivered`, `read`, `played`, `failed`, `cancelled`, `revoked`.
    pub delivery_status: String,
    /// `pending`, `notified`, `ignored`, `failed`.
    pub webhook_status: String,
    /// Higher goes first.
    pub priority: i64,
    /// What the queue is sorted by, highest first: the priority, and above all
    /// of them what was promised not to wait.
    pub rank: i64,
    /// 1 when it must not leave before what was accepted earlier for its chat.
    pub ordered: i64,
    /// How often it was handed to WhatsApp: 0 proves that nobody has it.
    pub attempts: i64,
    /// Key of votes and answers to it, 32 bytes.
    pub secret: Option<Vec<u8>>,
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

impl Account<'_> {
    /// A page of messages.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn messages(&mut self, filter: &MessageFilter) -> Result<Vec<MessageRow>> {
        let few = self.few_delivered(filter).await?;
        let mut sql = filtered(Sql::new("SELECT * FROM messages"), self.id, filter, few);
        sql.push(order(filter, few));
        sql.page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many messages the filter matches, counted up to 1,000 beyond the page.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_messages(&mut self, filter: &MessageFilter) -> Result<i64> {
        let few = self.few_delivered(filter).await?;
        let mut sql = filtered(Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM messages"), self.id, filter, few);
        let most = filter.skip.saturating_add(filter.size).saturating_add(COUNTED);
        // In order: PostgreSQL would rather read the table from its beginning until it has met enough.
        sql.push(order(filter, few)).push(" LIMIT ").bind(most).push(") AS counted");
        sql.number(&mut *self.conn).await
    }

    /// Whether few messages are delivered in the time that is asked for.
    async fn few_delivered(&mut self, filter: &MessageFilter) -> Result<bool> {
        match weigh_delivery(self.id, filter) {
            Some(sql) => Ok(is_few(sql.number(&mut *self.conn).await?)),
            None => Ok(false),
        }
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

    /// The message of a number with this WhatsApp id. Without an order: it would
    /// tempt planners to go through all messages from the newest on.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn message_by_wa_id(&mut self, device: &DeviceId, wa_id: &str) -> Result<Option<MessageRow>> {
        Ok(sqlx::query_as("SELECT * FROM messages WHERE account_id = $1 AND device_id = $2 AND wa_id = $3 LIMIT 1")
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
             expires_at, retry_max, retry_count, created_at, rank, ordered, attempts, secret) VALUES ($1, $2, $3, $4, $5, \
             $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)",
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
        .bind(row.rank)
        .bind(row.ordered)
        .bind(row.attempts)
        .bind(&row.secret)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes every column that people may change while it waits.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn rewrite_message(&mut self, row: &MessageRow) -> Result<()> {
        sqlx::query(
            "UPDATE messages SET device_id = $3, chat = $4, target = $5, kind = $6, body = $7, payload = $8, \
             priority = $9, rank = $10, reference = $11, agent_id = $12, deliver_at = $13, next_attempt_at = $14, \
             secret = $15 WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(row.device_id.as_str())
        .bind(&row.chat)
        .bind(&row.target)
        .bind(&row.kind)
        .bind(&row.body)
        .bind(&row.payload)
        .bind(row.priority)
        .bind(row.rank)
        .bind(&row.reference)
        .bind(&row.agent_id)
        .bind(row.deliver_at)
        .bind(row.next_attempt_at)
        .bind(&row.secret)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Keeps what a message's file turned out to be, so that a retry sends the same.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_payload(&mut self, id: &MessageId, kind: &str, payload: &str) -> Result<()> {
        sqlx::query("UPDATE messages SET kind = $3, payload = $4 WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .bind(kind)
            .bind(payload)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Forgets a message.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_message(&mut self, id: &MessageId) -> Result<()> {
        sqlx::query("DELETE FROM messages WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Writes how far a message has come with its receivers, and nothing else: most
    /// indexes of this table don't depend on it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_delivery(&mut self, row: &MessageRow) -> Result<()> {
        sqlx::query(
            "UPDATE messages SET delivery_status = $3, delivered_at = $4, read_at = $5 WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.delivery_status)
        .bind(row.delivered_at)
        .bind(row.read_at)
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
             sent_at = $12, delivered_at = $13, read_at = $14, failed_at = $15, expired_at = $16, chat = $17, attempts = $18 \
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
        .bind(row.attempts)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}
