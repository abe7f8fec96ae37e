//! Groups and communities of a number; who is in them stands in [`participant`].

mod participant;

pub use participant::{ParticipantFilter, ParticipantRow};

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// A group or a community.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GroupRow {
    /// `…@g.us`.
    pub wid: String,
    /// `group`, `community`, `announcements` or `general`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How many are in it.
    pub size: i64,
    /// What the number may do in it: `member`, `admin`, `super_admin`; `None` when
    /// it is no longer in it.
    pub role: Option<String>,
    /// Everything else, JSON.
    pub doc: String,
    /// When WhatsApp was last asked about it.
    pub synced_at: i64,
    /// When it was made, or first seen.
    pub created_at: i64,
    /// When something about it has changed.
    pub updated_at: i64,
}

/// Which groups to list.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    /// Only of these kinds; all when absent.
    pub kinds: Option<Vec<String>>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

impl GroupFilter {
    fn conditions(&self, sql: &mut Sql, account: &str, device: &str) {
        sql.and("account_id = ").bind(account);
        sql.and("device_id = ").bind(device);
        if let Some(kinds) = &self.kinds {
            sql.and_in("kind", kinds.iter().map(String::as_str));
        }
    }
}

impl Account<'_> {
    /// One group.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn group(&mut self, device: &DeviceId, wid: &str) -> Result<Option<GroupRow>> {
        Ok(sqlx::query_as("SELECT * FROM groups WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Several groups at once, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn groups_of(&mut self, device: &DeviceId, wids: &[String]) -> Result<Vec<GroupRow>> {
        let mut sql = Sql::new("SELECT * FROM groups");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("wid", wids.iter().map(String::as_str));
        sql.all(&mut *self.conn).await
    }

    /// A page of groups, by name.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn groups(&mut self, device: &DeviceId, filter: &GroupFilter) -> Result<Vec<GroupRow>> {
        let mut sql = Sql::new("SELECT * FROM groups");
        filter.conditions(&mut sql, self.id.as_str(), device.as_str());
        sql.push(" ORDER BY name, wid").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many groups there are; a number has thousands at most.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_groups(&mut self, device: &DeviceId, filter: &GroupFilter) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM groups");
        filter.conditions(&mut sql, self.id.as_str(), device.as_str());
        sql.number(&mut *self.conn).await
    }

    /// The ids of the groups that the number is in.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn joined_groups(&mut self, device: &DeviceId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar("SELECT wid FROM groups WHERE account_id = $1 AND device_id = $2 AND role IS NOT NULL")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .fetch_all(&mut *self.conn)
            .await?)
    }

    /// Writes a group as it is now.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_group(&mut self, device: &DeviceId, row: &GroupRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO groups (device_id, wid, account_id, kind, name, size, role, doc, synced_at, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (device_id, wid) DO UPDATE SET kind = excluded.kind, name = excluded.name, \
             size = excluded.size, role = excluded.role, doc = excluded.doc, synced_at = excluded.synced_at, \
             created_at = excluded.created_at, updated_at = excluded.updated_at",
        )
        .bind(device.as_str())
        .bind(&row.wid)
        .bind(self.id.as_str())
        .bind(&row.kind)
        .bind(&row.name)
        .bind(row.size)
        .bind(&row.role)
        .bind(&row.doc)
        .bind(row.synced_at)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Forgets a group and who was in it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_group(&mut self, device: &DeviceId, wid: &str) -> Result<()> {
        self.delete_participants(device, wid).await?;
        sqlx::query("DELETE FROM groups WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Forgets all groups of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_groups(&mut self, device: &DeviceId) -> Result<()> {
        for text in ["DELETE FROM group_participants", "DELETE FROM groups", "DELETE FROM group_syncs"] {
            let mut sql = Sql::new(text);
            sql.and("account_id = ").bind(self.id.as_str());
            sql.and("device_id = ").bind(device.as_str());
            sql.run(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// When all groups of a number were last compared with WhatsApp, as long as
    /// it is still the account `wid`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn groups_synced_at(&mut self, device: &DeviceId, wid: &str) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT synced_at FROM group_syncs WHERE account_id = $1 AND device_id = $2 AND wid = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wid)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Forgets when the groups of a number were compared: they are filled anew.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_groups_synced(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM group_syncs WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Notes that all groups of a number were compared with WhatsApp.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn note_groups_synced(&mut self, device: &DeviceId, wid: &str, at: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO group_syncs (device_id, account_id, wid, synced_at) VALUES ($1, $2, $3, $4) \
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
}
