//! The labels that chats of a number can have.

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;

/// A label. Its name is its id: no number has two that differ in case only.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LabelRow {
    /// The name in lower case.
    pub name_key: String,
    /// Shown name.
    pub name: String,
    /// `chat`, or `wa` when WhatsApp keeps it in step with the phone.
    pub scope: String,
    /// WhatsApp's id of it.
    pub wa_id: Option<String>,
    /// One of the API's colours.
    pub color: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

impl Account<'_> {
    /// All labels of a number, by name.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn labels(&mut self, device: &DeviceId) -> Result<Vec<LabelRow>> {
        Ok(sqlx::query_as("SELECT * FROM labels WHERE account_id = $1 AND device_id = $2 ORDER BY name_key")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .fetch_all(&mut *self.conn)
            .await?)
    }

    /// A label by its name in lower case.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn label(&mut self, device: &DeviceId, key: &str) -> Result<Option<LabelRow>> {
        Ok(sqlx::query_as("SELECT * FROM labels WHERE account_id = $1 AND device_id = $2 AND name_key = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(key)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// A label by WhatsApp's id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn label_of_whatsapp(&mut self, device: &DeviceId, wa_id: &str) -> Result<Option<LabelRow>> {
        Ok(sqlx::query_as("SELECT * FROM labels WHERE account_id = $1 AND device_id = $2 AND wa_id = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wa_id)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Writes a label, new or known by `row.name_key`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_label(&mut self, device: &DeviceId, row: &LabelRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO labels (device_id, name_key, account_id, name, scope, wa_id, color, description, created_at, \
             updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (device_id, name_key) DO UPDATE SET \
             name = excluded.name, scope = excluded.scope, wa_id = excluded.wa_id, color = excluded.color, \
             description = excluded.description, updated_at = excluded.updated_at",
        )
        .bind(device.as_str())
        .bind(&row.name_key)
        .bind(self.id.as_str())
        .bind(&row.name)
        .bind(&row.scope)
        .bind(&row.wa_id)
        .bind(&row.color)
        .bind(&row.description)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes a label; chats that have it are not looked at.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_label(&mut self, device: &DeviceId, key: &str) -> Result<()> {
        sqlx::query("DELETE FROM labels WHERE account_id = $1 AND device_id = $2 AND name_key = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(key)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Removes every label of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_labels(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM labels WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
