//! Messages that others are about: quoted, reacted to, voted on, forwarded.

use crate::error::Result;
use crate::ids::DeviceId;
use crate::rows::Account;
use crate::sql::Sql;

/// A message of a chat, as far as a message about it must know it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TargetRow {
    /// Where it stands.
    pub chat: String,
    /// Who wrote it.
    pub author: String,
    /// `inbound` or `outbound`.
    pub flow: String,
    /// `text`, `poll`…
    pub kind: String,
    /// Text or caption.
    pub body: Option<String>,
    /// The rest of what is known of it, JSON.
    pub doc: String,
    /// The protobuf, where it was kept.
    pub raw: Option<Vec<u8>>,
}

impl Account<'_> {
    /// A message of a number by WhatsApp's id, in one chat or in the newest
    /// one that has it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn target_message(
        &mut self,
        device: &DeviceId,
        wa_id: &str,
        chat: Option<&str>,
    ) -> Result<Option<TargetRow>> {
        let mut sql = Sql::new("SELECT chat, author, flow, kind, body, doc, raw FROM chat_messages");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("wa_id = ").bind(wa_id);
        if let Some(chat) = chat {
            sql.and("chat = ").bind(chat);
        }
        sql.push(" ORDER BY +at DESC LIMIT 1");
        sql.one(&mut *self.conn).await
    }
}
