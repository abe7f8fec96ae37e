//! The people that a number knows.

use super::super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// A person as a number knows them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ContactRow {
    /// `…@c.us` where known, else `…@lid`.
    pub wid: String,
    /// The private id.
    pub lid: Option<String>,
    /// E.164 where known.
    pub phone: Option<String>,
    /// Name in the address book.
    pub name: Option<String>,
    /// Name the person gives.
    pub push_name: Option<String>,
    /// JSON list of `{key, value}`.
    pub metadata: String,
}

impl Account<'_> {
    /// Writes a contact's metadata.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_metadata(&mut self, device: &DeviceId, wid: &str, metadata: &str, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE contacts SET metadata = $4, updated_at = $5 WHERE account_id = $1 AND device_id = $2 AND wid = $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wid)
        .bind(metadata)
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes every contact of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_contacts(&mut self, device: &DeviceId) -> Result<()> {
        sqlx::query("DELETE FROM contacts WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// One contact by phone-number id or private id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contact(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ContactRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM contacts WHERE account_id = $1 AND device_id = $2 AND (wid = $3 OR lid = $3) LIMIT 1",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wid)
        .fetch_optional(&mut *self.conn)
        .await?)
    }

    /// Adds what is known of a person to what was known before.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn merge_contact(&mut self, device: &DeviceId, contact: &ContactRow, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO contacts (device_id, wid, account_id, lid, phone, name, push_name, created_at, updated_at, metadata) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) \
             ON CONFLICT (device_id, wid) DO UPDATE SET lid = COALESCE(excluded.lid, contacts.lid), \
             phone = COALESCE(excluded.phone, contacts.phone), name = COALESCE(excluded.name, contacts.name), \
             push_name = COALESCE(excluded.push_name, contacts.push_name), updated_at = excluded.updated_at",
        )
        .bind(device.as_str())
        .bind(&contact.wid)
        .bind(self.id.as_str())
        .bind(&contact.lid)
        .bind(&contact.phone)
        .bind(&contact.name)
        .bind(&contact.push_name)
        .bind(now)
        .bind(&contact.metadata)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Several contacts at once, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contacts_of(&mut self, device: &DeviceId, wids: &[String]) -> Result<Vec<ContactRow>> {
        let mut sql = Sql::new("SELECT * FROM contacts");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("wid", wids.iter().map(String::as_str));
        sql.all(&mut *self.conn).await
    }
}
