//! What people and WhatsApp have decided about the queue of a number.

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;

/// The state of a queue; a number without one is `active`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct QueueRow {
    /// `active`, `pause`, `reject` or `freeze`.
    pub status: String,
    /// When people last changed it.
    pub updated_at: Option<i64>,
    /// `first` or `all`: what WhatsApp does not let through.
    pub held: Option<String>,
    /// Why, in a sentence.
    pub held_reason: Option<String>,
    /// Until when, Unix milliseconds.
    pub held_until: Option<i64>,
    /// How often in a row: each time it lasts longer.
    pub held_times: i64,
}

impl Default for QueueRow {
    fn default() -> Self {
        Self {
            status: "active".to_owned(),
            updated_at: None,
            held: None,
            held_reason: None,
            held_until: None,
            held_times: 0,
        }
    }
}

impl Account<'_> {
    /// The state of a number's queue.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn queue(&mut self, device: &DeviceId) -> Result<QueueRow> {
        let row = sqlx::query_as(
            "SELECT status, updated_at, held, held_reason, held_until, held_times FROM queues \
             WHERE account_id = $1 AND device_id = $2",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .fetch_optional(&mut *self.conn)
        .await?;
        Ok(row.unwrap_or_default())
    }

    /// Writes the state of a number's queue.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_queue(&mut self, device: &DeviceId, row: &QueueRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO queues (device_id, account_id, status, updated_at, held, held_reason, held_until, held_times) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (device_id) DO UPDATE SET status = excluded.status, \
             updated_at = excluded.updated_at, held = excluded.held, held_reason = excluded.held_reason, \
             held_until = excluded.held_until, held_times = excluded.held_times",
        )
        .bind(device.as_str())
        .bind(self.id.as_str())
        .bind(&row.status)
        .bind(row.updated_at)
        .bind(&row.held)
        .bind(&row.held_reason)
        .bind(row.held_until)
        .bind(row.held_times)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}
