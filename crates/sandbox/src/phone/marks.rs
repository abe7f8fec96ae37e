//! What people have done with a message since it was sent.

use std::collections::BTreeMap;

use super::content::aim::Answer;
use crate::ids::AccountId;
use crate::media::address::Hash;

/// How many comments are kept per message.
const MAX_COMMENTS: usize = 1_000;

/// Something with the time at which it was said, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dated<T> {
    pub(crate) at_ms: i64,
    pub(crate) value: T,
}

/// How far the phone has got with a message's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum FileState {
    /// There is no file, or none that could be fetched.
    #[default]
    None,
    Fetching,
    /// Decrypted and kept under this hash.
    Here(Hash),
    /// It can't be had; with a sentence that says why.
    Failed(String),
}

/// A comment on a message of a channel-like group.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: String,
    pub(crate) from: AccountId,
    pub(crate) text: Option<String>,
}

/// Reactions, votes, edits and the like of one message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    /// The code with which the server refused it; it is shown as failed.
    pub(crate) refused: Option<u32>,
    /// Milliseconds since the epoch.
    pub(crate) edited_at: Option<i64>,
    pub(crate) revoked_by: Option<AccountId>,
    /// Emojis; taken back ones stay as empty texts, so that an older reaction
    /// that comes late does not return.
    pub(crate) reactions: BTreeMap<AccountId, Dated<String>>,
    /// Hashes of the options chosen.
    pub(crate) votes: BTreeMap<AccountId, Dated<Vec<Vec<u8>>>>,
    pub(crate) responses: BTreeMap<AccountId, Dated<Answer>>,
    /// Seconds since the epoch.
    pub(crate) pinned_until: Option<u64>,
    pub(crate) kept_by: Option<AccountId>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) file: FileState,
    /// Whether the sender was asked to upload the file again.
    pub(crate) asked_again: bool,
}

impl Marks {
    pub(crate) fn comment(&mut self, comment: Comment) {
        if self.comments.len() < MAX_COMMENTS {
            self.comments.push(comment);
        }
    }
}

/// Puts a newer statement of a person in place of an older one.
pub(crate) fn replace<T>(said: &mut BTreeMap<AccountId, Dated<T>>, by: AccountId, at_ms: i64, value: T) {
    if said.get(&by).is_none_or(|before| before.at_ms <= at_ms) {
        said.insert(by, Dated { at_ms, value });
    }
}
