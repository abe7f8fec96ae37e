//! Which files of chats to list. They are found as messages are: by one index,
//! in the order of the list.

use crate::connection::Connection;

use super::super::chat::{AskedWord, Demand, Method, looked};
use super::super::{Account, Sight};
use super::{COLUMNS, ChatFileRow};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// Which files to list.
#[derive(Debug, Clone, Default)]
pub struct ChatFileFilter {
    /// Only of these kinds.
    pub kinds: Vec<String>,
    /// Words in name or caption, or words that begin so; or in the MIME type.
    pub search: Option<String>,
    /// Only in these chats.
    pub chats: Vec<String>,
    /// Only these.
    pub ids: Vec<String>,
    /// Only of messages with these WhatsApp ids.
    pub messages: Vec<String>,
    /// Only `inbound` or only `outbound`.
    pub flow: Option<String>,
    /// Only after this time.
    pub after: Option<i64>,
    /// Only before this time.
    pub before: Option<i64>,
    /// Only of chats that this person sees.
    pub sight: Sight,
    /// By size instead of by time.
    pub by_size: bool,
    /// Smallest or oldest first.
    pub ascending: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

/// Matches that are counted at most beyond the page that is shown.
const COUNTED: i64 = 10_000;
/// The same where each has to be looked up.
const COUNTED_BY_LOOKING: i64 = 100;

#[derive(sqlx::FromRow)]
struct Found {
    seq: i64,
}

#[derive(sqlx::FromRow)]
struct Numbered {
    seq: i64,
    #[sqlx(flatten)]
    row: ChatFileRow,
}

/// A search, and what it starts from.
struct Finder<'a> {
    account: &'a str,
    device: &'a DeviceId,
    filter: &'a ChatFileFilter,
    words: Vec<AskedWord>,
    method: Method,
    /// Of each word of [`Method::Words`] the time from which on its entries are looked at.
    since: Vec<Option<i64>>,
    /// MIME types that have the text in them.
    mimes: Vec<String>,
}

