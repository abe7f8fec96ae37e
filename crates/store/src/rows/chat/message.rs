//! What was said in a chat, received or sent.

use super::super::{Account, Receipt};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// The columns of a [`ChatMessageRow`]; the protobuf is read apart.
pub(super) const COLUMNS: &str =
    "seq, chat, author, wa_id, flow, kind, subtype, status, body, ack, reference, doc, at, edited_at";

/// A message of a chat, received or sent.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct ChatMessageRow {
    /// Its number within the database; given by it.
    pub seq: i64,
    /// Its chat.
    pub chat: String,
    /// Who wrote it.
    pub author: String,
    /// WhatsApp's id.
    pub wa_id: String,
    /// `inbound` or `outbound`.
    pub flow: String,
    /// `text`, `image`…
    pub kind: String,
    /// What sort of that kind: `voice` of `audio`, `live` of `location`…
    pub subtype: Option<String>,
    /// `active`, `revoked` (deleted for everybody) or `removed` (forgotten here).
    pub status: String,
    /// Text or caption.
    pub body: Option<String>,
    /// `pending`, `sent`, `delivered`, `read`, `played`, `failed`.
    pub ack: String,
    /// The caller's own id.
    pub reference: Option<String>,
    /// The rest as the API shows it, JSON.
    pub doc: String,
    /// WhatsApp's time.
    pub at: i64,
    /// When its text was last changed.
    pub edited_at: Option<i64>,
}

/// Where a message stands among all: by time, then by arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// WhatsApp's time.
    pub at: i64,
    /// Its number within the database.
    pub seq: i64,
}

/// What sort of chat an id is of: `chat`, `group`, `channel` or `broadcast`.
#[must_use]
pub fn chat_kind(wid: &str) -> &'static str {
    match wid.rsplit('@').next() {
        Some("g.us") => "group",
        Some("newsletter") => "channel",
        Some("broadcast") => "broadcast",
        _ => "chat",
    }
}

impl Account<'_> {
    /// Keeps a message of a chat; its number, or `None` when it was there
    /// already. `row.seq` is not looked at.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_chat_message(
        &mut self,
        device: &DeviceId,
        row: &ChatMessageRow,
        raw: Option<&[u8]>,
        now: i64,
    ) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar(
            "INSERT INTO chat_messages (device_id, chat, author, wa_id, account_id, flow, kind, subtype, status, body, \
             ack, reference, doc, raw, at, edited_at, created_at, chat_kind) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
             ON CONFLICT (device_id, wa_id, chat, author) DO NOTHING RETURNING seq",
        )
        .bind(device.as_str())
        .bind(&row.chat)
        .bind(&row.author)
        .bind(&row.wa_id)
        .bind(self.id.as_str())
        .bind(&row.flow)
        .bind(&row.kind)
        .bind(&row.subtype)
        .bind(&row.status)
        .bind(&row.body)
        .bind(&row.ack)
        .bind(&row.reference)
        .bind(&row.doc)
        .bind(raw.map(<[u8]>::to_vec))
        .bind(row.at)
        .bind(row.edited_at)
        .bind(now)
        .bind(chat_kind(&row.chat))
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// A message of a number by WhatsApp's id; the newest, should the id stand in
    /// several chats.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_message(&mut self, device: &DeviceId, wa_id: &str) -> Result<Option<ChatMessageRow>> {
        Ok(sqlx::query_as(
            "SELECT seq, chat, author, wa_id, flow, kind, subtype, status, body, ack, reference, doc, at, edited_at \
             FROM chat_messages WHERE account_id = $1 AND device_id = $2 AND wa_id = $3 ORDER BY at DESC LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wa_id)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// The messages of one chat under an id: one, unless two people chose the
    /// same.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_messages_under(
        &mut self,
        device: &DeviceId,
        chat: &str,
        wa_id: &str,
    ) -> Result<Vec<ChatMessageRow>> {
        Ok(sqlx::query_as(
            "SELECT seq, chat, author, wa_id, flow, kind, subtype, status, body, ack, reference, doc, at, edited_at \
             FROM chat_messages WHERE account_id = $1 AND device_id = $2 AND wa_id = $3 AND chat = $4",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wa_id)
        .bind(chat)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Messages by their numbers, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_messages_by_seq(&mut self, device: &DeviceId, seqs: &[i64]) -> Result<Vec<ChatMessageRow>> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM chat_messages");
        // The casts keep SQLite from the index of all that the number has: rows are few, and found by their numbers.
        sql.and("CAST(account_id AS TEXT) = ").bind(self.id.as_str());
        sql.and("CAST(device_id AS TEXT) = ").bind(device.as_str());
        sql.and_in("seq", seqs.iter().copied());
        sql.all(&mut *self.conn).await
    }

    /// The protobuf of a message as it was sent or received: what a forward, a
    /// quote, a vote or a download needs.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_message_raw(&mut self, device: &DeviceId, seq: i64) -> Result<Option<Vec<u8>>> {
        let raw: Option<Option<Vec<u8>>> =
            sqlx::query_scalar("SELECT raw FROM chat_messages WHERE account_id = $1 AND device_id = $2 AND seq = $3")
                .bind(self.id.as_str())
                .bind(device.as_str())
                .bind(seq)
                .fetch_optional(&mut *self.conn)
                .await?;
        Ok(raw.flatten())
    }

    /// Writes what may change of a message: text, status, the rest.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_chat_message(&mut self, device: &DeviceId, row: &ChatMessageRow) -> Result<()> {
        sqlx::query(
            "UPDATE chat_messages SET status = $4, body = $5, doc = $6, edited_at = $7 \
             WHERE account_id = $1 AND device_id = $2 AND seq = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(row.seq)
        .bind(&row.status)
        .bind(&row.body)
        .bind(&row.doc)
        .bind(row.edited_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Empties a message: nothing of what it said is kept. Its row stays, so that
    /// a copy that comes again is known.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn empty_chat_message(&mut self, device: &DeviceId, seq: i64, status: &str, doc: &str) -> Result<()> {
        sqlx::query(
            "UPDATE chat_messages SET status = $5, body = NULL, raw = NULL, doc = $4 \
             WHERE account_id = $1 AND device_id = $2 AND seq = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(seq)
        .bind(doc)
        .bind(status)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Ids of the newest received messages of a chat, as many as are unread.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn unread_messages(
        &mut self,
        device: &DeviceId,
        chat: &str,
        limit: i64,
    ) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as(
            "SELECT wa_id, author FROM chat_messages WHERE account_id = $1 AND device_id = $2 AND chat = $3 \
             AND flow = 'inbound' ORDER BY at DESC LIMIT $4",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Raises the ack of an outbound chat message; it never goes back.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn raise_ack(&mut self, device: &DeviceId, wa_id: &str, receipt: Receipt) -> Result<bool> {
        let mut sql = Sql::new("UPDATE chat_messages SET ack = ");
        sql.bind(receipt.word());
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("wa_id = ").bind(wa_id).and("flow = 'outbound'");
        let before = receipt.earlier().iter().copied().filter(|w| !matches!(*w, "queued" | "processing"));
        sql.and_in("ack", before.chain(["pending"]));
        Ok(sql.run(&mut *self.conn).await? > 0)
    }
}
