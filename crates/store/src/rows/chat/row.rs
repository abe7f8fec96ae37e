//! A chat.

use super::super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChatRow {
    /// WhatsApp id: `…@c.us`, `…@lid`, `…@g.us`, `…@newsletter`.
    pub wid: String,
    /// The person's private id.
    pub lid: Option<String>,
    /// `chat`, `group`, `channel`, `community` or `broadcast`.
    pub kind: String,
    /// The name WhatsApp gives it: the group's subject, the name a person gives itself.
    pub name: Option<String>,
    /// The shown name in lower case, by which lists are sorted.
    pub sort_name: String,
    /// The text whose words find it.
    pub found_by: String,
    /// `pending`, `active`, `resolved` or `removed`; archived chats keep theirs.
    pub status: String,
    /// When the status changed last.
    pub status_at: Option<i64>,
    /// Who changed it: a user's id; `None` when a message or the phone did.
    pub status_by: Option<String>,
    /// The status before.
    pub prev_status: Option<String>,
    /// When that one had begun.
    pub prev_status_at: Option<i64>,
    /// 1 while it is archived, here and on the phone.
    pub archived: i64,
    /// When it was pinned; `None` while it is not.
    pub pinned_at: Option<i64>,
    /// Muted up to this time, -1 for ever; `None` when it is not.
    pub muted_until: Option<i64>,
    /// 1 when nobody but admins may write.
    pub read_only: i64,
    /// 1 when this number may write.
    pub can_send: i64,
    /// Seconds after which messages disappear.
    pub ephemeral: Option<i64>,
    /// 1 when this number wrote first.
    pub user_initiated: i64,
    /// Received and not read yet.
    pub unread: i64,
    /// When that count changed last.
    pub unread_at: Option<i64>,
    /// 1 when somebody has marked it as unread.
    pub marked_unread: i64,
    /// Messages received.
    pub inbound_messages: i64,
    /// Messages sent.
    pub outbound_messages: i64,
    /// Messages that are kept here.
    pub local_messages: i64,
    /// Notes that are kept here.
    pub notes: i64,
    /// First message.
    pub first_message_at: Option<i64>,
    /// Newest message; 0 when there is none.
    pub last_message_at: i64,
    /// Newest received.
    pub last_inbound_at: Option<i64>,
    /// Newest sent.
    pub last_outbound_at: Option<i64>,
    /// Number of the newest message within the database.
    pub last_message: Option<i64>,
    /// Number of the newest note within the database.
    pub last_note: Option<i64>,
    /// When that one was written.
    pub last_note_at: Option<i64>,
    /// The newest reaction, JSON.
    pub last_reaction: Option<String>,
    /// Id of the newest automatic reply.
    pub last_auto_reply: Option<String>,
    /// When that one was sent.
    pub last_auto_reply_at: Option<i64>,
    /// Names of its labels, a JSON list.
    pub labels: String,
    /// Who looks after it and who did before, JSON.
    pub owner: String,
    /// Id of the agent who looks after it.
    pub agent: Option<String>,
    /// Id of the department that looks after it.
    pub department: Option<String>,
    /// What is known of the group or channel, JSON.
    pub facts: Option<String>,
    /// When the row was made.
    pub created_at: i64,
    /// When it was changed last.
    pub updated_at: i64,
}

