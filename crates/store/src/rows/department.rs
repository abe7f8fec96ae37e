//! Departments of a number, and who works in them.

use super::Account;
use crate::error::Result;
use crate::ids::{AccountId, DepartmentId, DeviceId, UserId};
use crate::sql::Sql;

/// A department of a number.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DepartmentRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: DepartmentId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Of which number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// What people call it; unique in the number, whatever the case.
    pub name: String,
    /// The name in small letters.
    pub name_key: String,
    /// Colour in lists.
    pub color: String,
    /// Icon in lists.
    pub icon: String,
    /// Free text.
    pub description: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

impl Account<'_> {
    /// All departments of a number, by name.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn departments(&mut self, device: &DeviceId) -> Result<Vec<DepartmentRow>> {
        Ok(sqlx::query_as("SELECT * FROM departments WHERE account_id = $1 AND device_id = $2 ORDER BY name_key")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .fetch_all(&mut *self.conn)
            .await?)
    }

    /// One department of a number, by its id or its name in small letters.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn department(&mut self, device: &DeviceId, id_or_name: &str) -> Result<Option<DepartmentRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM departments WHERE account_id = $1 AND device_id = $2 AND (id = $3 OR name_key = $3) \
             ORDER BY CASE WHEN id = $3 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(id_or_name)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Adds a department.
    ///
    /// # Errors
    /// `Duplicate` when the name is taken.
    pub async fn insert_department(&mut self, row: &DepartmentRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO departments (id, account_id, device_id, name, name_key, color, icon, description, \
             created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(row.device_id.as_str())
        .bind(&row.name)
        .bind(&row.name_key)
        .bind(&row.color)
        .bind(&row.icon)
        .bind(&row.description)
        .bind(&row.created_by)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes every column that may change.
    ///
    /// # Errors
    /// `Duplicate` when the name is taken.
    pub async fn update_department(&mut self, row: &DepartmentRow) -> Result<()> {
        sqlx::query(
            "UPDATE departments SET name = $3, name_key = $4, color = $5, icon = $6, description = $7, updated_at = $8 \
             WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.name)
        .bind(&row.name_key)
        .bind(&row.color)
        .bind(&row.icon)
        .bind(&row.description)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes a department and who works in it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_department(&mut self, id: &DepartmentId) -> Result<()> {
        for text in [
            "DELETE FROM department_agents WHERE department_id IN \
             (SELECT id FROM departments WHERE account_id = $1 AND id = $2)",
            "DELETE FROM departments WHERE account_id = $1 AND id = $2",
        ] {
            sqlx::query(text).bind(self.id.as_str()).bind(id.as_str()).execute(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// Ids of the people of a department, in order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn department_agents(&mut self, id: &DepartmentId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT a.user_id FROM department_agents a JOIN departments d ON d.id = a.department_id \
             WHERE d.account_id = $1 AND d.id = $2 ORDER BY a.user_id",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Ids of the departments that a person works in, of all numbers.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn departments_of(&mut self, user: &UserId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT d.id FROM department_agents a JOIN departments d ON d.id = a.department_id \
             WHERE d.account_id = $1 AND a.user_id = $2 ORDER BY d.id",
        )
        .bind(self.id.as_str())
        .bind(user.as_str())
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Says who works in a department, instead of who did before.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn set_department_agents(&mut self, id: &DepartmentId, users: &[UserId]) -> Result<()> {
        sqlx::query(
            "DELETE FROM department_agents WHERE department_id IN \
             (SELECT id FROM departments WHERE account_id = $1 AND id = $2)",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .execute(&mut *self.conn)
        .await?;
        for user in users {
            sqlx::query(
                "INSERT INTO department_agents (user_id, department_id) VALUES ($1, $2) \
                 ON CONFLICT (user_id, department_id) DO NOTHING",
            )
            .bind(user.as_str())
            .bind(id.as_str())
            .execute(&mut *self.conn)
            .await?;
        }
        Ok(())
    }

    /// Chats that a person or a department looks after, as number and WhatsApp
    /// id, `limit` at most. Reads all chats of the account (or number): it is
    /// asked only when somebody leaves.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chats_held(
        &mut self,
        agent: Option<&str>,
        department: Option<&str>,
        device: Option<&str>,
        limit: i64,
    ) -> Result<Vec<(String, String)>> {
        let mut sql = Sql::new("SELECT device_id, wid FROM chats");
        sql.and("account_id = ").bind(self.id.as_str());
        if let Some(device) = device {
            sql.and("device_id = ").bind(device);
        }
        if let Some(agent) = agent {
            sql.and("agent = ").bind(agent);
        }
        if let Some(department) = department {
            sql.and("department = ").bind(department);
        }
        sql.push(" LIMIT ").bind(limit);
        sql.all(&mut *self.conn).await
    }
}
