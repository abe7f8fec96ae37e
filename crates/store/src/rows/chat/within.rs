//! Sets of chats that an index of another table has: those with a word, those
//! with a label. A small one is gathered, of a large one each chat is looked up.

use super::words::{range, words_of};
use crate::ids::DeviceId;
use crate::sql::Sql;

/// What chats have.
pub(super) enum Set {
    /// A word in name or number that lies in this range of bytes.
    Word(Vec<u8>, Vec<u8>),
    /// One of these labels.
    Labels(Vec<String>),
}

impl Set {
    /// One for each word of `text`; a chat has to be in all. A text without words,
    /// such as `%`, asks for nothing.
    pub(super) fn words(text: &str) -> Vec<Self> {
        words_of(text)
            .iter()
            .map(|word| {
                let (from, to) = range(word);
                Self::Word(from, to)
            })
            .collect()
    }

    /// How many entries there are, up to one more than `most`.
    pub(super) fn weigh(&self, device: &DeviceId, most: i64) -> Sql {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (");
        self.chats(&mut sql, device);
        sql.push(" LIMIT ").bind(most + 1).push(") AS counted");
        sql
    }

    /// The condition that a chat is in it and in `others`, from the set's index. Both
    /// columns, so that SQLite finds chats by their key.
    pub(super) fn gather<'s>(&self, sql: &mut Sql, device: &DeviceId, others: impl IntoIterator<Item = &'s Self>) {
        sql.and("(device_id, wid) IN (");
        self.chats(sql, device);
        for other in others {
            other.look_up(sql, device, "gathered.chat");
        }
        sql.push(")").resume();
    }

    /// The same, asked of one chat after the other; `chat` is its id.
    pub(super) fn look_up(&self, sql: &mut Sql, device: &DeviceId, chat: &'static str) {
        sql.and("EXISTS (");
        self.of_one(sql, device, chat);
    }

    /// The condition that a chat is not in it.
    pub(super) fn look_up_absent(&self, sql: &mut Sql, device: &DeviceId) {
        sql.and("NOT EXISTS (");
        self.of_one(sql, device, "chats.wid");
    }

    fn of_one(&self, sql: &mut Sql, device: &DeviceId, chat: &'static str) {
        match self {
            Self::Word(from, to) => {
                sql.push("SELECT 1 FROM chat_words s WHERE s.device_id = ").bind(device.as_str());
                sql.push(" AND s.chat = ").push(chat).push(" AND s.word >= ").bind(from.clone());
                sql.push(" AND s.word < ").bind(to.clone());
            }
            Self::Labels(labels) => {
                sql.push("SELECT 1 FROM chat_labels s WHERE s.device_id = ").bind(device.as_str());
                sql.push(" AND s.chat = ").push(chat).push(" AND CAST(s.label AS TEXT) IN (");
                for (i, label) in labels.iter().enumerate() {
                    sql.push(if i > 0 { ", " } else { "" }).bind(label.as_str());
                }
                sql.push(")");
            }
        }
        sql.push(")");
    }

    fn chats(&self, sql: &mut Sql, device: &DeviceId) {
        match self {
            Self::Word(from, to) => {
                sql.push("SELECT device_id, chat FROM chat_words gathered").restart();
                sql.and("device_id = ").bind(device.as_str());
                sql.and("word >= ").bind(from.clone()).and("word < ").bind(to.clone());
            }
            Self::Labels(labels) => {
                sql.push("SELECT device_id, chat FROM chat_labels gathered").restart();
                sql.and("device_id = ").bind(device.as_str());
                sql.and_in("label", labels.iter().map(String::as_str));
            }
        }
    }
}