impl ChatRow {
    /// A chat in which nothing was said yet.
    #[must_use]
    pub fn new(wid: &str, kind: &str, now: i64) -> Self {
        Self {
            wid: wid.to_owned(),
            lid: None,
            kind: kind.to_owned(),
            name: None,
            sort_name: String::new(),
            found_by: String::new(),
            status: "active".to_owned(),
            status_at: None,
            status_by: None,
            prev_status: None,
            prev_status_at: None,
            archived: 0,
            pinned_at: None,
            muted_until: None,
            read_only: 0,
            can_send: 1,
            ephemeral: None,
            user_initiated: 0,
            unread: 0,
            unread_at: None,
            marked_unread: 0,
            inbound_messages: 0,
            outbound_messages: 0,
            local_messages: 0,
            notes: 0,
            first_message_at: None,
            last_message_at: 0,
            last_inbound_at: None,
            last_outbound_at: None,
            last_message: None,
            last_note: None,
            last_note_at: None,
            last_reaction: None,
            last_auto_reply: None,
            last_auto_reply_at: None,
            labels: "[]".to_owned(),
            owner: "{}".to_owned(),
            agent: None,
            department: None,
            facts: None,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Account<'_> {
    /// One chat by its id.
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

    /// One chat by its id or by the private id of its person.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_named(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ChatRow>> {
        if let Some(row) = self.chat(device, wid).await? {
            return Ok(Some(row));
        }
        Ok(sqlx::query_as("SELECT * FROM chats WHERE account_id = $1 AND device_id = $2 AND lid = $3 LIMIT 1")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Writes a chat as it is now, new or not.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_chat(&mut self, device: &DeviceId, chat: &ChatRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO chats (\
             device_id, account_id, wid, lid, kind, name, sort_name, found_by, status, status_at, \
             status_by, prev_status, prev_status_at, archived, pinned_at, muted_until, read_only, \
             can_send, ephemeral, user_initiated, unread, unread_at, marked_unread, \
             inbound_messages, outbound_messages, local_messages, notes, first_message_at, \
             last_message_at, last_inbound_at, last_outbound_at, last_message, last_note, \
             last_note_at, last_reaction, last_auto_reply, last_auto_reply_at, labels, owner, agent, \
             department, facts, created_at, updated_at \
             ) VALUES ( \
             $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
             $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, \
             $37, $38, $39, $40, $41, $42, $43, $44 \
             ) ON CONFLICT (device_id, wid) DO UPDATE SET \
             lid = excluded.lid, kind = excluded.kind, name = excluded.name, \
             sort_name = excluded.sort_name, found_by = excluded.found_by, status = excluded.status, \
             status_at = excluded.status_at, status_by = excluded.status_by, \
             prev_status = excluded.prev_status, prev_status_at = excluded.prev_status_at, \
             archived = excluded.archived, pinned_at = excluded.pinned_at, \
             muted_until = excluded.muted_until, read_only = excluded.read_only, \
             can_send = excluded.can_send, ephemeral = excluded.ephemeral, \
             user_initiated = excluded.user_initiated, unread = excluded.unread, \
             unread_at = excluded.unread_at, marked_unread = excluded.marked_unread, \
             inbound_messages = excluded.inbound_messages, \
             outbound_messages = excluded.outbound_messages, \
             local_messages = excluded.local_messages, notes = excluded.notes, \
             first_message_at = excluded.first_message_at, \
             last_message_at = excluded.last_message_at, last_inbound_at = excluded.last_inbound_at, \
             last_outbound_at = excluded.last_outbound_at, last_message = excluded.last_message, \
             last_note = excluded.last_note, last_note_at = excluded.last_note_at, \
             last_reaction = excluded.last_reaction, last_auto_reply = excluded.last_auto_reply, \
             last_auto_reply_at = excluded.last_auto_reply_at, labels = excluded.labels, \
             owner = excluded.owner, agent = excluded.agent, department = excluded.department, \
             facts = excluded.facts, updated_at = excluded.updated_at",
        )
        .bind(device.as_str())
        .bind(self.id.as_str())
        .bind(&chat.wid)
        .bind(&chat.lid)
        .bind(&chat.kind)
        .bind(&chat.name)
        .bind(&chat.sort_name)
        .bind(&chat.found_by)
        .bind(&chat.status)
        .bind(chat.status_at)
        .bind(&chat.status_by)
        .bind(&chat.prev_status)
        .bind(chat.prev_status_at)
        .bind(chat.archived)
        .bind(chat.pinned_at)
        .bind(chat.muted_until)
        .bind(chat.read_only)
        .bind(chat.can_send)
        .bind(chat.ephemeral)
        .bind(chat.user_initiated)
        .bind(chat.unread)
        .bind(chat.unread_at)
        .bind(chat.marked_unread)
        .bind(chat.inbound_messages)
        .bind(chat.outbound_messages)
        .bind(chat.local_messages)
        .bind(chat.notes)
        .bind(chat.first_message_at)
        .bind(chat.last_message_at)
        .bind(chat.last_inbound_at)
        .bind(chat.last_outbound_at)
        .bind(chat.last_message)
        .bind(chat.last_note)
        .bind(chat.last_note_at)
        .bind(&chat.last_reaction)
        .bind(&chat.last_auto_reply)
        .bind(chat.last_auto_reply_at)
        .bind(&chat.labels)
        .bind(&chat.owner)
        .bind(&chat.agent)
        .bind(&chat.department)
        .bind(&chat.facts)
        .bind(chat.created_at)
        .bind(chat.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Several chats at once, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chats_of(&mut self, device: &DeviceId, wids: &[String]) -> Result<Vec<ChatRow>> {
        if wids.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT * FROM chats");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("wid", wids.iter().map(String::as_str));
        sql.all(&mut *self.conn).await
    }

    /// Removes a chat with its labels, its words and its wishes; its messages
    /// are another matter.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_chat(&mut self, device: &DeviceId, chat: &ChatRow) -> Result<()> {
        self.set_chat_labels(device, &chat.wid, &[]).await?;
        self.set_chat_words(device, &chat.wid, &chat.found_by, "").await?;
        for text in
            ["DELETE FROM chat_wishes WHERE attribute <> 'delete' AND chat = ", "DELETE FROM chats WHERE wid = "]
        {
            let mut sql = Sql::new(text);
            sql.bind(chat.wid.as_str()).push(" AND account_id = ").bind(self.id.as_str());
            sql.push(" AND device_id = ").bind(device.as_str());
            sql.run(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// Puts what was said in one chat into another: messages, files, marks. A
    /// message that both have is kept once.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn move_chat(&mut self, device: &DeviceId, from: &str, to: &str) -> Result<()> {
        for text in [
            "UPDATE chat_messages SET chat = $4, author = CASE WHEN author = $3 THEN $4 ELSE author END \
             WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND NOT EXISTS (SELECT 1 FROM chat_messages o \
             WHERE o.device_id = $2 AND o.wa_id = chat_messages.wa_id AND o.chat = $4)",
            "UPDATE chat_files SET chat = $4, author = CASE WHEN author = $3 THEN $4 ELSE author END \
             WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND message IN (SELECT seq FROM chat_messages m \
             WHERE m.device_id = $2 AND m.chat = $4)",
            "UPDATE chat_message_marks SET chat = $4 WHERE account_id = $1 AND device_id = $2 AND chat = $3 \
             AND NOT EXISTS (SELECT 1 FROM chat_message_marks o WHERE o.device_id = $2 \
             AND o.target = chat_message_marks.target AND o.chat = $4 AND o.kind = chat_message_marks.kind \
             AND o.person = chat_message_marks.person)",
        ] {
            sqlx::query(text)
                .bind(self.id.as_str())
                .bind(device.as_str())
                .bind(from)
                .bind(to)
                .execute(&mut *self.conn)
                .await?;
        }
        for text in [
            "DELETE FROM chat_message_words WHERE device_id = $2 AND message IN (SELECT seq FROM chat_messages m \
             WHERE m.account_id = $1 AND m.device_id = $2 AND m.chat = $3)",
            "DELETE FROM chat_files WHERE account_id = $1 AND device_id = $2 AND chat = $3",
            "DELETE FROM chat_message_marks WHERE account_id = $1 AND device_id = $2 AND chat = $3",
            "DELETE FROM chat_messages WHERE account_id = $1 AND device_id = $2 AND chat = $3",
        ] {
            sqlx::query(text).bind(self.id.as_str()).bind(device.as_str()).bind(from).execute(&mut *self.conn).await?;
        }
        Ok(())
    }
}
