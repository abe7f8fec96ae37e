//! The people that a number knows. [`search`] finds them, [`picture`] keeps how
//! they look.

mod index;
mod picture;
mod search;
mod within;

pub use picture::ContactPictureRow;
pub use search::{ContactFilter, ContactOrder};

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// A person as a number knows them; also a group or a channel that it has heard
/// of.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct ContactRow {
    /// Its number within the database; given by it.
    pub seq: i64,
    /// `…@c.us` where known, else `…@lid`; of a group `…@g.us`, of a channel `…@newsletter`.
    pub wid: String,
    /// `user`, `private` (only the private id is known), `group` or `channel`.
    pub kind: String,
    /// `personal` or `business`.
    pub category: String,
    /// The private id.
    pub lid: Option<String>,
    /// E.164 where known.
    pub phone: Option<String>,
    /// ISO 3166 alpha-2 of the number.
    pub country: Option<String>,
    /// Name in the phone's address book; subject of a group.
    pub name: Option<String>,
    /// First name in the phone's address book.
    pub short_name: Option<String>,
    /// Name the person gives.
    pub push_name: Option<String>,
    /// Name of a business that WhatsApp has verified.
    pub verified_name: Option<String>,
    /// What a business says of itself, JSON; absent for people.
    pub business: Option<String>,
    /// What the person says below their name.
    pub about: Option<String>,
    /// WhatsApp's id of the picture; empty when there is none, absent when not known.
    pub picture_id: Option<String>,
    /// 1 when this number has blocked them.
    pub blocked: i64,
    /// What people have added, JSON.
    pub fields: String,
    /// E-mail out of the fields.
    pub email: Option<String>,
    /// JSON list of `{key, value}`.
    pub metadata: String,
    /// Where it was first heard of: `chat`, `phone`, `api`, `import`, `group`.
    pub source: String,
    /// Who has added it here.
    pub created_by: Option<String>,
    /// Who has last changed it here.
    pub updated_by: Option<String>,
    /// What lists are sorted by.
    pub sort_name: String,
    /// 1 when the phone's address book has still to be written.
    pub book_due: i64,
    /// When it was first heard of.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When WhatsApp was last asked about it.
    pub synced_at: Option<i64>,
}

const COLUMNS: &str = "seq, wid, kind, category, lid, phone, country, name, short_name, push_name, verified_name, \
                       business, about, picture_id, blocked, fields, email, metadata, source, created_by, updated_by, \
                       sort_name, book_due, created_at, updated_at, synced_at";

