//! Status updates: for whom they were, and which are over.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};

/// The chat that all status updates are said in.
pub const STATUS_CHAT: &str = "status@broadcast";

impl Account<'_> {
    /// For whom a status update was, JSON.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn status_audience(&mut self, device: &DeviceId, wa_id: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(
            "SELECT audience FROM status_audiences WHERE account_id = $1 AND device_id = $2 AND wa_id = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wa_id)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Notes for whom a status update is; what was noted before stays.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn note_status_audience(
        &mut self,
        device: &DeviceId,
        wa_id: &str,
        audience: &str,
        at: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO status_audiences (device_id, wa_id, account_id, audience, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (device_id, wa_id) DO NOTHING",
        )
        .bind(device.as_str())
        .bind(wa_id)
        .bind(self.id.as_str())
        .bind(audience)
        .bind(at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Everybody in a number's address book, by WhatsApp id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn address_book(&mut self, device: &DeviceId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT wid FROM contacts WHERE account_id = $1 AND device_id = $2 AND name IS NOT NULL ORDER BY wid",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Forgets for whom the status updates of a number were.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_status_audiences(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM status_audiences WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// The numbers that have status updates.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn numbers_with_statuses(&mut self) -> Result<Vec<(AccountId, DeviceId)>> {
        let found: Vec<(String, String)> = sqlx::query_as(
            "SELECT account_id, id FROM devices WHERE EXISTS \
             (SELECT 1 FROM chats WHERE chats.device_id = devices.id AND chats.wid = $1)",
        )
        .bind(STATUS_CHAT)
        .fetch_all(&mut *self.conn)
        .await?;
        let parsed =
            found.into_iter().filter_map(|(account, device)| Some((account.parse().ok()?, device.parse().ok()?)));
        Ok(parsed.collect())
    }

    /// Forgets for whom updates were that nobody can take back any more.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_status_audiences(&mut self, before: i64) -> Result<()> {
        sqlx::query("DELETE FROM status_audiences WHERE created_at < $1").bind(before).execute(&mut *self.conn).await?;
        Ok(())
    }
}
