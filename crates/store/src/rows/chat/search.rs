//! Which messages of a number's chats to list.

use super::super::{Account, Sight};
use super::asked::{AskedWord, Method};
use super::find::Finder;
use super::message::{ChatMessageRow, Place};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// Which messages of a number's chats to list.
#[derive(Debug, Clone, Default)]
pub struct ChatMessageFilter {
    /// Only `inbound` or only `outbound`.
    pub flow: Option<String>,
    /// Only with one of these acks.
    pub ack: Vec<String>,
    /// Only with these WhatsApp ids.
    pub wids: Vec<String>,
    /// Only with all of these words, or words that begin so.
    pub search: Option<String>,
    /// Only in this chat.
    pub chat: Option<String>,
    /// Only by this person, or from this chat.
    pub from: Option<String>,
    /// Only to this chat; the number's own id means everything received.
    pub to: Option<String>,
    /// The number's own id.
    pub own: Option<String>,
    /// Only in chats of these kinds.
    pub chat_kinds: Vec<String>,
    /// Only with this reference.
    pub reference: Option<String>,
    /// Only of one of these kinds; a subtype narrows it, `Some("")` means none.
    pub kinds: Vec<(String, Option<String>)>,
    /// From this message on, itself included.
    pub begin: Option<Place>,
    /// Up to this message, itself included.
    pub end: Option<Place>,
    /// Only after this time.
    pub after: Option<i64>,
    /// Only before this time.
    pub before: Option<i64>,
    /// Only of chats that this person sees.
    pub sight: Sight,
    /// Oldest first.
    pub ascending: bool,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

/// Matches that are counted at most beyond the page that is shown.
const COUNTED: i64 = 10_000;
/// The same where each has to be looked up: words along with words or filters.
const COUNTED_BY_LOOKING: i64 = 100;

#[derive(sqlx::FromRow)]
struct Found {
    seq: i64,
}

impl Account<'_> {
    /// A page of a number's messages, and how many there are. They are counted up to
    /// 10,000 beyond the page; up to 100 beyond it when words are searched for
    /// along with other words or filters.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn chat_messages(
        &mut self,
        device: &DeviceId,
        filter: &ChatMessageFilter,
    ) -> Result<(i64, Vec<ChatMessageRow>)> {
        let finder = self.finder(device, filter).await?;
        let shown = filter.skip.saturating_add(filter.size);
        let (total, seqs) = if finder.looks_up() {
            let all = self.seqs(&finder.first(shown.saturating_add(COUNTED_BY_LOOKING))).await?;
            let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let (skip, size) = (usize::try_from(filter.skip), usize::try_from(filter.size));
            let page = all.into_iter().skip(skip.unwrap_or(usize::MAX)).take(size.unwrap_or(0));
            (total, page.collect())
        } else {
            let total = finder.count(shown.saturating_add(COUNTED)).number(&mut *self.conn).await?;
            let seqs = if total > filter.skip { self.seqs(&finder.page()).await? } else { Vec::new() };
            (total, seqs)
        };
        // Rows are read for this page only.
        let mut rows = self.chat_messages_by_seq(device, &seqs).await?;
        rows.sort_by_key(|row| seqs.iter().position(|seq| *seq == row.seq));
        Ok((total, rows))
    }

    async fn seqs(&mut self, sql: &Sql) -> Result<Vec<i64>> {
        Ok(sql.all::<Found>(&mut *self.conn).await?.into_iter().map(|found| found.seq).collect())
    }

    async fn finder<'f>(&mut self, device: &'f DeviceId, filter: &'f ChatMessageFilter) -> Result<Finder<'f>>
    where
        Self: 'f,
    {
        let text = filter.search.as_deref().unwrap_or_default();
        let led = self.lead(device, filter).await?;
        let (words, method) = self.asked_words(device, text, led.few, filter.has_conditions()).await?;
        let account = self.id.as_str().to_owned();
        let mut finder =
            Finder { account, device, filter, lead: led.lead, seen: led.seen, words, method, since: Vec::new() };
        if let (Method::Words(words), true) = (&finder.method, finder.looks_up())
            && finder.words.first().is_some_and(AskedWord::is_common)
        {
            let mut since = Vec::new();
            for word in words {
                let first = finder.since(word, words.len()).one::<(i64,)>(&mut *self.conn).await?;
                since.push(first.map(|(at,)| at));
            }
            finder.since = since;
        }
        Ok(finder)
    }
}
