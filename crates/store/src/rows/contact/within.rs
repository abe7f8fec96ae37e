//! Sets of contacts that an index has in an order of its own: those with a word,
//! those whose chat has a label. A small one is gathered, of a large one each
//! contact is looked up.

use super::super::chat::{range, words_of};
use super::index::found_by;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// What contacts have. Times are exclusive.
pub(super) enum Set {
    /// A word that lies in this range of bytes.
    Word(Vec<u8>, Vec<u8>),
    /// A chat with one of these labels.
    Labels(Vec<String>),
    /// One of these keys and one of these values; empty means any.
    Metadata { keys: Vec<String>, values: Vec<String> },
    /// A chat with its newest message then.
    LastMessage { after: Option<i64>, before: Option<i64> },
    /// Made then.
    Created { after: Option<i64>, before: Option<i64> },
    /// Changed then.
    Updated { after: Option<i64>, before: Option<i64> },
}

impl Set {
    /// One for each word of `text`; a contact has to be in all.
    pub(super) fn words(text: &str) -> Vec<Self> {
        words_of(text)
            .iter()
            .map(|word| {
                let (from, to) = range(word);
                Self::Word(from, to)
            })
            .collect()
    }

    /// Those with metadata, values as the index has them.
    pub(super) fn metadata(keys: &[String], values: &[String]) -> Self {
        Self::Metadata { keys: keys.to_vec(), values: values.iter().map(|value| found_by(value)).collect() }
    }

    /// How many entries there are, up to one more than `most`.
    pub(super) fn weigh(&self, device: &DeviceId, most: i64) -> Sql {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (");
        self.members(&mut sql, device);
        sql.push(" LIMIT ").bind(most + 1).push(") AS counted");
        sql
    }

    /// Whether its index has the numbers of contacts, not their ids.
    pub(super) fn is_numbered(&self) -> bool {
        matches!(self, Self::Word(..) | Self::Metadata { .. })
    }

    /// The condition that a contact is in it and in `others`, which are numbered as
    /// it is. By ids it is both columns, so that SQLite finds contacts by their key.
    pub(super) fn gather<'s>(&self, sql: &mut Sql, device: &DeviceId, others: impl IntoIterator<Item = &'s Self>) {
        sql.and(match self {
            Self::Labels(_) | Self::LastMessage { .. } => "(device_id, wid) IN (",
            _ => "seq IN (",
        });
        self.members(sql, device);
        for other in others {
            other.look_up(sql, device, "gathered.contact");
        }
        sql.push(")").resume();
    }

    fn members(&self, sql: &mut Sql, device: &DeviceId) {
        sql.push(match self {
            Self::Word(..) => "SELECT contact FROM contact_words gathered",
            Self::Labels(_) => "SELECT device_id, chat FROM chat_labels",
            Self::Metadata { .. } => "SELECT contact FROM contact_metadata gathered",
            Self::LastMessage { .. } => "SELECT device_id, wid FROM chats",
            Self::Created { .. } | Self::Updated { .. } => "SELECT seq FROM contacts",
        });
        sql.restart().and("device_id = ").bind(device.as_str());
        match self {
            Self::Word(from, to) => {
                sql.and("word >= ").bind(from.clone()).and("word < ").bind(to.clone());
            }
            Self::Labels(labels) => {
                sql.and_in("label", labels.iter().map(String::as_str));
            }
            Self::Metadata { keys, values } => {
                for (column, wanted) in [("key", keys), ("value", values)] {
                    if !wanted.is_empty() {
                        sql.and_in(column, wanted.iter().map(String::as_str));
                    }
                }
            }
            Self::LastMessage { after, before } => times(sql, "last_message_at", *after, *before),
            Self::Created { after, before } => times(sql, "created_at", *after, *before),
            Self::Updated { after, before } => times(sql, "updated_at", *after, *before),
        }
    }

    /// The same, asked of one contact after the other; `contact` is its number.
    pub(super) fn look_up(&self, sql: &mut Sql, device: &DeviceId, contact: &'static str) {
        match self {
            // No index is to be left for these.
            Self::Created { after, before } => times(sql, "created_at + 0", *after, *before),
            Self::Updated { after, before } => times(sql, "updated_at + 0", *after, *before),
            _ => {
                sql.and("EXISTS (");
                self.of_one(sql, device, contact);
            }
        }
    }

    /// The condition that a contact is not in it.
    pub(super) fn look_up_absent(&self, sql: &mut Sql, device: &DeviceId) {
        sql.and("NOT EXISTS (");
        self.of_one(sql, device, "contacts.seq");
    }

    fn of_one(&self, sql: &mut Sql, device: &DeviceId, contact: &'static str) {
        match self {
            Self::Word(from, to) => {
                sql.push("SELECT 1 FROM contact_words s WHERE s.contact = ").push(contact).push(" AND s.word >= ");
                sql.bind(from.clone()).push(" AND s.word < ").bind(to.clone());
            }
            Self::Labels(labels) => {
                sql.push("SELECT 1 FROM chat_labels s").restart();
                sql.and("s.device_id = ").bind(device.as_str()).and("s.chat = contacts.wid");
                sql.and_in("CAST(s.label AS TEXT)", labels.iter().map(String::as_str));
            }
            Self::Metadata { keys, values } => {
                sql.push("SELECT 1 FROM contact_metadata s").restart().and("s.contact = ").push(contact);
                for (column, wanted) in [("CAST(s.key AS TEXT)", keys), ("CAST(s.value AS TEXT)", values)] {
                    if !wanted.is_empty() {
                        sql.and_in(column, wanted.iter().map(String::as_str));
                    }
                }
            }
            Self::LastMessage { after, before } => {
                sql.push("SELECT 1 FROM chats s").restart();
                sql.and("s.device_id = ").bind(device.as_str()).and("s.wid = contacts.wid");
                times(sql, "s.last_message_at + 0", *after, *before);
            }
            Self::Created { .. } | Self::Updated { .. } => {
                sql.push("SELECT 1");
            }
        }
        sql.push(")").resume();
    }
}

fn times(sql: &mut Sql, column: &'static str, after: Option<i64>, before: Option<i64>) {
    for (sign, at) in [(" > ", after), (" < ", before)] {
        if let Some(at) = at {
            sql.and(column).push(sign).bind(at);
        }
    }
}
