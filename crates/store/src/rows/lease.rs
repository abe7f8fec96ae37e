//! Which node drives a device. The fence number grows with every change of
//! owner; writes of session state that carry an older one are refused.

use super::Server;
use crate::error::Result;
use crate::ids::DeviceId;

/// A node's right to drive a device.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LeaseRow {
    /// Who holds it.
    pub node: String,
    /// Grows with each new holder.
    pub fence: i64,
    /// When it may be taken over.
    pub expires_at: i64,
}

impl Server<'_> {
    /// Takes or renews the lease for `node`; `None` when another node holds it.
    ///
    /// A node that takes its own lease again after a restart gets a new fence
    /// number, so that a forgotten twin of it is fenced out.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn acquire_lease(&mut self, device: &DeviceId, node: &str, now: i64, until: i64) -> Result<Option<i64>> {
        let fence: Option<i64> = sqlx::query_scalar(
            "INSERT INTO leases (device_id, node, fence, expires_at) VALUES ($1, $2, 1, $4) \
             ON CONFLICT (device_id) DO UPDATE SET node = $2, fence = leases.fence + 1, expires_at = $4 \
             WHERE leases.node = $2 OR leases.expires_at <= $3 RETURNING fence",
        )
        .bind(device.as_str())
        .bind(node)
        .bind(now)
        .bind(until)
        .fetch_optional(&mut *self.conn)
        .await?;
        Ok(fence)
    }

    /// Numbers that a server which died has left as online are not: those that no
    /// other node drives count as loading; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn nobody_is_online(&mut self, node: &str, now: i64) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE devices SET session_status = 'loading' WHERE session_status = 'online' AND NOT EXISTS \
             (SELECT 1 FROM leases l WHERE l.device_id = devices.id AND l.node <> $1 AND l.expires_at > $2)",
        )
        .bind(node)
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }

    /// Prolongs a lease that is still ours.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn renew_leases(&mut self, node: &str, until: i64) -> Result<u64> {
        let done = sqlx::query("UPDATE leases SET expires_at = $2 WHERE node = $1")
            .bind(node)
            .bind(until)
            .execute(&mut *self.conn)
            .await?;
        Ok(done.rows_affected())
    }

    /// The fence number in force.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn lease_fence(&mut self, device: &DeviceId) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar("SELECT fence FROM leases WHERE device_id = $1")
            .bind(device.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Whether a device has any protocol state: it is linked or was about to be.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn has_session_state(&mut self, device: &DeviceId) -> Result<bool> {
        let one: Option<i64> =
            sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM session_state WHERE device_id = $1 LIMIT 1")
                .bind(device.as_str())
                .fetch_optional(&mut *self.conn)
                .await?;
        Ok(one.is_some())
    }

    /// Forgets all of a device's protocol state.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn clear_session_state(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM session_state WHERE device_id = $1")
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
