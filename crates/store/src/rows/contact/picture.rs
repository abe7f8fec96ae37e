//! Small pictures of people, kept for a while after they were looked at.

use super::super::Account;
use crate::error::Result;
use crate::ids::DeviceId;

/// A picture as it was when WhatsApp was last asked.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ContactPictureRow {
    /// WhatsApp's id of it; absent when there is none to be seen.
    pub picture_id: Option<String>,
    /// The picture.
    pub jpeg: Option<Vec<u8>>,
    /// When WhatsApp was asked.
    pub fetched_at: i64,
}

impl Account<'_> {
    /// The picture of a contact, as far as it was looked at lately.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contact_picture(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ContactPictureRow>> {
        Ok(sqlx::query_as(
            "SELECT picture_id, jpeg, fetched_at FROM contact_pictures WHERE device_id = $1 AND wid = $2 \
             AND EXISTS (SELECT 1 FROM devices WHERE id = $1 AND account_id = $3)",
        )
        .bind(device.as_str())
        .bind(wid)
        .bind(self.id.as_str())
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Keeps a picture, and forgets those that nobody has looked at since
    /// `oldest`, a few at a time.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_contact_picture(
        &mut self,
        device: &DeviceId,
        wid: &str,
        row: &ContactPictureRow,
        oldest: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO contact_pictures (device_id, wid, picture_id, jpeg, fetched_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (device_id, wid) DO UPDATE SET picture_id = excluded.picture_id, jpeg = excluded.jpeg, \
             fetched_at = excluded.fetched_at",
        )
        .bind(device.as_str())
        .bind(wid)
        .bind(&row.picture_id)
        .bind(row.jpeg.clone())
        .bind(row.fetched_at)
        .execute(&mut *self.conn)
        .await?;
        sqlx::query("DELETE FROM contact_pictures WHERE fetched_at < $1").bind(oldest).execute(&mut *self.conn).await?;
        Ok(())
    }

    /// The picture is another one now, or gone.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_contact_picture(&mut self, device: &DeviceId, wid: &str) -> Result<()> {
        sqlx::query("DELETE FROM contact_pictures WHERE device_id = $1 AND wid = $2")
            .bind(device.as_str())
            .bind(wid)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
