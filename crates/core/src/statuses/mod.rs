//! Status updates: posted through the queue, seen by the people in the number's
//! address book, gone after a day. Those of others are kept for as long.
//!
//! A status update is a chat message in the chat `status@broadcast`; while it
//! waits it is an outbound message to that chat. [`post`] and [`delete`] are what
//! people do, [`audience`] says for whom an update is, [`seen`] tells who has
//! looked, [`show`] finds and shows them, [`look`] has the colours and fonts,
//! [`housekeeping`] forgets those that are over.

mod audience;
mod delete;
mod housekeeping;
pub(crate) mod look;
mod post;
mod seen;
mod show;

pub(crate) use audience::of as audience;
pub use delete::{DeletedStatuses, Failed, delete};
pub(crate) use housekeeping::start_housekeeping;
pub use look::{COLOR, COLORS, FONT, FONTS};
pub use post::{NewStatus, post};
pub(crate) use seen::viewed;
pub use show::{Search, get, list};

use crate::network::Millis;

/// The chat that all status updates are said in.
pub(crate) const CHAT: &str = sparkbot_store::rows::STATUS_CHAT;
/// How long an update lives: a day.
pub(crate) const LIFE: Millis = 24 * 3600 * 1000;
/// Characters of a text at most.
pub const TEXT: usize = 700;
/// Updates of one deletion at most.
pub const MOST: usize = 100;
