//! Labels of chats, as rows to find chats by.

use super::super::Account;
use crate::error::Result;
use crate::ids::DeviceId;

impl Account<'_> {
    /// Gives a chat these labels and no others.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn set_chat_labels(&mut self, device: &DeviceId, chat: &str, labels: &[String]) -> Result<()> {
        sqlx::query("DELETE FROM chat_labels WHERE account_id = $1 AND device_id = $2 AND chat = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(chat)
            .execute(&mut *self.conn)
            .await?;
        for label in labels {
            sqlx::query(
                "INSERT INTO chat_labels (device_id, label, chat, account_id) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(device.as_str())
            .bind(label)
            .bind(chat)
            .bind(self.id.as_str())
            .execute(&mut *self.conn)
            .await?;
        }
        Ok(())
    }

    /// Chats that have a label: some of them, in the order of their ids, after `cursor`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chats_labelled(
        &mut self,
        device: &DeviceId,
        label: &str,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT chat FROM chat_labels WHERE account_id = $1 AND device_id = $2 AND label = $3 AND chat > $4 \
             ORDER BY chat LIMIT $5",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(label)
        .bind(cursor)
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?)
    }
}
