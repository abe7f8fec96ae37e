//! Who has received, read and played a message of ours.

use super::{Account, Receipt};
use crate::error::Result;
use crate::ids::DeviceId;

/// What one person has done with one message.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReceiptRow {
    /// The person's WhatsApp id.
    pub participant: String,
    /// When a device of theirs had it, Unix milliseconds.
    pub delivered_at: Option<i64>,
    /// When they have read it.
    pub read_at: Option<i64>,
    /// When they have played it.
    pub played_at: Option<i64>,
}

impl Account<'_> {
    /// Who has received, read and played a message, in the order in which it
    /// reached them.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn message_receipts(&mut self, device: &DeviceId, wa_id: &str) -> Result<Vec<ReceiptRow>> {
        Ok(sqlx::query_as(
            "SELECT participant, delivered_at, read_at, played_at FROM message_receipts \
             WHERE account_id = $1 AND device_id = $2 AND wa_id = $3 ORDER BY delivered_at, participant",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wa_id)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Notes what a person has done with a message. What is known stays, and
    /// who has read it has also received it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn note_receipt(
        &mut self,
        device: &DeviceId,
        wa_id: &str,
        participant: &str,
        level: Receipt,
        at: i64,
    ) -> Result<()> {
        let read = (level >= Receipt::Read).then_some(at);
        let played = (level >= Receipt::Played).then_some(at);
        sqlx::query(
            "INSERT INTO message_receipts (device_id, wa_id, participant, account_id, delivered_at, read_at, played_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (device_id, wa_id, participant) DO UPDATE SET \
             delivered_at = COALESCE(message_receipts.delivered_at, excluded.delivered_at), \
             read_at = COALESCE(message_receipts.read_at, excluded.read_at), \
             played_at = COALESCE(message_receipts.played_at, excluded.played_at)",
        )
        .bind(device.as_str())
        .bind(wa_id)
        .bind(participant)
        .bind(self.id.as_str())
        .bind(at)
        .bind(read)
        .bind(played)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}
