//! Whose turn it is, and chats that the rules of assignment come back to.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};
use crate::sql::Sql;

/// A chat that the rules come back to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WaitRow {
    /// Of this number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Which chat.
    pub chat: String,
    /// `agent` while nobody could be given it, `answer` while nobody has answered.
    pub awaits: String,
    /// From whom it was, or will be, taken.
    pub agent: Option<String>,
    /// Not looked at before.
    pub due_at: i64,
}

impl Account<'_> {
    /// Who of a number's team got a chat last, or of a department of it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn last_turn(&mut self, device: &DeviceId, department: Option<&str>) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(
            "SELECT user_id FROM assignment_turns WHERE account_id = $1 AND device_id = $2 AND department = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(department.unwrap_or_default())
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Notes who got a chat last.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn set_last_turn(&mut self, device: &DeviceId, department: Option<&str>, user: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO assignment_turns (device_id, department, account_id, user_id) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (device_id, department) DO UPDATE SET user_id = excluded.user_id",
        )
        .bind(device.as_str())
        .bind(department.unwrap_or_default())
        .bind(self.id.as_str())
        .bind(user)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// How many open chats of a number each of these people has; who has none is
    /// left out.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn open_chats(&mut self, device: &DeviceId, agents: &[String]) -> Result<Vec<(String, i64)>> {
        let mut sql = Sql::new("SELECT agent, COUNT(*) FROM chats");
        sql.and("device_id = ").bind(device.as_str());
        sql.and("agent IS NOT NULL AND archived = 0 AND status IN ('pending', 'active')");
        sql.and_in("agent", agents.iter().map(String::as_str));
        sql.push(" GROUP BY agent");
        sql.all(&mut *self.conn).await
    }

    /// Comes back to a chat later; what was noted for it before is replaced.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_wait(&mut self, row: &WaitRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO assignment_waits (device_id, chat, account_id, awaits, agent, due_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (device_id, chat) DO UPDATE SET \
             awaits = excluded.awaits, agent = excluded.agent, due_at = excluded.due_at",
        )
        .bind(row.device_id.as_str())
        .bind(&row.chat)
        .bind(self.id.as_str())
        .bind(&row.awaits)
        .bind(&row.agent)
        .bind(row.due_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// What is waited for in a chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn wait_of(&mut self, device: &DeviceId, chat: &str) -> Result<Option<WaitRow>> {
        Ok(sqlx::query_as("SELECT * FROM assignment_waits WHERE account_id = $1 AND device_id = $2 AND chat = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(chat)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Does not come back to a chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn end_wait(&mut self, device: &DeviceId, chat: &str) -> Result<()> {
        sqlx::query("DELETE FROM assignment_waits WHERE account_id = $1 AND device_id = $2 AND chat = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(chat)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Comes back now to chats that wait for somebody to be there.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn hurry_waits(&mut self, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE assignment_waits SET due_at = $2 WHERE account_id = $1 AND awaits = 'agent' AND due_at > $2",
        )
        .bind(self.id.as_str())
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}

impl Server<'_> {
    /// Chats of all accounts to come back to now, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_waits(&mut self, now: i64, limit: i64) -> Result<Vec<WaitRow>> {
        Ok(sqlx::query_as("SELECT * FROM assignment_waits WHERE due_at <= $1 ORDER BY due_at LIMIT $2")
            .bind(now)
            .bind(limit)
            .fetch_all(&mut *self.conn)
            .await?)
    }
}
