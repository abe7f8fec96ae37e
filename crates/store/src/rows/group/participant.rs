//! Who is in a group.

use super::super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::{Sql, contains};

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ParticipantRow {
    /// `…@c.us` where known, else `…@lid`.
    pub wid: String,
    /// The private id.
    pub lid: Option<String>,
    /// `member`, `admin` or `super_admin`.
    pub role: String,
    /// When they came, where told.
    pub joined_at: Option<i64>,
    /// When WhatsApp said so.
    pub synced_at: i64,
}

/// Which of a group's people to list.
#[derive(Debug, Clone, Default)]
pub struct ParticipantFilter {
    /// Only with this in a name, a number or an id.
    pub search: Option<String>,
    /// Only these people, by id.
    pub wids: Option<Vec<String>>,
    /// Only with one of these roles.
    pub roles: Option<Vec<&'static str>>,
    /// Only those in the address book.
    pub contacts: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

impl ParticipantFilter {
    fn conditions(&self, sql: &mut Sql, account: &str, device: &str, chat: &str) {
        sql.and("p.account_id = ").bind(account);
        sql.and("p.device_id = ").bind(device);
        sql.and("p.chat = ").bind(chat);
        if let Some(search) = &self.search {
            let pattern = contains(search);
            sql.and("(p.wid LIKE ").bind(pattern.clone()).push(" ESCAPE '\\' OR p.lid LIKE ").bind(pattern.clone());
            sql.push(" ESCAPE '\\' OR LOWER(c.name) LIKE ").bind(pattern.clone());
            sql.push(" ESCAPE '\\' OR LOWER(c.push_name) LIKE ").bind(pattern).push(" ESCAPE '\\')");
        }
        if let Some(wids) = &self.wids {
            sql.and_in("p.wid", wids.iter().map(String::as_str));
        }
        if let Some(roles) = &self.roles {
            sql.and_in("p.role", roles.iter().copied());
        }
        if self.contacts {
            sql.and("c.name IS NOT NULL");
        }
    }
}

const FROM: &str = " FROM group_participants p \
     LEFT JOIN contacts c ON c.device_id = p.device_id AND c.wid = p.wid AND c.account_id = p.account_id";

impl Account<'_> {
    /// A page of a group's people: admins first, then by id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn participants(
        &mut self,
        device: &DeviceId,
        chat: &str,
        filter: &ParticipantFilter,
    ) -> Result<Vec<ParticipantRow>> {
        let mut sql = Sql::new("SELECT p.wid, p.lid, p.role, p.joined_at, p.synced_at");
        sql.push(FROM);
        filter.conditions(&mut sql, self.id.as_str(), device.as_str(), chat);
        sql.push(" ORDER BY CASE p.role WHEN 'super_admin' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END, p.wid");
        sql.page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many of a group's people there are; a group has 1,024 at most, a
    /// community some thousands.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_participants(
        &mut self,
        device: &DeviceId,
        chat: &str,
        filter: &ParticipantFilter,
    ) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*)");
        sql.push(FROM);
        filter.conditions(&mut sql, self.id.as_str(), device.as_str(), chat);
        sql.number(&mut *self.conn).await
    }

    /// Everybody in a group, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn all_participants(&mut self, device: &DeviceId, chat: &str) -> Result<Vec<ParticipantRow>> {
        Ok(sqlx::query_as(
            "SELECT wid, lid, role, joined_at, synced_at FROM group_participants \
             WHERE account_id = $1 AND device_id = $2 AND chat = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Somebody in a group, under either of their ids.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn participant(
        &mut self,
        device: &DeviceId,
        chat: &str,
        wid: &str,
        lid: &str,
    ) -> Result<Option<ParticipantRow>> {
        Ok(sqlx::query_as(
            "SELECT wid, lid, role, joined_at, synced_at FROM group_participants \
             WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND (wid = $4 OR wid = $5 OR lid = $5) LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .bind(wid)
        .bind(lid)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Writes that somebody is in a group.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_participant(&mut self, device: &DeviceId, chat: &str, row: &ParticipantRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO group_participants (device_id, chat, wid, account_id, lid, role, joined_at, synced_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (device_id, chat, wid) DO UPDATE SET lid = COALESCE(excluded.lid, group_participants.lid), \
             role = excluded.role, joined_at = COALESCE(excluded.joined_at, group_participants.joined_at), \
             synced_at = excluded.synced_at",
        )
        .bind(device.as_str())
        .bind(chat)
        .bind(&row.wid)
        .bind(self.id.as_str())
        .bind(&row.lid)
        .bind(&row.role)
        .bind(row.joined_at)
        .bind(row.synced_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes that somebody is no longer in a group.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_participant(&mut self, device: &DeviceId, chat: &str, wid: &str) -> Result<()> {
        sqlx::query(
            "DELETE FROM group_participants WHERE account_id = $1 AND device_id = $2 AND chat = $3 AND wid = $4",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(chat)
        .bind(wid)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Forgets who is in a group.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_participants(&mut self, device: &DeviceId, chat: &str) -> Result<()> {
        sqlx::query("DELETE FROM group_participants WHERE account_id = $1 AND device_id = $2 AND chat = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(chat)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
