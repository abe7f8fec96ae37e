//! The words of a search, and what it had best start from.

use std::cmp::Reverse;

use super::super::{Account, Sight};
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
/// The same where most of them are passed over by their signature.
const PASSED_OVER: i64 = 250_000;
/// Entries of a word that are looked at, from the newest, for what else is asked
/// for: those that fit by their signature are looked up.
const LOOKED: i64 = 150_000;
/// The same for a person who does not see every chat: of each entry's message the chat has to be looked up.
const LOOKED_BY_CHAT: i64 = 20_000;
/// Different words of one beginning that are taken one by one.
const SINGLE: usize = 16;

/// A word that is searched for.
#[derive(Debug)]
pub(in crate::rows) struct AskedWord {
    /// As it was asked for.
    pub(in crate::rows) text: String,
    /// The words that begin with it, as bytes: from this one, …
    pub(in crate::rows) from: Vec<u8>,
    /// … up to this one.
    pub(in crate::rows) to: Vec<u8>,
    /// How many entries of messages there are, counted up to [`WEIGHED`].
    entries: i64,
}

/// How many entries of a word are looked at for somebody who sees these chats.
pub(in crate::rows) fn looked(sight: &Sight) -> i64 {
    if *sight == Sight::All { LOOKED } else { LOOKED_BY_CHAT }
}

impl AskedWord {
    /// Whether there are more entries than were counted.
    pub(in crate::rows) fn is_common(&self) -> bool {
        self.entries >= WEIGHED
    }
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
    /// leaves few messages, `filtered` that something else is asked for.
    pub(in crate::rows) async fn asked_words(
        &mut self,
        device: &DeviceId,
        text: &str,
        narrow: bool,
        filtered: bool,
    ) -> Result<(Vec<AskedWord>, Method)> {
        let mut words = Vec::new();
        for text in words_of(text) {
            let (from, to) = range(&text);
            let entries = self.entries(device, &from, &to, WEIGHED).await?;
            words.push(AskedWord { text, from, to, entries });
        }
        // Of those that are not counted to their end the longest is taken for the rarest.
        words.sort_by_key(|word| (word.entries, Reverse(word.from.len())));
        let Some(rarest) = words.first() else { return Ok((words, Method::Newest)) };
        if rarest.entries <= RARE {
            return Ok((words, Method::Gather));
        }
        // Going through the one chat is less than going through all that have the word.
        if narrow {
            return Ok((words, Method::Newest));
        }
        let single = self.words_from(device, rarest).await?;
        if single.len() <= SINGLE {
            return Ok((words, Method::Words(single)));
        }
        let gathered = if words.len() > 1 || filtered { PASSED_OVER } else { GATHERED };
        let entries = match rarest.is_common() && gathered > GATHERED {
            true => self.entries(device, &rarest.from, &rarest.to, gathered + 1).await?,
            false => rarest.entries,
        };
        // A beginning that common is met soon, going back from the newest.
        let method = if entries <= gathered { Method::Gather } else { Method::Newest };
        Ok((words, method))
    }

    /// How many entries the words in a range have, up to `most`.
    async fn entries(&mut self, device: &DeviceId, from: &[u8], to: &[u8], most: i64) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chat_message_words");
        sql.and("device_id = ").bind(device.as_str());
        sql.and("word >= ").bind(from.to_vec()).and("word < ").bind(to.to_vec());
        sql.push(" LIMIT ").bind(most).push(") AS counted");
        sql.number(&mut *self.conn).await
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
