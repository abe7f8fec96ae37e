//! Which contacts of a number to list.

use super::super::Account;
use super::within::Set;
use super::{COLUMNS, ContactRow};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// How far a count goes beyond the page: counting on would read the whole index.
const COUNTED: i64 = 10_000;
/// The same where words, labels, dates and the like leave few.
const COUNTED_OF_SOME: i64 = 1_000;
/// The same where filters are looked up contact by contact.
const COUNTED_BY_LOOKING: i64 = 100;
/// Contacts that are gathered and sorted; with more it takes less to look at each in the order of the list.
const FEW: i64 = 2_000;
/// The same for several words, which few contacts have all of.
const FEW_OF_SEVERAL: i64 = 12_000;
/// Contacts without a chat that are no longer few.
const WITHOUT_CHAT: usize = 1_000;

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
    /// A few that are sorted get expressions: else SQLite would rather go through
    /// all in order until it has met them.
    fn sql(self, few: bool) -> &'static str {
        match (self, few) {
            (Self::Name, false) => " ORDER BY sort_name, seq",
            (Self::Name, true) => " ORDER BY sort_name || '', seq + 0",
            (Self::NameDescending, false) => " ORDER BY sort_name DESC, seq DESC",
            (Self::NameDescending, true) => " ORDER BY sort_name || '' DESC, seq + 0 DESC",
            (Self::Created, false) => " ORDER BY created_at, seq",
            (Self::Created, true) => " ORDER BY created_at + 0, seq + 0",
            (Self::CreatedDescending, false) => " ORDER BY created_at DESC, seq DESC",
            (Self::CreatedDescending, true) => " ORDER BY created_at + 0 DESC, seq + 0 DESC",
            (Self::Updated, false) => " ORDER BY updated_at, seq",
            (Self::Updated, true) => " ORDER BY updated_at + 0, seq + 0",
            (Self::UpdatedDescending, false) => " ORDER BY updated_at DESC, seq DESC",
            (Self::UpdatedDescending, true) => " ORDER BY updated_at + 0 DESC, seq + 0 DESC",
        }
    }

    fn by_creation(self) -> bool {
        matches!(self, Self::Created | Self::CreatedDescending)
    }

    fn by_change(self) -> bool {
        matches!(self, Self::Updated | Self::UpdatedDescending)
    }
}

/// How the contacts of a search are come by.
struct Way {
    sets: Vec<Set>,
    /// Which of the sets is gathered; all others are looked up contact by contact.
    gathered: Option<usize>,
    /// Those without a chat, where they are asked for and few.
    without_chat: Option<Vec<i64>>,
}

impl Way {
    fn gathers(&self) -> bool {
        self.gathered.is_some() || self.without_chat.is_some()
    }
}

#[derive(sqlx::FromRow)]
struct Found {
    seq: i64,
}

