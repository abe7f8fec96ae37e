//! Which chats of a number to list.

use sqlx::FromRow;

use super::super::{Account, Sight};
use super::row::ChatRow;
use super::within::Set;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// How far a count goes beyond the page: counting on would read the whole index.
const COUNTED: i64 = 10_000;
/// The same with filters, and where words or labels leave few.
const COUNTED_OF_SOME: i64 = 1_000;
/// The same where words or labels are looked up chat by chat.
const COUNTED_BY_LOOKING: i64 = 100;
/// Chats that are gathered and sorted; with more it takes less to look at each in the order of the list.
const FEW: i64 = 2_000;
/// The same for several words, which few chats have all of.
const FEW_OF_SEVERAL: i64 = 12_000;

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChatOrder {
    /// Newest message first.
    #[default]
    Newest,
    /// Oldest message first.
    Oldest,
    /// Most unread messages first.
    Unread,
    /// By name, from a to z.
    Name,
    /// By name, from z to a.
    NameBackwards,
}

/// Which chats of a number to list.
#[derive(Debug, Clone, Default)]
pub struct ChatFilter {
    /// Only with one of these: `pending`, `active`, `resolved`, `archived`, `muted`.
    pub statuses: Vec<String>,
    /// Only with something unread.
    pub unread: bool,
    /// Only pending and active ones that are not archived.
    pub active: bool,
    /// Only where this number may write.
    pub can_send: bool,
    /// Only where nobody but admins may write.
    pub read_only: bool,
    /// Only of these kinds.
    pub kinds: Vec<String>,
    /// Only those that one of these agents looks after.
    pub agents: Vec<String>,
    /// Only with all of these words in name or number, or words that begin so.
    pub search: Option<String>,
    /// Only with one of these labels.
    pub labels: Vec<String>,
    /// Only with none of these labels.
    pub labels_exclude: Vec<String>,
    /// Only what this person sees.
    pub sight: Sight,
    /// In which order.
    pub order: ChatOrder,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

#[derive(FromRow)]
struct Found {
    wid: String,
}

/// How the chats of a search are come by.
struct Way {
    sets: Vec<Set>,
    /// Which of the sets is gathered; all others are looked up chat by chat.
    gathered: Option<usize>,
}

impl Account<'_> {
    /// A page of a number's chats, in order, and how many there are. They are
    /// counted up to 10,000 beyond the page, up to 1,000 with filters, and up to 100
    /// where words or labels that many chats have are looked up chat by chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chats(&mut self, device: &DeviceId, filter: &ChatFilter) -> Result<(i64, Vec<ChatRow>)> {
        let way = self.way(device, filter).await?;
        let shown = filter.skip.saturating_add(filter.size);
        // The ids come from an index alone; rows are read for this page only.
        let (total, wids) = if way.sets.is_empty() {
            let beyond = if filter.narrows() { COUNTED_OF_SOME } else { COUNTED };
            let mut sql = self.matching(Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chats"), device, filter, &way);
            sql.push(order(filter.order, false))
                .push(" LIMIT ")
                .bind(shown.saturating_add(beyond))
                .push(") AS counted");
            let total = sql.number(&mut *self.conn).await?;
            let mut sql = self.matching(Sql::new("SELECT wid FROM chats"), device, filter, &way);
            sql.push(order(filter.order, false)).page(filter.size, filter.skip);
            (total, if total > filter.skip { self.wids(&sql).await? } else { Vec::new() })
        } else {
            // What has to be looked up is looked up once, for the page and for the count.
            let beyond = if way.gathered.is_some() { COUNTED_OF_SOME } else { COUNTED_BY_LOOKING };
            let mut sql = self.matching(Sql::new("SELECT wid FROM chats"), device, filter, &way);
            sql.push(order(filter.order, way.gathered.is_some())).push(" LIMIT ").bind(shown.saturating_add(beyond));
            let all = self.wids(&sql).await?;
            let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let (skip, size) = (usize::try_from(filter.skip), usize::try_from(filter.size));
            let page = all.into_iter().skip(skip.unwrap_or(usize::MAX)).take(size.unwrap_or(0));
            (total, page.collect())
        };
        let mut rows = self.chats_of(device, &wids).await?;
        rows.sort_by_key(|row| wids.iter().position(|wid| *wid == row.wid));
        Ok((total, rows))
    }

    async fn wids(&mut self, sql: &Sql) -> Result<Vec<String>> {
        Ok(sql.all::<Found>(&mut *self.conn).await?.into_iter().map(|found| found.wid).collect())
    }

