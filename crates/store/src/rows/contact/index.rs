//! What contacts are found by beside their columns: words and metadata.

use sqlx::AssertSqlSafe;

use super::super::Account;
use super::super::chat::words_of;
use crate::error::Result;
use crate::ids::DeviceId;

/// Words written by one statement.
const AT_ONCE: usize = 32;
/// Characters of a metadata's value that it is found by: more would not fit
/// into an index of PostgreSQL.
pub(super) const VALUE: usize = 300;

/// A value as it is found by.
pub(super) fn found_by(value: &str) -> String {
    value.chars().take(VALUE).collect()
}

impl Account<'_> {
    /// Makes a contact found by the words of `text`, and by no others.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn index_contact(&mut self, device: &DeviceId, contact: i64, text: &str) -> Result<()> {
        sqlx::query("DELETE FROM contact_words WHERE contact = $1").bind(contact).execute(&mut *self.conn).await?;
        let words: Vec<String> = words_of(text).into_iter().collect();
        for part in words.chunks(AT_ONCE) {
            let mut sql = String::from("INSERT INTO contact_words (device_id, contact, word) VALUES ");
            for i in 0..part.len() {
                sql.push_str(if i == 0 { "($1, $2, $" } else { ", ($1, $2, $" });
                sql.push_str(&(i + 3).to_string());
                sql.push(')');
            }
            sql.push_str(" ON CONFLICT DO NOTHING");
            let mut query = sqlx::query(AssertSqlSafe(sql)).bind(device.as_str()).bind(contact);
            for word in part {
                query = query.bind(word.clone().into_bytes());
            }
            query.execute(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// Makes a contact found by these keys and values, and by no others.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn index_metadata(&mut self, device: &DeviceId, contact: i64, pairs: &[(String, String)]) -> Result<()> {
        sqlx::query("DELETE FROM contact_metadata WHERE contact = $1").bind(contact).execute(&mut *self.conn).await?;
        for (key, value) in pairs {
            sqlx::query(
                "INSERT INTO contact_metadata (contact, key, device_id, value) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (contact, key) DO UPDATE SET value = excluded.value",
            )
            .bind(contact)
            .bind(key)
            .bind(device.as_str())
            .bind(found_by(value))
            .execute(&mut *self.conn)
            .await?;
        }
        Ok(())
    }
}
