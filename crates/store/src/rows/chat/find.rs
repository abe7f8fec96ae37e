//! How messages of chats are found: always by one index, in the order of the
//! list, so that a page costs the same in a large inbox as in a small one.
//!
//! One condition leads, and its index is used; the others are written as casts,
//! which SQLite's planner can't take for an index by mistake and PostgreSQL's
//! does not even see. A leading condition with several values becomes several
//! queries, each in order and limited, that are merged.

use super::asked::{AskedWord, Method};
use super::search::ChatMessageFilter;
use crate::ids::DeviceId;
use crate::rows::Sight;
use crate::sql::{Sql, contains};

/// Messages that are looked at, from the newest, for a text without words.
const READ: i64 = 20_000;

/// A search that knows its way.
pub(super) struct Finder<'a> {
    pub(super) account: String,
    pub(super) device: &'a DeviceId,
    pub(super) filter: &'a ChatMessageFilter,
    /// The rarest first.
    pub(super) words: Vec<AskedWord>,
    pub(super) method: Method,
}

/// The condition whose index is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Id,
    Reference,
    Chat,
    Author,
    Kind,
    Ack,
    ChatKind,
    Flow,
    Time,
}

/// One of the queries that are merged.
#[derive(Debug, Clone, Copy, Default)]
struct Branch {
    /// Which value of the leading condition, when it has several.
    value: Option<usize>,
    /// With `to` being the number itself: what was received, or what it sent to itself.
    inbound: Option<bool>,
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
            Method::Newest => !self.words.is_empty(),
            Method::Gather | Method::Words(_) => self.words.len() > 1 || self.filter.has_conditions(),
        }
    }

    fn merged(&self, sql: &mut Sql, most: i64) {
        match &self.method {
            Method::Newest => {
                for (i, branch) in self.branches().into_iter().enumerate() {
                    sql.push(if i > 0 { " UNION ALL " } else { "" });
                    self.messages(sql, branch, most);
                }
            }
            Method::Gather => self.entries(sql, None, most),
            Method::Words(words) => {
                for (i, word) in words.iter().enumerate() {
                    // A message may have several of them.
                    sql.push(if i > 0 { " UNION " } else { "" });
                    self.entries(sql, Some(word), most);
                }
            }
        }
    }

    fn lead(&self) -> Lead {
        let f = self.filter;
        let to_other = f.to.is_some() && f.to != f.own;
        match f {
            _ if !f.wids.is_empty() => Lead::Id,
            _ if f.reference.is_some() => Lead::Reference,
            _ if f.chat.is_some() || to_other || f.from.as_deref().is_some_and(|from| !is_person(from)) => Lead::Chat,
            _ if f.from.is_some() => Lead::Author,
            _ if !f.kinds.is_empty() => Lead::Kind,
            _ if !f.ack.is_empty() => Lead::Ack,
            _ if !f.chat_kinds.is_empty() => Lead::ChatKind,
            _ if f.flow.is_some() => Lead::Flow,
            _ => Lead::Time,
        }
    }

    fn branches(&self) -> Vec<Branch> {
        let values = match self.lead() {
            Lead::Kind => self.filter.kinds.len(),
            Lead::Ack => self.filter.ack.len(),
            Lead::ChatKind => self.filter.chat_kinds.len(),
            // What was received, and what the number sent to itself.
            Lead::Time if self.filter.to.is_some() => {
                return [true, false].map(|inbound| Branch { inbound: Some(inbound), ..Branch::default() }).to_vec();
            }
            _ => 1,
        };
        (0..values).map(|value| Branch { value: Some(value), ..Branch::default() }).collect()
    }

    /// Messages in order that fulfil the conditions and have the words.
    fn messages(&self, sql: &mut Sql, branch: Branch, most: i64) {
        sql.push("SELECT * FROM (SELECT seq, at FROM chat_messages").restart();
        let lead = self.lead();
        self.conditions(sql, lead, branch);
        for word in &self.words {
            sql.and("EXISTS (SELECT 1 FROM chat_message_words o WHERE o.message = chat_messages.seq AND o.word >= ");
            sql.bind(word.from.clone()).push(" AND o.word < ").bind(word.to.clone()).push(")");
        }
        if let Some(text) = self.filter.search.as_ref().filter(|_| self.words.is_empty()) {
            // Something without words, such as `%`: no index has it.
            sql.and("LOWER(COALESCE(body, '')) LIKE ").bind(contains(text)).push(" ESCAPE '\\'");
            if !self.filter.is_narrow() {
                sql.and("at >= COALESCE((SELECT at FROM chat_messages WHERE ");
                self.owned(sql);
                sql.push(" AND status <> 'removed' ORDER BY at DESC LIMIT 1 OFFSET ").bind(READ).push("), 0)");
            }
        }
        sql.push(match (lead, self.filter.ascending) {
            // A few that are sorted: SQLite would rather go through all in order until it has met them.
            (Lead::Id | Lead::Reference, true) => " ORDER BY at + 0, seq + 0",
            (Lead::Id | Lead::Reference, false) => " ORDER BY at + 0 DESC, seq + 0 DESC",
            (_, true) => " ORDER BY at, seq",
            (_, false) => " ORDER BY at DESC, seq DESC",
        });
        sql.push(" LIMIT ").bind(most).push(") AS part");
    }

    /// Messages in order that have the rarest word, or this one of those that
    /// begin with it, and fulfil the rest.
    fn entries(&self, sql: &mut Sql, word: Option<&Vec<u8>>, most: i64) {
        let Some((rarest, others)) = self.words.split_first() else { return };
        sql.push("SELECT * FROM (SELECT ").push(if word.is_some() { "" } else { "DISTINCT " });
        sql.push("message AS seq, at FROM chat_message_words w").restart();
        sql.and("");
        self.owned(sql);
        match word {
            Some(word) => sql.and("word = ").bind(word.clone()),
            None => sql.and("word >= ").bind(rarest.from.clone()).and("word < ").bind(rarest.to.clone()),
        };
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
        sql.push(if self.filter.ascending { " ORDER BY at, message" } else { " ORDER BY at DESC, message DESC" });
        sql.push(" LIMIT ").bind(most).push(") AS part");
    }

    /// The number, if it is this account's: asked once, so that indexes need not
    /// hold the account.
    fn owned(&self, sql: &mut Sql) {
        sql.push("device_id = (SELECT id FROM devices WHERE id = ").bind(self.device.as_str());
        sql.push(" AND account_id = ").bind(self.account.as_str()).push(")");
    }

    fn conditions(&self, sql: &mut Sql, lead: Lead, branch: Branch) {
        let f = self.filter;
        sql.and("");
        self.owned(sql);
        sql.and("status <> 'removed'");
        if !f.wids.is_empty() {
            sql.and_in("wa_id", f.wids.iter().map(String::as_str));
        }
        if let Some(reference) = &f.reference {
            let column = if lead == Lead::Reference { "reference = " } else { "CAST(reference AS TEXT) = " };
            sql.and(column).bind(reference.as_str());
        }
        let to_other = f.to.as_ref().filter(|_| f.to != f.own);
        for chat in [f.chat.as_ref(), to_other].into_iter().flatten() {
            let column = if lead == Lead::Chat { "chat = " } else { "CAST(chat AS TEXT) = " };
            sql.and(column).bind(chat.as_str());
        }
        if let Some(from) = &f.from {
            // In a pair the chat is who writes.
            match (is_person(from), lead) {
                (true, Lead::Author) => sql.and("author = "),
                (true, _) => sql.and("CAST(author AS TEXT) = "),
                (false, Lead::Chat) => sql.and("CAST(flow AS TEXT) = 'inbound' AND chat = "),
                (false, _) => sql.and("CAST(flow AS TEXT) = 'inbound' AND CAST(chat AS TEXT) = "),
            };
            sql.bind(from.as_str());
        }
        if let Some(flow) = &f.flow {
            sql.and(if lead == Lead::Flow { "flow = " } else { "CAST(flow AS TEXT) = " }).bind(flow.as_str());
        }
        if let Some(to) = &f.to {
            self.sent_to(sql, to, branch);
        }
        let one_of = |sql: &mut Sql, leads: bool, plain: &'static str, cast: &'static str, values: &[String]| {
            match branch.value.filter(|_| leads).and_then(|value| values.get(value)) {
                Some(value) => sql.and(plain).push(" = ").bind(value.as_str()),
                None => sql.and_in(cast, values.iter().map(String::as_str)),
            };
        };
        if !f.ack.is_empty() {
            one_of(sql, lead == Lead::Ack, "ack", "CAST(ack AS TEXT)", &f.ack);
        }
        if !f.chat_kinds.is_empty() {
            one_of(sql, lead == Lead::ChatKind, "chat_kind", "CAST(chat_kind AS TEXT)", &f.chat_kinds);
        }
        if !f.kinds.is_empty() {
            self.of_kinds(sql, lead, branch);
        }
        self.in_time(sql);
        f.sight.narrow_said(sql, &self.account, "chat_messages.device_id", "chat_messages.chat");
    }

    fn sent_to(&self, sql: &mut Sql, to: &str, branch: Branch) {
        match (self.filter.own.as_deref() == Some(to), branch.inbound) {
            (false, _) => sql.and("CAST(flow AS TEXT) = 'outbound'"),
            (true, Some(true)) => sql.and("flow = 'inbound'"),
            (true, Some(false)) => sql.and("CAST(flow AS TEXT) = 'outbound' AND chat = ").bind(to),
            (true, None) => sql.and("(CAST(flow AS TEXT) = 'inbound' OR CAST(chat AS TEXT) = ").bind(to).push(")"),
        };
    }

    fn of_kinds(&self, sql: &mut Sql, lead: Lead, branch: Branch) {
        let kinds = &self.filter.kinds;
        if let Some((kind, subtype)) = branch.value.filter(|_| lead == Lead::Kind).and_then(|value| kinds.get(value)) {
            // The one kind whose subtypes are told apart has an index for them.
            match subtype {
                Some(subtype) if kind == "audio" => {
                    sql.and("kind = 'audio' AND COALESCE(subtype, '') = ").bind(subtype.as_str());
                }
                Some(subtype) => {
                    sql.and("kind = ").bind(kind.as_str()).push(" AND COALESCE(subtype, '') = ").bind(subtype.as_str());
                }
                None => {
                    sql.and("kind = ").bind(kind.as_str());
                }
            }
            return;
        }
        sql.and("(");
        for (i, (kind, subtype)) in kinds.iter().enumerate() {
            sql.push(if i > 0 { " OR (CAST(kind AS TEXT) = " } else { "(CAST(kind AS TEXT) = " }).bind(kind.as_str());
            if let Some(subtype) = subtype {
                sql.push(" AND COALESCE(subtype, '') = ").bind(subtype.as_str());
            }
            sql.push(")");
        }
        sql.push(")");
    }

    fn in_time(&self, sql: &mut Sql) {
        let f = self.filter;
        // The first half of each is what the index is entered by.
        if let Some(begin) = f.begin {
            sql.and("at >= ").bind(begin.at).push(" AND (at > ").bind(begin.at).push(" OR seq >= ");
            sql.bind(begin.seq).push(")");
        }
        if let Some(end) = f.end {
            sql.and("at <= ").bind(end.at).push(" AND (at < ").bind(end.at).push(" OR seq <= ");
            sql.bind(end.seq).push(")");
        }
        if let Some(after) = f.after {
            sql.and("at > ").bind(after);
        }
        if let Some(before) = f.before {
            sql.and("at < ").bind(before);
        }
    }
}

impl ChatMessageFilter {
    /// Whether anything but words is asked for.
    fn has_conditions(&self) -> bool {
        self.is_narrow()
            || self.to.is_some()
            || self.flow.is_some()
            || !(self.ack.is_empty() && self.chat_kinds.is_empty() && self.kinds.is_empty())
            || self.begin.is_some()
            || self.end.is_some()
            || self.after.is_some()
            || self.before.is_some()
            || self.sight != Sight::All
    }
}

fn is_person(wid: &str) -> bool {
    wid.ends_with("@c.us") || wid.ends_with("@lid")
}