    /// Which set is small enough to be gathered: the smallest.
    async fn way(&mut self, device: &DeviceId, filter: &ChatFilter) -> Result<Way> {
        let mut sets: Vec<Set> = filter.search.as_deref().map(Set::words).unwrap_or_default();
        let few = if sets.len() > 1 { FEW_OF_SEVERAL } else { FEW };
        if !filter.labels.is_empty() {
            sets.push(Set::Labels(filter.labels.clone()));
        }
        let mut best: Option<(i64, usize)> = None;
        for (place, set) in sets.iter().enumerate() {
            let count = set.weigh(device, few).number(&mut *self.conn).await?;
            if count <= few && best.is_none_or(|(least, _)| count < least) {
                best = Some((count, place));
            }
        }
        Ok(Way { sets, gathered: best.map(|(_, place)| place) })
    }

    fn matching(&self, mut sql: Sql, device: &DeviceId, filter: &ChatFilter, way: &Way) -> Sql {
        let gathered = way.gathered.and_then(|place| way.sets.get(place));
        // What is gathered is found by its key, not in the order of the list.
        sql.and(if gathered.is_some() { "CAST(device_id AS TEXT)" } else { "device_id" });
        sql.push(" = (SELECT id FROM devices WHERE id = ").bind(device.as_str());
        sql.push(" AND account_id = ").bind(self.id.as_str()).push(")");
        let others = way.sets.iter().enumerate().filter(|(place, _)| way.gathered != Some(*place)).map(|(_, set)| set);
        match gathered {
            Some(set) => set.gather(&mut sql, device, others),
            None => others.for_each(|set| set.look_up(&mut sql, device, "chats.wid")),
        }
        sql.and("status <> 'removed'");
        if !filter.statuses.is_empty() {
            statuses(&mut sql, filter);
        }
        if filter.unread {
            sql.and("(unread > 0 OR marked_unread = 1)");
        }
        if filter.active {
            sql.and("archived = 0").and("status IN ('pending', 'active')");
        }
        if filter.can_send {
            sql.and("can_send = 1");
        }
        if filter.read_only {
            sql.and("read_only = 1");
        }
        if filter.kinds.is_empty() {
            sql.and("kind <> 'broadcast'");
        } else {
            if filter.kinds.iter().all(|kind| SPECIAL.contains(&kind.as_str())) {
                // Few chats are of these kinds: an index has just those.
                sql.and("kind IN ('channel', 'community', 'broadcast')");
            }
            sql.and_in("kind", filter.kinds.iter().map(String::as_str));
        }
        if !filter.agents.is_empty() {
            sql.and_in("agent", filter.agents.iter().map(String::as_str));
        }
        if !filter.labels_exclude.is_empty() {
            Set::Labels(filter.labels_exclude.clone()).look_up_absent(&mut sql, device);
        }
        filter.sight.narrow(&mut sql, "agent", "department");
        sql
    }
}

/// Kinds of chats that are few.
const SPECIAL: &[&str] = &["channel", "community", "broadcast"];

/// The order of a page. A few that are sorted get expressions: else SQLite would
/// rather go through all in order until it has met them.
fn order(order: ChatOrder, few: bool) -> &'static str {
    match (order, few) {
        (ChatOrder::Newest, false) => " ORDER BY last_message_at DESC, wid DESC",
        (ChatOrder::Newest, true) => " ORDER BY last_message_at + 0 DESC, wid || '' DESC",
        (ChatOrder::Oldest, false) => " ORDER BY last_message_at, wid",
        (ChatOrder::Oldest, true) => " ORDER BY last_message_at + 0, wid || ''",
        (ChatOrder::Unread, false) => " ORDER BY unread DESC, last_message_at DESC, wid DESC",
        (ChatOrder::Unread, true) => " ORDER BY unread + 0 DESC, last_message_at + 0 DESC, wid || '' DESC",
        (ChatOrder::Name, false) => " ORDER BY sort_name, wid",
        (ChatOrder::Name, true) => " ORDER BY sort_name || '', wid || ''",
        (ChatOrder::NameBackwards, false) => " ORDER BY sort_name DESC, wid DESC",
        (ChatOrder::NameBackwards, true) => " ORDER BY sort_name || '' DESC, wid || '' DESC",
    }
}

impl ChatFilter {
    /// Whether anything is asked for that an index in the order of the list is checked for.
    fn narrows(&self) -> bool {
        !(self.statuses.is_empty() && self.kinds.is_empty() && self.agents.is_empty() && self.labels_exclude.is_empty())
            || self.unread
            || self.active
            || self.can_send
            || self.read_only
            || self.sight != Sight::All
    }
}

/// An archived chat has no other status than that.
fn statuses(sql: &mut Sql, filter: &ChatFilter) {
    sql.and("(");
    for (i, status) in filter.statuses.iter().enumerate() {
        if i > 0 {
            sql.push(" OR ");
        }
        match status.as_str() {
            "archived" => sql.push("archived = 1"),
            "muted" => sql.push("muted_until IS NOT NULL"),
            other => sql.push("(archived = 0 AND status = ").bind(other).push(")"),
        };
    }
    sql.push(")");
}