impl Account<'_> {
    /// A page of a number's contacts, in order, and how many there are. They are
    /// counted up to 10,000 beyond the page, up to 1,000 where words, labels,
    /// metadata or dates leave few, and up to 100 where filters are looked up contact
    /// by contact.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn contacts(&mut self, device: &DeviceId, filter: &ContactFilter) -> Result<(i64, Vec<ContactRow>)> {
        if filter.search.as_deref().is_some_and(|text| Set::words(text).is_empty()) {
            // A text without words, such as `%`, finds nobody.
            return Ok((0, Vec::new()));
        }
        let way = self.contact_way(device, filter).await?;
        if way.without_chat.as_ref().is_some_and(Vec::is_empty) {
            return Ok((0, Vec::new()));
        }
        let few = way.gathers();
        let shown = filter.skip.saturating_add(filter.size);
        let (total, seqs) = if filter.looks_up(&way) {
            // What has to be looked up is looked up once, for the page and for the count.
            let beyond = if few { COUNTED_OF_SOME } else { COUNTED_BY_LOOKING };
            let mut sql = self.filtered_contacts(Sql::new("SELECT seq FROM contacts"), device, filter, &way);
            sql.push(filter.order.sql(few)).push(" LIMIT ").bind(shown.saturating_add(beyond));
            let all = self.contact_seqs(&sql).await?;
            let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let (skip, size) = (usize::try_from(filter.skip), usize::try_from(filter.size));
            let page = all.into_iter().skip(skip.unwrap_or(usize::MAX)).take(size.unwrap_or(0));
            (total, page.collect())
        } else {
            let sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM contacts");
            let mut sql = self.filtered_contacts(sql, device, filter, &way);
            sql.push(filter.order.sql(few)).push(" LIMIT ").bind(shown.saturating_add(COUNTED)).push(") AS counted");
            let total = sql.number(&mut *self.conn).await?;
            let mut sql = self.filtered_contacts(Sql::new("SELECT seq FROM contacts"), device, filter, &way);
            sql.push(filter.order.sql(few)).page(filter.size, filter.skip);
            (total, if total > filter.skip { self.contact_seqs(&sql).await? } else { Vec::new() })
        };
        if seqs.is_empty() {
            return Ok((total, Vec::new()));
        }
        // Rows are read for this page only.
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push(" FROM contacts");
        sql.and("CAST(account_id AS TEXT) = ").bind(self.id.as_str());
        sql.and_in("seq", seqs.iter().copied());
        let mut rows = sql.all::<ContactRow>(&mut *self.conn).await?;
        rows.sort_by_key(|row| seqs.iter().position(|seq| *seq == row.seq));
        Ok((total, rows))
    }

    async fn contact_seqs(&mut self, sql: &Sql) -> Result<Vec<i64>> {
        Ok(sql.all::<Found>(&mut *self.conn).await?.into_iter().map(|found| found.seq).collect())
    }

    /// Which set is small enough to be gathered: the smallest.
    async fn contact_way(&mut self, device: &DeviceId, filter: &ContactFilter) -> Result<Way> {
        let sets = filter.sets();
        let few = if sets.iter().filter(|set| matches!(set, Set::Word(..))).count() > 1 { FEW_OF_SEVERAL } else { FEW };
        let mut best: Option<(i64, usize)> = None;
        for (place, set) in sets.iter().enumerate() {
            let count = set.weigh(device, few).number(&mut *self.conn).await?;
            if count <= few && best.is_none_or(|(least, _)| count < least) {
                best = Some((count, place));
            }
        }
        let mut without_chat = None;
        if best.is_none() && filter.has_chat == Some(false) {
            without_chat = Some(self.without_chat(device).await?).filter(|seqs| seqs.len() < WITHOUT_CHAT);
        }
        Ok(Way { sets, gathered: best.map(|(_, place)| place), without_chat })
    }

    /// Contacts without a chat, up to [`WITHOUT_CHAT`]: both tables are gone through
    /// in the order of ids, which takes less than looking up each in the order of names.
    async fn without_chat(&mut self, device: &DeviceId) -> Result<Vec<i64>> {
        let mut sql = Sql::new("SELECT seq FROM contacts WHERE device_id = (SELECT id FROM devices WHERE id = ");
        sql.bind(device.as_str()).push(" AND account_id = ").bind(self.id.as_str()).push(")");
        sql.push(" AND NOT EXISTS (SELECT 1 FROM chats WHERE chats.device_id = ").bind(device.as_str());
        sql.push(" AND chats.wid = contacts.wid) ORDER BY device_id, wid LIMIT ");
        sql.bind(i64::try_from(WITHOUT_CHAT).unwrap_or(i64::MAX));
        self.contact_seqs(&sql).await
    }

    fn filtered_contacts(&self, mut sql: Sql, device: &DeviceId, filter: &ContactFilter, way: &Way) -> Sql {
        // Asked once whose number it is, so that indexes need not hold the account. What is gathered is found by its key,
        // not in the order of the list.
        sql.and(if way.gathers() { "CAST(device_id AS TEXT)" } else { "device_id" });
        sql.push(" = (SELECT id FROM devices WHERE id = ").bind(device.as_str());
        sql.push(" AND account_id = ").bind(self.id.as_str()).push(")");
        let gathered = way.gathered.and_then(|place| way.sets.get(place));
        let others = way.sets.iter().enumerate().filter(|(place, _)| way.gathered != Some(*place)).map(|(_, set)| set);
        // Some are looked up while it is gathered, the others of what is left.
        let (within, outside): (Vec<&Set>, Vec<&Set>) =
            others.partition(|other| gathered.is_some_and(|set| set.is_numbered() && other.is_numbered()));
        if let Some(set) = gathered {
            set.gather(&mut sql, device, within);
        }
        outside.into_iter().for_each(|set| set.look_up(&mut sql, device, "contacts.seq"));
        if let Some(seqs) = &way.without_chat {
            sql.and_in("seq", seqs.iter().copied());
        }
        types(&mut sql, &filter.types);
        if filter.with_email {
            sql.and("email IS NOT NULL");
        }
        if let Some(has_chat) = filter.has_chat.filter(|_| way.without_chat.is_none()) {
            sql.and(if has_chat { "EXISTS" } else { "NOT EXISTS" });
            sql.push(" (SELECT 1 FROM chats WHERE chats.device_id = ").bind(device.as_str());
            sql.push(" AND chats.wid = contacts.wid)");
        }
        if !filter.countries.is_empty() {
            sql.and_in("country", filter.countries.iter().map(String::as_str));
        }
        if !filter.labels_exclude.is_empty() {
            Set::Labels(filter.labels_exclude.clone()).look_up_absent(&mut sql, device);
        }
        // In their own order these are where the list begins or ends.
        for (column, plain, after, before) in [
            ("created_at", filter.order.by_creation(), filter.after, filter.before),
            ("updated_at", filter.order.by_change(), filter.updated_after, filter.updated_before),
        ] {
            for (sign, at) in [(" > ", after), (" < ", before)] {
                if let Some(at) = at.filter(|_| plain) {
                    sql.and(column).push(sign).bind(at);
                }
            }
        }
        sql
    }
}

