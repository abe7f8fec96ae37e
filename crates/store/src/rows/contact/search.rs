//! Which contacts of a number to list.

use super::super::Account;
use super::super::chat::{range, words_of};
use super::index::found_by;
use super::{COLUMNS, ContactRow};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// Contacts that are counted at most: a list says that there are more, not how
/// many, since counting a hundred thousand would take longer than finding them.
const COUNTED: i64 = 10_000;

/// Which contacts to list.
#[derive(Debug, Clone, Default)]
pub struct ContactFilter {
    /// Only with all of these words, or words that begin so.
    pub search: Option<String>,
    /// Only of these kinds or categories: `personal`, `business`, `user`, `private`, `group`, `channel`.
    pub types: Vec<String>,
    /// Only with an e-mail.
    pub with_email: bool,
    /// Only with a chat (`true`), or without.
    pub has_chat: Option<bool>,
    /// Only with numbers of these countries, alpha-2.
    pub countries: Vec<String>,
    /// Only whose chat has one of these labels.
    pub labels: Vec<String>,
    /// Not those whose chat has one of these labels.
    pub labels_exclude: Vec<String>,
    /// Only with one of these keys among their metadata.
    pub metadata_keys: Vec<String>,
    /// Only with one of these values, below one of the keys when there are some.
    pub metadata_values: Vec<String>,
    /// Only made after.
    pub after: Option<i64>,
    /// Only made before.
    pub before: Option<i64>,
    /// Only changed after.
    pub updated_after: Option<i64>,
    /// Only changed before.
    pub updated_before: Option<i64>,
    /// Only with a newest message after.
    pub last_message_after: Option<i64>,
    /// Only with a newest message before.
    pub last_message_before: Option<i64>,
    /// In which order.
    pub order: ContactOrder,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

/// What a list of contacts is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContactOrder {
    /// Shown name, A to Z.
    #[default]
    Name,
    /// Shown name, Z to A.
    NameDescending,
    /// Oldest first.
    Created,
    /// Newest first.
    CreatedDescending,
    /// Longest unchanged first.
    Updated,
    /// Last changed first.
    UpdatedDescending,
}

impl ContactOrder {
    fn sql(self) -> &'static str {
        match self {
            Self::Name => " ORDER BY sort_name, seq",
            Self::NameDescending => " ORDER BY sort_name DESC, seq DESC",
            Self::Created => " ORDER BY created_at, seq",
            Self::CreatedDescending => " ORDER BY created_at DESC, seq DESC",
            Self::Updated => " ORDER BY updated_at, seq",
            Self::UpdatedDescending => " ORDER BY updated_at DESC, seq DESC",
        }
    }
}

impl Account<'_> {
    /// A page of a number's contacts.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contacts(&mut self, device: &DeviceId, filter: &ContactFilter) -> Result<Vec<ContactRow>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM contacts");
        let mut sql = self.filtered_contacts(sql, device, filter);
        sql.push(filter.order.sql()).page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many contacts the filter matches: exact up to 10,000 or the end of
    /// the page asked for, one more than that when there are more.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_contacts(&mut self, device: &DeviceId, filter: &ContactFilter) -> Result<i64> {
        let counted = COUNTED.max(filter.skip.saturating_add(filter.size));
        let sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM contacts");
        let mut sql = self.filtered_contacts(sql, device, filter);
        sql.push(" LIMIT ").bind(counted + 1).push(") AS found");
        sql.number(&mut *self.conn).await
    }

    fn filtered_contacts(&self, mut sql: Sql, device: &DeviceId, filter: &ContactFilter) -> Sql {
        sql.and("device_id = ").bind(device.as_str());
        sql.and("account_id = ").bind(self.id.as_str());
        if let Some(search) = &filter.search {
            searched(&mut sql, device, search);
        }
        types(&mut sql, &filter.types);
        if filter.with_email {
            sql.and("email IS NOT NULL");
        }
        if let Some(has_chat) = filter.has_chat {
            sql.and(if has_chat { "EXISTS" } else { "NOT EXISTS" });
            sql.push(" (SELECT 1 FROM chats WHERE chats.device_id = ").bind(device.as_str());
            sql.push(" AND chats.wid = contacts.wid)");
        }
        if !filter.countries.is_empty() {
            sql.and_in("country", filter.countries.iter().map(String::as_str));
        }
        for (labels, inside) in [(&filter.labels, true), (&filter.labels_exclude, false)] {
            if !labels.is_empty() {
                labelled(&mut sql, device, labels, inside);
            }
        }
        metadata(&mut sql, device, filter);
        if let Some(after) = filter.after {
            sql.and("created_at > ").bind(after);
        }
        if let Some(before) = filter.before {
            sql.and("created_at < ").bind(before);
        }
        if let Some(after) = filter.updated_after {
            sql.and("updated_at > ").bind(after);
        }
        if let Some(before) = filter.updated_before {
            sql.and("updated_at < ").bind(before);
        }
        if filter.last_message_after.is_some() || filter.last_message_before.is_some() {
            sql.and("wid IN (SELECT wid FROM chats WHERE device_id = ").bind(device.as_str());
            if let Some(after) = filter.last_message_after {
                sql.push(" AND last_message_at > ").bind(after);
            }
            if let Some(before) = filter.last_message_before {
                sql.push(" AND last_message_at < ").bind(before);
            }
            sql.push(")");
        }
        sql
    }
}

/// Kinds (`user`, `private`, `group`, `channel`) and categories (`personal`,
/// `business`) are alternatives among themselves and conditions to each other.
fn types(sql: &mut Sql, types: &[String]) {
    let (categories, kinds): (Vec<&str>, Vec<&str>) =
        types.iter().map(String::as_str).partition(|word| matches!(*word, "personal" | "business"));
    if !kinds.is_empty() {
        sql.and_in("kind", kinds);
    }
    if !categories.is_empty() {
        sql.and_in("category", categories);
        sql.and("kind IN ('user', 'private')");
    }
}

fn labelled(sql: &mut Sql, device: &DeviceId, labels: &[String], inside: bool) {
    sql.and(if inside { "wid IN" } else { "wid NOT IN" });
    sql.push(" (SELECT chat FROM chat_labels").restart();
    sql.and("device_id = ").bind(device.as_str());
    sql.and_in("label", labels.iter().map(String::as_str));
    sql.push(")").resume();
}

fn metadata(sql: &mut Sql, device: &DeviceId, filter: &ContactFilter) {
    if filter.metadata_keys.is_empty() && filter.metadata_values.is_empty() {
        return;
    }
    sql.and("seq IN (SELECT contact FROM contact_metadata").restart();
    sql.and("device_id = ").bind(device.as_str());
    if !filter.metadata_keys.is_empty() {
        sql.and_in("key", filter.metadata_keys.iter().map(String::as_str));
    }
    if !filter.metadata_values.is_empty() {
        sql.and_in("value", filter.metadata_values.iter().map(|value| found_by(value)));
    }
    sql.push(")");
    // What follows are conditions of the outer query, which has some already.
    sql.resume();
}

/// Every word must be there, or one that begins with it. A text without words,
/// such as `%`, finds nobody.
fn searched(sql: &mut Sql, device: &DeviceId, text: &str) {
    let words = words_of(text);
    if words.is_empty() {
        sql.and("1 = 0");
    }
    for word in words {
        let (from, to) = range(&word);
        sql.and("seq IN (SELECT contact FROM contact_words WHERE device_id = ").bind(device.as_str());
        sql.push(" AND word >= ").bind(from).push(" AND word < ").bind(to).push(")");
    }
}
