//! Chats, contacts and chat messages of a number.

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;

/// A conversation.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChatRow {
    /// `…@c.us`, `…@g.us`, `…@newsletter`.
    pub wid: String,
    /// The person's private id.
    pub lid: Option<String>,
    /// `chat`, `group`, `channel`.
    pub kind: String,
    /// Shown name.
    pub name: Option<String>,
    /// `pending`, `active`, `resolved`, `archived`…
    pub status: String,
    /// Messages received.
    pub inbound_messages: i64,
    /// Messages sent.
    pub outbound_messages: i64,
    /// Messages not read yet.
    pub unread: i64,
    /// First message.
    pub first_message_at: i64,
    /// Newest message.
    pub last_message_at: i64,
    /// Newest received.
    pub last_inbound_at: Option<i64>,
    /// Newest sent.
    pub last_outbound_at: Option<i64>,
    /// JSON list of label names.
    pub labels: String,
    /// Who looks after it, JSON.
    pub owner: String,
}

/// A person as a number knows them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ContactRow {
    /// `…@c.us` where known, else `…@lid`.
    pub wid: String,
    /// The private id.
    pub lid: Option<String>,
    /// E.164 where known.
    pub phone: Option<String>,
    /// Name in the address book.
    pub name: Option<String>,
    /// Name the person gives.
    pub push_name: Option<String>,
    /// JSON list of `{key, value}`.
    pub metadata: String,
}

/// A message of a chat, received or sent.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChatMessageRow {
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
    /// Text or caption.
    pub body: Option<String>,
    /// `pending`, `sent`, `delivered`, `read`, `played`, `failed`.
    pub ack: String,
    /// The rest as the API shows it, JSON.
    pub doc: String,
    /// WhatsApp's time.
    pub at: i64,
}

impl Account<'_> {
    /// One chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ChatRow>> {
        Ok(sqlx::query_as("SELECT * FROM chats WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Counts a message into its chat, which is made when it is the first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_message(&mut self, device: &DeviceId, chat: &ChatRow, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO chats (device_id, wid, account_id, lid, kind, name, status, inbound_messages, outbound_messages, \
             unread, first_message_at, last_message_at, last_inbound_at, last_outbound_at, created_at, labels, owner) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             ON CONFLICT (device_id, wid) DO UPDATE SET lid = COALESCE(excluded.lid, chats.lid), \
             name = COALESCE(excluded.name, chats.name), \
             inbound_messages = chats.inbound_messages + excluded.inbound_messages, \
             outbound_messages = chats.outbound_messages + excluded.outbound_messages, \
             unread = chats.unread + excluded.unread, \
             last_message_at = CASE WHEN excluded.last_message_at > chats.last_message_at \
                 THEN excluded.last_message_at ELSE chats.last_message_at END, \
             last_inbound_at = COALESCE(excluded.last_inbound_at, chats.last_inbound_at), \
             last_outbound_at = COALESCE(excluded.last_outbound_at, chats.last_outbound_at)",
        )
        .bind(device.as_str())
        .bind(&chat.wid)
        .bind(self.id.as_str())
        .bind(&chat.lid)
        .bind(&chat.kind)
        .bind(&chat.name)
        .bind(&chat.status)
        .bind(chat.inbound_messages)
        .bind(chat.outbound_messages)
        .bind(chat.unread)
        .bind(chat.first_message_at)
        .bind(chat.last_message_at)
        .bind(chat.last_inbound_at)
        .bind(chat.last_outbound_at)
        .bind(now)
        .bind(&chat.labels)
        .bind(&chat.owner)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes what people decide about a chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_chat(&mut self, device: &DeviceId, chat: &ChatRow) -> Result<()> {
        sqlx::query(
            "UPDATE chats SET status = $4, unread = $5, labels = $6, owner = $7 \
             WHERE account_id = $1 AND device_id = $2 AND wid = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(&chat.wid)
        .bind(&chat.status)
        .bind(chat.unread)
        .bind(&chat.labels)
        .bind(&chat.owner)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes a contact's metadata.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_metadata(&mut self, device: &DeviceId, wid: &str, metadata: &str, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE contacts SET metadata = $4, updated_at = $5 WHERE account_id = $1 AND device_id = $2 AND wid = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wid)
        .bind(metadata)
        .bind(now)
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

    /// Removes every contact of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_contacts(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM contacts WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// One contact by phone-number id or private id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contact(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ContactRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM contacts WHERE account_id = $1 AND device_id = $2 AND (wid = $3 OR lid = $3) LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wid)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Adds what is known of a person to what was known before.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn merge_contact(&mut self, device: &DeviceId, contact: &ContactRow, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO contacts (device_id, wid, account_id, lid, phone, name, push_name, created_at, updated_at, metadata) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) \
             ON CONFLICT (device_id, wid) DO UPDATE SET lid = COALESCE(excluded.lid, contacts.lid), \
             phone = COALESCE(excluded.phone, contacts.phone), name = COALESCE(excluded.name, contacts.name), \
             push_name = COALESCE(excluded.push_name, contacts.push_name), updated_at = excluded.updated_at",
        )
        .bind(device.as_str())
        .bind(&contact.wid)
        .bind(self.id.as_str())
        .bind(&contact.lid)
        .bind(&contact.phone)
        .bind(&contact.name)
        .bind(&contact.push_name)
        .bind(now)
        .bind(&contact.metadata)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Keeps a message of a chat; false when it was there already.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_chat_message(
        &mut self,
        device: &DeviceId,
        row: &ChatMessageRow,
        raw: Option<&[u8]>,
        now: i64,
    ) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO chat_messages (device_id, chat, author, wa_id, account_id, flow, kind, body, ack, doc, raw, at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (device_id, chat, author, wa_id) DO NOTHING",
        )
        .bind(device.as_str())
        .bind(&row.chat)
        .bind(&row.author)
        .bind(&row.wa_id)
        .bind(self.id.as_str())
        .bind(&row.flow)
        .bind(&row.kind)
        .bind(&row.body)
        .bind(&row.ack)
        .bind(&row.doc)
        .bind(raw.map(<[u8]>::to_vec))
        .bind(row.at)
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// A message of a number by WhatsApp's id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_message(&mut self, device: &DeviceId, wa_id: &str) -> Result<Option<ChatMessageRow>> {
        Ok(sqlx::query_as(
            "SELECT chat, author, wa_id, flow, kind, body, ack, doc, at FROM chat_messages \
             WHERE account_id = $1 AND device_id = $2 AND wa_id = $3 ORDER BY at DESC LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wa_id)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Raises the ack of an outbound chat message; it never goes back.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn raise_ack(&mut self, device: &DeviceId, wa_id: &str, receipt: super::Receipt) -> Result<bool> {
        let mut sql = crate::sql::Sql::new("UPDATE chat_messages SET ack = ");
        sql.bind(receipt.word());
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("wa_id = ").bind(wa_id).and("flow = 'outbound'");
        let before = receipt.earlier().iter().copied().filter(|w| !matches!(*w, "queued" | "processing"));
        sql.and_in("ack", before.chain(["pending"]));
        Ok(sql.run(&mut *self.conn).await? > 0)
    }
}
