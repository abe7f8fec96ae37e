//! Removing messages that have ended.

use crate::error::Result;
use crate::ids::DeviceId;
use crate::rows::Server;

impl Server<'_> {
    /// Removes at most `limit` messages of a number that ended before a time; how
    /// many there were.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_ended_messages(&mut self, device: &DeviceId, before: i64, limit: i64) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM messages WHERE seq IN (SELECT seq FROM messages WHERE device_id = $1 AND created_at < $2 \
             AND status NOT IN ('queued', 'processing') \
             AND COALESCE(processed_at, expired_at, failed_at, created_at) < $2 ORDER BY created_at, seq LIMIT $3)",
        )
        .bind(device.as_str())
        .bind(before)
        .bind(limit)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }
}