impl Account<'_> {
    /// One contact by phone-number id or private id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contact(&mut self, device: &DeviceId, wid: &str) -> Result<Option<ContactRow>> {
        Ok(self.contacts_named(device, &[wid]).await?.into_iter().next())
    }

    /// The contacts that one of these ids names, oldest first: more than one
    /// while nobody knows that they are the same person.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contacts_named(&mut self, device: &DeviceId, ids: &[&str]) -> Result<Vec<ContactRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM contacts");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("seq IN (SELECT seq FROM contacts").restart();
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("wid", ids.iter().copied());
        sql.push(" UNION SELECT seq FROM contacts").restart();
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("lid", ids.iter().copied());
        sql.push(") ORDER BY seq");
        sql.all(&mut *self.conn).await
    }

    /// Keeps a contact that is new; its number. `row.seq` is not looked at.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_contact(&mut self, device: &DeviceId, row: &ContactRow) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "INSERT INTO contacts (device_id, account_id, wid, kind, category, lid, phone, country, name, short_name, \
             push_name, verified_name, business, about, picture_id, blocked, fields, email, metadata, source, created_by, \
             updated_by, sort_name, book_due, created_at, updated_at, synced_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25, $26, $27) RETURNING seq",
        )
        .bind(device.as_str())
        .bind(self.id.as_str())
        .bind(&row.wid)
        .bind(&row.kind)
        .bind(&row.category)
        .bind(&row.lid)
        .bind(&row.phone)
        .bind(&row.country)
        .bind(&row.name)
        .bind(&row.short_name)
        .bind(&row.push_name)
        .bind(&row.verified_name)
        .bind(&row.business)
        .bind(&row.about)
        .bind(&row.picture_id)
        .bind(row.blocked)
        .bind(&row.fields)
        .bind(&row.email)
        .bind(&row.metadata)
        .bind(&row.source)
        .bind(&row.created_by)
        .bind(&row.updated_by)
        .bind(&row.sort_name)
        .bind(row.book_due)
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(row.synced_at)
        .fetch_one(&mut *self.conn)
        .await?)
    }

    /// Writes all of a contact, found by its number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_contact(&mut self, row: &ContactRow) -> Result<()> {
        sqlx::query(
            "UPDATE contacts SET wid = $3, kind = $4, category = $5, lid = $6, phone = $7, country = $8, name = $9, \
             short_name = $10, push_name = $11, verified_name = $12, business = $13, about = $14, picture_id = $15, \
             blocked = $16, fields = $17, email = $18, metadata = $19, source = $20, created_by = $21, updated_by = $22, \
             sort_name = $23, book_due = $24, updated_at = $25, synced_at = $26 WHERE account_id = $1 AND seq = $2",
        )
        .bind(self.id.as_str())
        .bind(row.seq)
        .bind(&row.wid)
        .bind(&row.kind)
        .bind(&row.category)
        .bind(&row.lid)
        .bind(&row.phone)
        .bind(&row.country)
        .bind(&row.name)
        .bind(&row.short_name)
        .bind(&row.push_name)
        .bind(&row.verified_name)
        .bind(&row.business)
        .bind(&row.about)
        .bind(&row.picture_id)
        .bind(row.blocked)
        .bind(&row.fields)
        .bind(&row.email)
        .bind(&row.metadata)
        .bind(&row.source)
        .bind(&row.created_by)
        .bind(&row.updated_by)
        .bind(&row.sort_name)
        .bind(row.book_due)
        .bind(row.updated_at)
        .bind(row.synced_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes a contact with its words and metadata.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_contact(&mut self, device: &DeviceId, row: &ContactRow) -> Result<()> {
        for text in ["DELETE FROM contact_words WHERE contact = $1", "DELETE FROM contact_metadata WHERE contact = $1"]
        {
            sqlx::query(text).bind(row.seq).execute(&mut *self.conn).await?;
        }
        sqlx::query("DELETE FROM contact_pictures WHERE device_id = $1 AND wid = $2")
            .bind(device.as_str())
            .bind(&row.wid)
            .execute(&mut *self.conn)
            .await?;
        sqlx::query("DELETE FROM contacts WHERE account_id = $1 AND seq = $2")
            .bind(self.id.as_str())
            .bind(row.seq)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Removes every contact of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_contacts(&mut self, device: &DeviceId) -> Result<()> {
        for text in [
            "DELETE FROM contact_words WHERE device_id = $1",
            "DELETE FROM contact_metadata WHERE device_id = $1",
            "DELETE FROM contact_pictures WHERE device_id = $1",
        ] {
            sqlx::query(text).bind(device.as_str()).execute(&mut *self.conn).await?;
        }
        sqlx::query("DELETE FROM contacts WHERE account_id = $1 AND device_id = $2")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Several contacts at once, in no order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contacts_of(&mut self, device: &DeviceId, wids: &[String]) -> Result<Vec<ContactRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM contacts");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("wid", wids.iter().map(String::as_str));
        sql.all(&mut *self.conn).await
    }

    /// Contacts that this number has blocked.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn blocked_contacts(&mut self, device: &DeviceId) -> Result<Vec<ContactRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM contacts");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("blocked = 1");
        sql.all(&mut *self.conn).await
    }

    /// Contacts whose entry in the phone's address book has still to be written.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contacts_due_for_book(&mut self, device: &DeviceId, limit: i64) -> Result<Vec<ContactRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM contacts");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("book_due = 1").push(" ORDER BY seq LIMIT ").bind(limit);
        sql.all(&mut *self.conn).await
    }
}
