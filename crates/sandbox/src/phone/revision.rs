//! How a shown message changes: edits, deletion, polls that grow.

use buffa::MessageField;
use wacore::poll::compute_option_hash;
use waproto::whatsapp as wa;

use super::content;
use super::conversation::Shown;
use super::marks::{FileState, Marks};
use crate::ids::AccountId;

/// The most options of a poll.
const MAX_OPTIONS: usize = 12;

impl Shown {
    /// Puts new words in place of the old ones: the text, the caption, or the
    /// particulars of an event.
    pub(super) fn edit(&mut self, edited: &wa::Message, at_ms: i64) {
        if self.marks.edited_at.is_some_and(|before| before > at_ms) {
            return;
        }
        self.marks.edited_at = Some(at_ms);
        if let Some(seen) = content::seen(edited) {
            self.text = seen.text;
        }
        let (inner, _) = content::unwrapped(edited);
        if inner.event_message.is_set() {
            // The secret stays what it was: answers are sealed with it.
            self.message.event_message = inner.event_message.clone();
        }
    }

    /// What stays of a deleted message: that there was one.
    pub(super) fn revoke(&mut self, by: AccountId) {
        self.text = None;
        *self.message = wa::Message::default();
        self.marks = Marks { revoked_by: Some(by), file: FileState::None, ..Marks::default() };
    }

    /// How many options a voter may choose, 0 for any number; `None` when this
    /// is no poll.
    pub(crate) fn selectable(&self) -> Option<usize> {
        let poll = content::poll(&self.message)?;
        let single = self.message.poll_creation_message_v3.is_set();
        let count = poll.selectable_options_count.unwrap_or(u32::from(single));
        Some(usize::try_from(count).unwrap_or(0))
    }

    /// The names of options by their hashes; `None` when this is no poll. What
    /// is not an option is left out.
    pub(crate) fn chosen(&self, hashes: &[Vec<u8>]) -> Option<Vec<String>> {
        let poll = content::poll(&self.message)?;
        let names = poll.options.iter().filter_map(|option| option.option_name.clone());
        Some(names.filter(|name| hashes.iter().any(|hash| hash.as_slice() == compute_option_hash(name))).collect())
    }

    /// Adds an option, if the poll allows it and has room.
    pub(super) fn add_option(&mut self, name: &str) -> bool {
        let message = &mut self.message;
        let polls = [
            &mut message.poll_creation_message,
            &mut message.poll_creation_message_v2,
            &mut message.poll_creation_message_v3,
            &mut message.poll_creation_message_v5,
        ];
        let Some(poll) = polls.into_iter().find_map(MessageField::as_option_mut) else {
            return false;
        };
        let known = poll.options.iter().any(|option| option.option_name.as_deref() == Some(name));
        if poll.allow_add_option != Some(true) || known || poll.options.len() >= MAX_OPTIONS {
            return false;
        }
        poll.options.push(wa::message::poll_creation_message::Option {
            option_name: Some(name.to_owned()),
            ..Default::default()
        });
        true
    }
}
