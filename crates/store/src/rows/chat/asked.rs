//! The words of a search, and what it had best start from.

use std::cmp::Reverse;

use super::super::Account;
use super::words::{range, words_of};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// Entries of a word that are counted at most, to tell the rarest of several.
const WEIGHED: i64 = 20_001;
/// A word with no more entries than that is taken whole and sorted.
const RARE: i64 = 2_000;
/// The same when it stands for too many different words to take them one by one.
const GATHERED: i64 = 20_000;
/// Different words of one beginning that are taken one by one.
const SINGLE: usize = 16;

/// A word that is searched for.
#[derive(Debug)]
pub(in crate::rows) struct AskedWord {
    /// The words that begin with it, as bytes: from this one, …
    pub(in crate::rows) from: Vec<u8>,
    /// … up to this one.
    pub(in crate::rows) to: Vec<u8>,
    /// How many entries of messages there are, counted up to [`WEIGHED`].
    entries: i64,
}

/// What a search starts from.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rows) enum Method {
    /// What is searched through, from the newest.
    Newest,
    /// All entries of the rarest word, sorted.
    Gather,
    /// The entries of each of these words, in order.
    Words(Vec<Vec<u8>>),
}

impl Account<'_> {
    /// The words of `text`, the rarest first. `narrow` says that something else
    /// leaves few messages.
    pub(in crate::rows) async fn asked_words(
        &mut self,
        device: &DeviceId,
        text: &str,
        narrow: bool,
    ) -> Result<(Vec<AskedWord>, Method)> {
        let mut words = Vec::new();
        for word in words_of(text) {
            let (from, to) = range(&word);
            let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chat_message_words");
            sql.and("device_id = ").bind(device.as_str());
            sql.and("word >= ").bind(from.clone()).and("word < ").bind(to.clone());
            sql.push(" LIMIT ").bind(WEIGHED).push(") AS counted");
            let entries = sql.number(&mut *self.conn).await?;
            words.push(AskedWord { from, to, entries });
        }
        // Of those that are not counted to their end the longest is taken for the rarest.
        words.sort_by_key(|word| (word.entries, Reverse(word.from.len())));
        let method = match words.first() {
            None => Method::Newest,
            Some(rarest) if rarest.entries <= RARE => Method::Gather,
            // Going through the one chat is less than going through all that have the word.
            Some(_) if narrow => Method::Newest,
            Some(rarest) => {
                let single = self.words_from(device, rarest).await?;
                match single.len() {
                    0..=SINGLE => Method::Words(single),
                    _ if rarest.entries <= GATHERED => Method::Gather,
                    // A beginning that common is met soon, going back from the newest.
                    _ => Method::Newest,
                }
            }
        };
        Ok((words, method))
    }

    /// The different words that begin so, one more than [`SINGLE`] at most: each
    /// step jumps to the next one.
    async fn words_from(&mut self, device: &DeviceId, asked: &AskedWord) -> Result<Vec<Vec<u8>>> {
        let mut found: Vec<Vec<u8>> = Vec::new();
        while found.len() <= SINGLE {
            let mut sql = Sql::new("SELECT word FROM chat_message_words");
            sql.and("device_id = ").bind(device.as_str());
            match found.last() {
                None => sql.and("word >= ").bind(asked.from.clone()),
                Some(word) => sql.and("word > ").bind(word.clone()),
            };
            sql.and("word < ").bind(asked.to.clone());
            sql.push(" ORDER BY word LIMIT 1");
            let Some((next,)) = sql.one::<(Vec<u8>,)>(&mut *self.conn).await? else { break };
            found.push(next);
        }
        Ok(found)
    }
}
