//! What people put on a message: reactions, votes, answers, pins, edits. Of each
//! kind the newest of a person counts, in whatever order they arrive, and also
//! when they arrive before the message itself.

use super::super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// One mark on a message.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MarkRow {
    /// WhatsApp's id of the message it is on.
    pub target: String,
    /// The message's chat.
    pub chat: String,
    /// `reaction`, `vote`, `attend`, `edit`, `revoke`, `pin`, `keep`, or `counts` of a channel's post.
    pub kind: String,
    /// Who put it.
    pub person: String,
    /// Their private id.
    pub person_lid: Option<String>,
    /// WhatsApp's id of the message that put it.
    pub wa_id: String,
    /// What it says, by kind; `None` when it was taken back.
    pub value: Option<String>,
    /// WhatsApp's time.
    pub at: i64,
}

impl Account<'_> {
    /// Puts a mark on a message; false when it changes nothing: it was there
    /// already, or the person has put a newer one.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_mark(&mut self, device: &DeviceId, mark: &MarkRow) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO chat_message_marks (device_id, target, chat, kind, person, person_lid, account_id, wa_id, value, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (device_id, target, chat, kind, person) DO UPDATE SET wa_id = excluded.wa_id, \
             value = excluded.value, at = excluded.at, \
             person_lid = COALESCE(excluded.person_lid, chat_message_marks.person_lid) \
             WHERE excluded.at >= chat_message_marks.at AND excluded.wa_id <> chat_message_marks.wa_id",
        )
        .bind(device.as_str())
        .bind(&mark.target)
        .bind(&mark.chat)
        .bind(&mark.kind)
        .bind(&mark.person)
        .bind(&mark.person_lid)
        .bind(self.id.as_str())
        .bind(&mark.wa_id)
        .bind(&mark.value)
        .bind(mark.at)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The marks on messages, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn marks(&mut self, device: &DeviceId, targets: &[String]) -> Result<Vec<MarkRow>> {
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql =
            Sql::new("SELECT target, chat, kind, person, person_lid, wa_id, value, at FROM chat_message_marks");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("target", targets.iter().map(String::as_str));
        sql.push(" ORDER BY at, wa_id");
        sql.all(&mut *self.conn).await
    }

    /// Forgets the marks on a message.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_marks(&mut self, device: &DeviceId, chat: &str, target: &str) -> Result<()> {
        sqlx::query(
            "DELETE FROM chat_message_marks WHERE account_id = $1 AND device_id = $2 AND target = $3 AND chat = $4",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(target)
        .bind(chat)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}
