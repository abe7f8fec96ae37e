//! Channels that a number runs or follows.

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChannelRow {
    /// `…@newsletter`.
    pub wid: String,
    /// Its name.
    pub name: String,
    /// What the number is to it: `subscriber`, `admin`, `owner`.
    pub role: String,
    /// Everything else, JSON.
    pub doc: String,
    /// When WhatsApp was last asked about it.
    pub synced_at: i64,
    /// When it was made, or first seen.
    pub created_at: i64,
    /// When something about it has changed.
    pub updated_at: i64,
}

/// Which channels to list.
#[derive(Debug, Clone, Default)]
pub struct ChannelFilter {
    /// Only those to which the number is this; all when absent.
    pub roles: Option<Vec<String>>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

impl ChannelFilter {
    fn conditions(&self, sql: &mut Sql, account: &str, device: &str) {
        sql.and("account_id = ").bind(account);
        sql.and("device_id = ").bind(device);
        if let Some(roles) = &self.roles {
            sql.and_in("role", roles.iter().map(String::as_str));
        }
    }
}

impl Account<'_> {
    /// One channel.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn channel(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ChannelRow>> {
        Ok(sqlx::query_as("SELECT * FROM channels WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Several channels at once, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn channels_of(&mut self, device: &DeviceId, wids: &[String]) -> Result<Vec<ChannelRow>> {
        let mut sql = Sql::new("SELECT * FROM channels");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("wid", wids.iter().map(String::as_str));
        sql.all(&mut *self.conn).await
    }

    /// A page of channels, by name.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn channels(&mut self, device: &DeviceId, filter: &ChannelFilter) -> Result<Vec<ChannelRow>> {
        let mut sql = Sql::new("SELECT * FROM channels");
        filter.conditions(&mut sql, self.id.as_str(), device.as_str());
        sql.push(" ORDER BY name, wid").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many channels there are; a number has hundreds at most.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_channels(&mut self, device: &DeviceId, filter: &ChannelFilter) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM channels");
        filter.conditions(&mut sql, self.id.as_str(), device.as_str());
        sql.number(&mut *self.conn).await
    }

    /// Writes a channel as it is now.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_channel(&mut self, device: &DeviceId, row: &ChannelRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO channels (device_id, wid, account_id, name, role, doc, synced_at, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (device_id, wid) DO UPDATE SET name = excluded.name, role = excluded.role, \
             doc = excluded.doc, synced_at = excluded.synced_at, created_at = excluded.created_at, \
             updated_at = excluded.updated_at",
        )
        .bind(device.as_str())
        .bind(&row.wid)
        .bind(self.id.as_str())
        .bind(&row.name)
        .bind(&row.role)
        .bind(&row.doc)
        .bind(row.synced_at)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Forgets a channel.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_channel(&mut self, device: &DeviceId, wid: &str) -> Result<()> {
        sqlx::query("DELETE FROM channels WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Forgets all channels of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_channels(&mut self, device: &DeviceId) -> Result<()> {
        for text in ["DELETE FROM channels", "DELETE FROM channel_syncs"] {
            let mut sql = Sql::new(text);
            sql.and("account_id = ").bind(self.id.as_str());
            sql.and("device_id = ").bind(device.as_str());
            sql.run(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// When all channels of a number were last compared with WhatsApp, as long as
    /// it is still the account `wid`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn channels_synced_at(&mut self, device: &DeviceId, wid: &str) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT synced_at FROM channel_syncs WHERE account_id = $1 AND device_id = $2 AND wid = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wid)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Notes that all channels of a number were compared with WhatsApp.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn note_channels_synced(&mut self, device: &DeviceId, wid: &str, at: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO channel_syncs (device_id, account_id, wid, synced_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (device_id) DO UPDATE SET wid = excluded.wid, synced_at = excluded.synced_at",
        )
        .bind(device.as_str())
        .bind(self.id.as_str())
        .bind(wid)
        .bind(at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Forgets when the channels of a number were compared: they are filled anew.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_channels_synced(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM channel_syncs WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
