//! How messages of chats are found: always by one index, in the order of the
//! list, so that a page costs the same in a large inbox as in a small one.
//! [`super::lead`] says which index that is, [`super::conditions`] what else has
//! to hold.
//!
//! What is looked up is bounded: see [`looked`] and [`READ`].

use super::asked::{AskedWord, Method, looked};
use super::lead::{Branch, Lead};
use super::search::ChatMessageFilter;
use super::signature::Demand;
use crate::ids::DeviceId;
use crate::sql::{Sql, contains};

/// Messages that are looked at, from the newest, for a text without words, and for
/// beginnings of words that no index has together.
const READ: i64 = 20_000;

/// A search that knows its way.
pub(super) struct Finder<'a> {
    pub(super) account: String,
    pub(super) device: &'a DeviceId,
    pub(super) filter: &'a ChatMessageFilter,
    pub(super) lead: Lead,
    /// The chats of [`Lead::Seen`].
    pub(super) seen: Vec<String>,
    /// The rarest first.
    pub(super) words: Vec<AskedWord>,
    pub(super) method: Method,
    /// Of each word of [`Method::Words`] the time from which on its entries are looked at.
    pub(super) since: Vec<Option<i64>>,
}

impl Finder<'_> {
    /// The ids of the page, in order.
    pub(super) fn page(&self) -> Sql {
        let mut sql = self.ids(self.filter.skip.saturating_add(self.filter.size));
        sql.page(self.filter.size, self.filter.skip);
        sql
    }

    /// The ids of the first `most`, in order: what has to be looked up is looked up
    /// once, for the page and for the count.
    pub(super) fn first(&self, most: i64) -> Sql {
        let mut sql = self.ids(most);
        sql.push(" LIMIT ").bind(most);
        sql
    }

    fn ids(&self, most: i64) -> Sql {
        let mut sql = Sql::new("SELECT seq FROM (");
        self.merged(&mut sql, most);
        sql.push(") AS found");
        sql.push(if self.filter.ascending { " ORDER BY at, seq" } else { " ORDER BY at DESC, seq DESC" });
        sql
    }

    /// How many there are, up to `most`.
    pub(super) fn count(&self, most: i64) -> Sql {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM (");
        self.merged(&mut sql, most);
        sql.push(") AS found LIMIT ").bind(most).push(") AS counted");
        sql
    }

    /// Whether what an index gives has to be looked up elsewhere before it counts.
    pub(super) fn looks_up(&self) -> bool {
        match self.method {
            Method::Newest => !self.words.is_empty() || self.filter.looks_beyond(self.lead),
            Method::Gather | Method::Words(_) => self.looks_beyond_words(),
        }
    }

    /// Whether more than one word is asked for.
    fn looks_beyond_words(&self) -> bool {
        self.words.len() > 1 || self.filter.has_conditions()
    }

    /// The time from which on the entries of a word are looked at: that of its
    /// entry number [`looked`], when several words share them of as many less.
    pub(super) fn since(&self, word: &[u8], shared_by: usize) -> Sql {
        let each = looked(&self.filter.sight) / i64::try_from(shared_by.max(1)).unwrap_or(1);
        let mut sql = Sql::new("SELECT at FROM chat_message_words");
        sql.and("");
        self.owned(&mut sql);
        sql.and("word = ").bind(word.to_vec());
        self.times(&mut sql);
        sql.push(" ORDER BY at DESC LIMIT 1 OFFSET ").bind(each);
        sql
    }

    fn merged(&self, sql: &mut Sql, most: i64) {
        match &self.method {
            Method::Newest => {
                let between = if self.filter.overlaps(self.lead) { " UNION " } else { " UNION ALL " };
                for (i, branch) in self.branches().into_iter().enumerate() {
                    sql.push(if i > 0 { between } else { "" });
                    self.messages(sql, branch, most);
                }
            }
            Method::Gather => self.entries(sql, None, most),
            Method::Words(words) => {
                for (i, word) in words.iter().enumerate() {
                    // A message may have several of them.
                    sql.push(if i > 0 { " UNION " } else { "" });
                    self.entries(sql, Some((word, self.since.get(i).copied().flatten())), most);
                }
            }
        }
    }

    fn branches(&self) -> Vec<Branch> {
        // What was received, and what the number sent to itself.
        if self.lead == Lead::Time && self.filter.to.is_some() {
            return [true, false].map(|inbound| Branch { inbound: Some(inbound), ..Branch::default() }).to_vec();
        }
        let values = if self.lead == Lead::Seen { self.seen.len() } else { self.filter.values(self.lead) };
        (0..values).map(|value| Branch { value: Some(value), ..Branch::default() }).collect()
    }

    /// Messages in order that fulfil the conditions and have the words.
    fn messages(&self, sql: &mut Sql, branch: Branch, most: i64) {
        sql.push("SELECT * FROM (SELECT seq, at FROM chat_messages").restart();
        self.conditions(sql, self.lead, branch);
        for word in &self.words {
            sql.and("EXISTS (SELECT 1 FROM chat_message_words o WHERE o.message = chat_messages.seq AND o.word >= ");
            sql.bind(word.from.clone()).push(" AND o.word < ").bind(word.to.clone()).push(")");
        }
        if let Some(text) = self.filter.search.as_ref().filter(|_| self.words.is_empty()) {
            // Something without words, such as `%`: no index has it.
            sql.and("LOWER(COALESCE(body, '')) LIKE ").bind(contains(text)).push(" ESCAPE '\\'");
        }
        // One word alone is met soon: that many messages have it.
        let searched = self.filter.search.is_some() && (self.words.is_empty() || self.looks_beyond_words());
        if searched && !matches!(self.lead, Lead::Id | Lead::Reference) {
            self.newest(sql, branch);
        }
        sql.push(match (self.lead, self.filter.ascending) {
            // A few that are sorted: SQLite would rather go through all in order until it has met them.
            (Lead::Id | Lead::Reference, true) => " ORDER BY at + 0, seq + 0",
            (Lead::Id | Lead::Reference, false) => " ORDER BY at + 0 DESC, seq + 0 DESC",
            (_, true) => " ORDER BY at, seq",
            (_, false) => " ORDER BY at DESC, seq DESC",
        });
        sql.push(" LIMIT ").bind(most).push(") AS part");
    }

    /// Only the newest of those that the leading condition leaves.
    fn newest(&self, sql: &mut Sql, branch: Branch) {
        sql.and("at >= COALESCE((SELECT at FROM chat_messages").restart();
        sql.and("");
        self.owned(sql);
        sql.and("status <> 'removed'");
        if let Some(chat) = self.seen(branch) {
            sql.and("chat = ").bind(chat);
        }
        self.filter.leading(sql, self.lead, branch.value.unwrap_or(0));
        self.times(sql);
        sql.push(" ORDER BY at DESC LIMIT 1 OFFSET ").bind(READ).push("), 0)").resume();
    }

    /// Messages in order that have the rarest word, or this one of those that
    /// begin with it, and fulfil the rest.
    fn entries(&self, sql: &mut Sql, word: Option<(&Vec<u8>, Option<i64>)>, most: i64) {
        let Some((rarest, others)) = self.words.split_first() else { return };
        let (up, down) = (" ORDER BY at, message", " ORDER BY at DESC, message DESC");
        let order = if self.filter.ascending { up } else { down };
        sql.push("SELECT * FROM (SELECT message AS seq, at FROM ");
        // Entries of several words are put in order before anything is looked up, so that looking up ends with the page.
        // Its limit only keeps databases from leaving the order away.
        sql.push(if word.is_some() { "" } else { "(SELECT DISTINCT message, at FROM " });
        sql.push("chat_message_words").push(if word.is_some() { " w" } else { "" }).restart();
        sql.and("");
        self.owned(sql);
        match word {
            Some((word, since)) => {
                sql.and("word = ").bind(word.clone());
                if let Some(since) = since {
                    sql.and("at >= ").bind(since);
                }
            }
            None => {
                sql.and("word >= ").bind(rarest.from.clone()).and("word < ").bind(rarest.to.clone());
            }
        }
        self.times(sql);
        if self.looks_beyond_words() {
            self.demand().of(sql, "signature");
        }
        if word.is_none() {
            sql.push(order).push(" LIMIT ").bind(i64::MAX).push(") AS w").restart();
        }
        for other in others {
            sql.and("EXISTS (SELECT 1 FROM chat_message_words o WHERE o.message = w.message AND o.word >= ");
            sql.bind(other.from.clone()).push(" AND o.word < ").bind(other.to.clone()).push(")");
        }
        if self.filter.has_conditions() {
            sql.and("EXISTS (SELECT 1 FROM chat_messages WHERE chat_messages.seq = w.message");
            // The place is known already: no index leads.
            self.conditions(sql, Lead::Time, Branch::default());
            sql.push(")");
        }
        sql.push(if word.is_some() { order } else { "" });
        sql.push(" LIMIT ").bind(most).push(") AS part");
    }

    /// The chat of a branch of [`Lead::Seen`].
    pub(super) fn seen(&self, branch: Branch) -> Option<&str> {
        branch.value.filter(|_| self.lead == Lead::Seen).and_then(|value| self.seen.get(value)).map(String::as_str)
    }

    /// What an entry's signature has to have.
    fn demand(&self) -> Demand {
        let (mut demand, f) = (Demand::default(), self.filter);
        for word in &self.words {
            demand.word(&word.text);
        }
        if let Some(flow) = &f.flow {
            demand.flow(flow);
        }
        demand.kinds(f.kinds.iter().map(|(kind, _)| kind.as_str()));
        demand.chat_kinds(f.chat_kinds.iter().map(String::as_str));
        demand
    }

    /// Times that the index of words is entered by.
    fn times(&self, sql: &mut Sql) {
        for (condition, at) in [
            ("at > ", self.filter.after),
            ("at < ", self.filter.before),
            ("at >= ", self.filter.begin.map(|place| place.at)),
            ("at <= ", self.filter.end.map(|place| place.at)),
        ] {
            if let Some(at) = at {
                sql.and(condition).bind(at);
            }
        }
    }

    /// The number, if it is this account's: asked once, so that indexes need not
    /// hold the account.
    pub(super) fn owned(&self, sql: &mut Sql) {
        sql.push("device_id = (SELECT id FROM devices WHERE id = ").bind(self.device.as_str());
        sql.push(" AND account_id = ").bind(self.account.as_str()).push(")");
    }
}