/// The condition whose index is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead<'a> {
    /// Ids of files or messages, the file's own message: nothing is left to order.
    Few,
    Chat(&'a str),
    Mime(&'a str),
    Kind(&'a str),
    Flow,
    /// The order of the list alone.
    Order,
}

impl Account<'_> {
    /// A page of a number's files, and how many there are. They are counted up to
    /// 10,000 beyond the page, 100 when a text is searched for or not every chat is seen.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_files(&mut self, device: &DeviceId, filter: &ChatFileFilter) -> Result<(i64, Vec<ChatFileRow>)> {
        let mut filter = filter.clone();
        if !filter.is_narrow() {
            // Who sees few chats is shown their files from there.
            filter.chats = self.few_seen(device, &filter.sight).await?.unwrap_or_default();
        }
        let filter = &filter;
        let (mut words, mut method, mut mimes) = (Vec::new(), Method::Newest, Vec::new());
        if let Some(text) = &filter.search {
            (words, method) = self.asked_words(device, text, filter.is_narrow(), true).await?;
            mimes = self.mimes_with(device, text).await?;
            if filter.by_size && matches!(method, Method::Words(_)) {
                // Words are in the order of time.
                method = Method::Newest;
            }
        }
        let account = self.id.as_str();
        let mut finder = Finder { account, device, filter, words, method, since: Vec::new(), mimes };
        if let (Method::Words(words), true) = (&finder.method, finder.words.first().is_some_and(AskedWord::is_common)) {
            let mut since = Vec::new();
            for word in words {
                let first = finder.since(word, words.len()).one::<(i64,)>(&mut *self.conn).await?;
                since.push(first.map(|(at,)| at));
            }
            finder.since = since;
        }
        let shown = filter.skip.saturating_add(filter.size);
        let (total, seqs) = if filter.search.is_some() {
            // What has to be looked up is looked up once, for the page and for the count.
            let all = file_seqs(&finder.first(shown.saturating_add(COUNTED_BY_LOOKING)), &mut *self.conn).await?;
            let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let (skip, size) = (usize::try_from(filter.skip), usize::try_from(filter.size));
            let page = all.into_iter().skip(skip.unwrap_or(usize::MAX)).take(size.unwrap_or(0));
            (total, page.collect())
        } else {
            // Of each file of somebody who does not see every chat, the chat is looked up.
            let beyond = if filter.sight == Sight::All { COUNTED } else { COUNTED_BY_LOOKING };
            let total = finder.count(shown.saturating_add(beyond)).number(&mut *self.conn).await?;
            let seqs = if total > filter.skip { file_seqs(&finder.page(), &mut *self.conn).await? } else { Vec::new() };
            (total, seqs)
        };
        if seqs.is_empty() {
            return Ok((total, Vec::new()));
        }
        let mut sql = Sql::new("SELECT seq, ");
        sql.push(COLUMNS).push(" FROM chat_files");
        sql.and("CAST(account_id AS TEXT) = ").bind(account);
        sql.and_in("seq", seqs.iter().copied());
        let mut rows = sql.all::<Numbered>(&mut *self.conn).await?;
        rows.sort_by_key(|found| seqs.iter().position(|seq| *seq == found.seq));
        Ok((total, rows.into_iter().map(|found| found.row).collect()))
    }

    /// The MIME types of a number's files that have this text in them; there are
    /// few different ones, and each step jumps to the next.
    async fn mimes_with(&mut self, device: &DeviceId, text: &str) -> Result<Vec<String>> {
        let text = text.to_lowercase();
        let (mut found, mut last) = (Vec::new(), String::new());
        for _ in 0..MIMES {
            let mut sql = Sql::new("SELECT mime FROM chat_files");
            sql.and("device_id = ").bind(device.as_str());
            sql.and("mime > ").bind(last.as_str()).push(" ORDER BY mime LIMIT 1");
            let Some((mime,)) = sql.one::<(String,)>(&mut *self.conn).await? else { break };
            if mime.to_lowercase().contains(&text) {
                found.push(mime.clone());
            }
            last = mime;
        }
        Ok(found)
    }
}

async fn file_seqs(sql: &Sql, conn: &mut Connection) -> Result<Vec<i64>> {
    Ok(sql.all::<Found>(conn).await?.into_iter().map(|found| found.seq).collect())
}

/// Different MIME types that are looked at.
const MIMES: usize = 100;

impl ChatFileFilter {
    /// Whether few files are left by an index of their own.
    fn is_narrow(&self) -> bool {
        !(self.ids.is_empty() && self.messages.is_empty() && self.chats.is_empty())
    }
}

