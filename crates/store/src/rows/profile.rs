//! What WhatsApp shows of a number.

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// What WhatsApp shows of a number, its name apart, and without the picture's
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ProfileRow {
    /// Whose.
    pub device_id: String,
    /// The WhatsApp account it is of.
    pub wid: String,
    /// JSON.
    pub doc: String,
    /// Which picture's bytes are kept.
    pub picture_id: Option<String>,
    /// When WhatsApp was last asked.
    pub synced_at: i64,
}

const COLUMNS: &str = "SELECT device_id, wid, doc, picture_id, synced_at FROM profiles";

impl Account<'_> {
    /// The profile of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn profile(&mut self, device: &DeviceId) -> Result<Option<ProfileRow>> {
        let mut sql = Sql::new(COLUMNS);
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.one(&mut *self.conn).await
    }

    /// The profiles of several numbers, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn profiles_of(&mut self, devices: &[DeviceId]) -> Result<Vec<ProfileRow>> {
        let mut sql = Sql::new(COLUMNS);
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and_in("device_id", devices.iter().map(DeviceId::as_str));
        sql.all(&mut *self.conn).await
    }

    /// The id and the bytes of the picture that is kept.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn profile_picture(&mut self, device: &DeviceId) -> Result<Option<(String, Vec<u8>)>> {
        let found: Option<(Option<String>, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT picture_id, picture FROM profiles WHERE account_id = $1 AND device_id = $2")
                .bind(self.id.as_str())
                .bind(device.as_str())
                .fetch_optional(&mut *self.conn)
                .await?;
        Ok(found.and_then(|(id, bytes)| id.zip(bytes)))
    }

    /// Writes a profile, new or changed; the kept picture stays.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_profile(&mut self, device: &DeviceId, wid: &str, doc: &str, synced_at: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO profiles (device_id, account_id, wid, doc, synced_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (device_id) DO UPDATE SET wid = excluded.wid, doc = excluded.doc, \
             synced_at = excluded.synced_at",
        )
        .bind(device.as_str())
        .bind(self.id.as_str())
        .bind(wid)
        .bind(doc)
        .bind(synced_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Keeps the bytes of a number's picture, or none.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn keep_profile_picture(&mut self, device: &DeviceId, picture: Option<(&str, &[u8])>) -> Result<()> {
        let (id, bytes) = picture.unzip();
        sqlx::query("UPDATE profiles SET picture_id = $1, picture = $2 WHERE account_id = $3 AND device_id = $4")
            .bind(id)
            .bind(bytes)
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Forgets the profile of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_profile(&mut self, device: &DeviceId) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM profiles");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.run(&mut *self.conn).await.map(drop)
    }
}
