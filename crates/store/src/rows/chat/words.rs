//! The index that searches stand on: one row per word of a message. The same
//! text serves both databases; neither's own full-text search does.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use super::super::Account;
use super::message::ChatMessageRow;
use super::signature;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// Words of one message at most; what comes after is not found by a search.
const WORDS: usize = 200;
/// Characters of a word that count.
const LENGTH: usize = 32;
/// Words written by one statement.
const AT_ONCE: usize = 32;

/// The words of a text, each once, in lower case. Letters and digits make words;
/// of scripts that are written without spaces each sign is one, and so is an
/// emoji.
#[must_use]
pub(in crate::rows) fn words_of(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        let alone = !c.is_ascii() && (stands_alone(c) || !c.is_alphanumeric()) && !c.is_whitespace();
        if c.is_alphanumeric() && !alone {
            word.push(c);
            continue;
        }
        put(&mut words, &mut word);
        if alone && !joins(c) {
            words.insert(c.to_string());
        }
        if words.len() >= WORDS {
            return words;
        }
    }
    put(&mut words, &mut word);
    words
}

fn put(words: &mut BTreeSet<String>, word: &mut String) {
    if !word.is_empty() {
        words.insert(word.chars().take(LENGTH).collect());
        word.clear();
    }
}

/// Scripts written without spaces: Han, kana, Thai, Lao, Khmer, Burmese.
pub(super) fn stands_alone(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Signs without a look of their own.
fn joins(c: char) -> bool {
    matches!(u32::from(c), 0x200B..=0x200F | 0xFE00..=0xFE0F | 0x2060..=0x206F)
}

/// The words that begin with `word`, as bytes: from the first, up to the second.
pub(in crate::rows) fn range(word: &str) -> (Vec<u8>, Vec<u8>) {
    let from: Vec<u8> = word.chars().take(LENGTH).collect::<String>().into_bytes();
    let mut to = from.clone();
    // No UTF-8 has this byte, so everything that goes on sorts before it.
    to.push(0xFF);
    (from, to)
}

impl Account<'_> {
    /// Makes a message found by the words of `text`, which are all that it has
    /// unless it was edited. `with_file` says that there is a file along with it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn index_words(
        &mut self,
        device: &DeviceId,
        message: &ChatMessageRow,
        text: &str,
        with_file: bool,
    ) -> Result<()> {
        let words = words_of(text);
        let signature = match message.edited_at {
            None => signature::of(message, &words, with_file),
            // Words of before may be left, such as those of a file's name: neither they nor the new ones know all.
            Some(_) => {
                self.forget_signature(device, message.seq).await?;
                signature::UNKNOWN
            }
        };
        let words: Vec<String> = words.into_iter().collect();
        for part in words.chunks(AT_ONCE) {
            let mut sql =
                String::from("INSERT INTO chat_message_words (device_id, message, at, signature, word) VALUES ");
            for i in 0..part.len() {
                sql.push_str(if i == 0 { "($1, $2, $3, $4, $" } else { ", ($1, $2, $3, $4, $" });
                sql.push_str(&(i + 5).to_string());
                sql.push(')');
            }
            sql.push_str(" ON CONFLICT DO NOTHING");
            let mut query = sqlx::query(AssertSqlSafe(sql)).bind(device.as_str()).bind(message.seq).bind(message.at);
            query = query.bind(signature);
            for word in part {
                query = query.bind(word.clone().into_bytes());
            }
            query.execute(&mut *self.conn).await?;
        }
        Ok(())
    }

    async fn forget_signature(&mut self, device: &DeviceId, message: i64) -> Result<()> {
        let mut sql = Sql::new("UPDATE chat_message_words SET signature = ");
        sql.bind(signature::UNKNOWN);
        sql.and("CAST(device_id AS TEXT) = ").bind(device.as_str());
        sql.and("message = ").bind(message);
        sql.run(&mut *self.conn).await?;
        Ok(())
    }

    /// Takes a message out of the index; `text` is what it was put in with.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_words(&mut self, device: &DeviceId, message: &ChatMessageRow, text: &str) -> Result<()> {
        let words: Vec<Vec<u8>> = words_of(text).into_iter().map(String::into_bytes).collect();
        if words.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::new("DELETE FROM chat_message_words");
        sql.and("device_id = ").bind(device.as_str());
        sql.and("message = ").bind(message.seq);
        sql.and("at = ").bind(message.at);
        sql.and_in("word", words);
        sql.run(&mut *self.conn).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, WORDS, range, words_of};

    fn words(text: &str) -> Vec<String> {
        words_of(text).into_iter().collect()
    }

    #[test]
    fn letters_and_digits_make_words() {
        assert_eq!(words("Hello, hello WORLD-42!"), ["42", "hello", "world"]);
        assert_eq!(words("Ärger über Straße"), ["straße", "ärger", "über"]);
        assert!(words("-- %% ..").is_empty());
    }

    #[test]
    fn signs_without_spaces_between_are_words_of_their_own() {
        assert_eq!(words("東京都"), ["京", "東", "都"]);
        assert_eq!(words("ok 👍\u{fe0f}"), ["ok", "👍"]);
    }

    #[test]
    fn a_message_has_only_so_many_words() {
        let long: Vec<String> = (0..5000).map(|n| format!("w{n}")).collect();
        assert!(words(&long.join(" ")).len() <= WORDS);
        assert_eq!(words(&"a".repeat(500))[0].len(), LENGTH);
    }

    #[test]
    fn a_prefix_covers_its_words_and_no_others() {
        let (from, to) = range("app");
        let inside = |word: &str| from.as_slice() <= word.as_bytes() && word.as_bytes() < to.as_slice();
        assert!(inside("app") && inside("apple") && inside("app😀"));
        assert!(!inside("ap") && !inside("apq"));
    }
}