impl Finder<'_> {
    fn page(&self) -> Sql {
        let mut sql = self.ids(self.filter.skip.saturating_add(self.filter.size));
        sql.page(self.filter.size, self.filter.skip);
        sql
    }

    fn first(&self, most: i64) -> Sql {
        let mut sql = self.ids(most);
        sql.push(" LIMIT ").bind(most);
        sql
    }

    fn ids(&self, most: i64) -> Sql {
        let mut sql = Sql::new("SELECT seq FROM (");
        self.merged(&mut sql, most);
        sql.push(") AS found");
        sql.push(if self.filter.ascending { " ORDER BY place, seq" } else { " ORDER BY place DESC, seq DESC" });
        sql
    }

    fn count(&self, most: i64) -> Sql {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM (");
        self.merged(&mut sql, most);
        sql.push(") AS found LIMIT ").bind(most).push(") AS counted");
        sql
    }

    /// What the list is ordered by.
    fn place(&self) -> &'static str {
        if self.filter.by_size { "COALESCE(size, 0)" } else { "at" }
    }

    fn merged(&self, sql: &mut Sql, most: i64) {
        if self.filter.search.is_none() {
            for (i, lead) in self.leads().into_iter().enumerate() {
                // A kind or a chat may be named twice.
                sql.push(if i > 0 { " UNION " } else { "" });
                self.files(sql, lead, false, most);
            }
            return;
        }
        // A file may be found by its words and by its type.
        let mut first = true;
        let mut next = |sql: &mut Sql| {
            sql.push(if first { "" } else { " UNION " });
            first = false;
        };
        for mime in &self.mimes {
            next(sql);
            self.files(sql, Lead::Mime(mime), false, most);
        }
        match &self.method {
            _ if self.words.is_empty() && !self.mimes.is_empty() => {}
            Method::Newest => {
                for lead in self.leads() {
                    next(sql);
                    self.files(sql, lead, true, most);
                }
            }
            Method::Gather => {
                next(sql);
                self.worded(sql, None, most);
            }
            Method::Words(words) => {
                for (i, word) in words.iter().enumerate() {
                    next(sql);
                    self.worded(sql, Some((word, self.since.get(i).copied().flatten())), most);
                }
            }
        }
    }

    fn leads(&self) -> Vec<Lead<'_>> {
        let f = self.filter;
        match f {
            _ if !(f.ids.is_empty() && f.messages.is_empty()) => vec![Lead::Few],
            _ if !f.chats.is_empty() => f.chats.iter().map(|chat| Lead::Chat(chat)).collect(),
            // One index is in the order of sizes.
            _ if f.by_size => vec![Lead::Order],
            _ if !f.kinds.is_empty() => f.kinds.iter().map(|kind| Lead::Kind(kind)).collect(),
            _ if f.flow.is_some() => vec![Lead::Flow],
            _ => vec![Lead::Order],
        }
    }

    /// Files in order that fulfil the conditions.
    fn files(&self, sql: &mut Sql, lead: Lead<'_>, with_words: bool, most: i64) {
        // A few that are sorted: SQLite would rather go through all in order until it has met them.
        let hidden = if lead == Lead::Few { " + 0" } else { "" };
        sql.push("SELECT * FROM (SELECT seq, ")
            .push(self.place())
            .push(hidden)
            .push(" AS place FROM chat_files")
            .restart();
        self.conditions(sql, lead);
        if with_words && self.words.is_empty() {
            // Nothing that could be found.
            sql.and("1 = 0");
        }
        for word in self.words.iter().filter(|_| with_words) {
            sql.and("EXISTS (SELECT 1 FROM chat_message_words o WHERE o.message = chat_files.message AND o.word >= ");
            sql.bind(word.from.clone()).push(" AND o.word < ").bind(word.to.clone()).push(")");
        }
        self.ordered(sql, most);
    }

    /// Files in order whose messages have the rarest word, or this one of those
    /// that begin with it, and the rest.
    fn worded(&self, sql: &mut Sql, word: Option<(&Vec<u8>, Option<i64>)>, most: i64) {
        let Some((rarest, others)) = self.words.split_first() else { return };
        // A message may have several words of one beginning.
        sql.push(if word.is_some() { "SELECT * FROM (SELECT " } else { "SELECT * FROM (SELECT DISTINCT " });
        sql.push("chat_files.seq, ");
        sql.push(if self.filter.by_size { "COALESCE(size, 0)" } else { "w.at" });
        sql.push(" AS place FROM chat_message_words w CROSS JOIN chat_files").restart();
        sql.and("chat_files.message = w.message AND w.");
        self.owned(sql);
        match word {
            Some((word, since)) => {
                sql.and("w.word = ").bind(word.clone());
                if let Some(since) = since {
                    sql.and("w.at >= ").bind(since);
                }
            }
            None => {
                sql.and("w.word >= ").bind(rarest.from.clone()).and("w.word < ").bind(rarest.to.clone());
            }
        }
        for (condition, at) in [("w.at > ", self.filter.after), ("w.at < ", self.filter.before)] {
            if let Some(at) = at {
                sql.and(condition).bind(at);
            }
        }
        // Messages without a file are passed over.
        self.demand().of(sql, "w.signature");
        for other in others {
            sql.and("EXISTS (SELECT 1 FROM chat_message_words o WHERE o.message = w.message AND o.word >= ");
            sql.bind(other.from.clone()).push(" AND o.word < ").bind(other.to.clone()).push(")");
        }
        self.conditions(sql, Lead::Few);
        match (word, self.filter.ascending) {
            (Some(_), true) => sql.push(" ORDER BY w.at, w.message LIMIT ").bind(most).push(") AS part"),
            (Some(_), false) => sql.push(" ORDER BY w.at DESC, w.message DESC LIMIT ").bind(most).push(") AS part"),
            (None, _) => {
                self.ordered(sql, most);
                sql
            }
        };
    }

    /// What an entry's signature has to have.
    fn demand(&self) -> Demand {
        let mut demand = Demand::default();
        demand.with_file();
        for word in &self.words {
            demand.word(&word.text);
        }
        if let Some(flow) = &self.filter.flow {
            demand.flow(flow);
        }
        demand
    }

    /// The time from which on the entries of a word are looked at, as for messages.
    fn since(&self, word: &[u8], shared_by: usize) -> Sql {
        let each = looked(&self.filter.sight) / i64::try_from(shared_by.max(1)).unwrap_or(1);
        let mut sql = Sql::new("SELECT at FROM chat_message_words");
        sql.and("");
        self.owned(&mut sql);
        sql.and("word = ").bind(word.to_vec());
        if let Some(before) = self.filter.before {
            sql.and("at < ").bind(before);
        }
        sql.push(" ORDER BY at DESC LIMIT 1 OFFSET ").bind(each);
        sql
    }

    fn ordered(&self, sql: &mut Sql, most: i64) {
        sql.push(if self.filter.ascending { " ORDER BY 2, 1" } else { " ORDER BY 2 DESC, 1 DESC" });
        sql.push(" LIMIT ").bind(most).push(") AS part");
    }

    fn owned(&self, sql: &mut Sql) {
        sql.push("device_id = (SELECT id FROM devices WHERE id = ").bind(self.device.as_str());
        sql.push(" AND account_id = ").bind(self.account).push(")");
    }

    fn conditions(&self, sql: &mut Sql, lead: Lead<'_>) {
        let f = self.filter;
        sql.and("chat_files.");
        self.owned(sql);
        match lead {
            Lead::Chat(chat) => sql.and("chat = ").bind(chat),
            Lead::Mime(mime) => sql.and("mime = ").bind(mime),
            Lead::Kind(kind) => sql.and("kind = ").bind(kind),
            Lead::Flow => sql.and("flow = ").bind(f.flow.clone()),
            Lead::Few | Lead::Order => sql,
        };
        for (column, values, leads) in [
            ("id", &f.ids, false),
            ("wa_id", &f.messages, false),
            ("CAST(chat AS TEXT)", &f.chats, matches!(lead, Lead::Chat(_))),
            ("CAST(kind AS TEXT)", &f.kinds, matches!(lead, Lead::Kind(_))),
        ] {
            if !values.is_empty() && !leads {
                sql.and_in(column, values.iter().map(String::as_str));
            }
        }
        if let Some(flow) = f.flow.as_ref().filter(|_| lead != Lead::Flow) {
            sql.and("CAST(flow AS TEXT) = ").bind(flow.as_str());
        }
        if let Some(after) = f.after {
            sql.and("chat_files.at > ").bind(after);
        }
        if let Some(before) = f.before {
            sql.and("chat_files.at < ").bind(before);
        }
        f.sight.narrow_said(sql, self.account, "chat_files.device_id", "chat_files.chat");
    }
}