impl ContactFilter {
    /// What other indexes have the contacts of.
    fn sets(&self) -> Vec<Set> {
        let mut sets: Vec<Set> = self.search.as_deref().map(Set::words).unwrap_or_default();
        if !self.labels.is_empty() {
            sets.push(Set::Labels(self.labels.clone()));
        }
        if !(self.metadata_keys.is_empty() && self.metadata_values.is_empty()) {
            sets.push(Set::metadata(&self.metadata_keys, &self.metadata_values));
        }
        let asked = |after: Option<i64>, before: Option<i64>| after.is_some() || before.is_some();
        if asked(self.last_message_after, self.last_message_before) {
            sets.push(Set::LastMessage { after: self.last_message_after, before: self.last_message_before });
        }
        if asked(self.after, self.before) && !self.order.by_creation() {
            sets.push(Set::Created { after: self.after, before: self.before });
        }
        if asked(self.updated_after, self.updated_before) && !self.order.by_change() {
            sets.push(Set::Updated { after: self.updated_after, before: self.updated_before });
        }
        sets
    }

    /// Whether the index that the list is in the order of has to be left.
    fn looks_up(&self, way: &Way) -> bool {
        let categories = self.types.iter().any(|word| matches!(word.as_str(), "personal" | "business"));
        !way.sets.is_empty()
            || self.has_chat.is_some()
            || !self.labels_exclude.is_empty()
            || categories
            || [!self.types.is_empty(), self.with_email, !self.countries.is_empty()].iter().filter(|set| **set).count()
                > 1
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
