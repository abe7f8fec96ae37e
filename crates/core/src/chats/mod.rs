//! Chats: how they stand, who looks after them, what they are found by; in step
//! with WhatsApp in both directions.
//!
//! [`find`] and [`show`] read. [`change`] is how everything here is changed: the
//! row, then the event. [`count`] counts messages in (the hot path of the inbox),
//! [`learn`] takes in what is known of a chat otherwise, [`name`] keeps what chats
//! are found by. [`update`], [`owner`], [`labels`], [`notes`], [`delete`] and
//! [`bulk`] are what people do; [`wishes`] carries it to WhatsApp, also later;
//! [`reported`] is what other devices of the account have done. [`typing`] is for
//! show only.

mod bulk;
mod change;
mod count;
mod delete;
mod find;
mod labels;
mod learn;
mod merge;
mod name;
mod notes;
mod owner;
mod purge;
mod reported;
mod show;
mod typing;
mod update;
mod wishes;

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use tokio::sync::Notify;

use crate::ids::DeviceId;

pub(crate) use bulk::act;
pub use bulk::{Bulk, BulkOutcome, BulkResult, ChatAct, bulk};
pub use change::By;
pub(crate) use change::{save, set_status as restate, tell};
pub(crate) use count::{Counted, count, reacted};
pub use delete::{DeletedChat, delete};
pub(crate) use delete::{forget, forget_all};
pub use find::{get, list};
pub use labels::set as set_labels;
pub use labels::{LabelChange, relabel};
pub use learn::{Filled, Learnt, filled, learnt};
pub use merge::merge;
pub(crate) use name::{refresh_by_id as refresh, renamed};
pub use notes::{DeletedNotes, NewNote, create_note, delete_notes};
pub use owner::{Assignment, assign, assign_chat, unassign_chat};
pub(crate) use owner::{release, set_agent, set_department};
pub(crate) use reported::{reported, seen};
pub use show::With;
pub(crate) use show::shown;
pub use sparkbot_store::rows::{ChatFilter, ChatOrder};
pub use typing::{Typing, TypingShown, show_typing};
pub use update::{STATUSES, set_archived, set_attributes, set_read, set_status};
pub(crate) use wishes::{forget_label, label_wished_later, linked, online, start};

/// What of the chats is not in the database.
#[derive(Default)]
pub struct Chats {
    /// Fires when WhatsApp may have to be told something.
    wake: Notify,
    /// Numbers whose wishes are being told right now.
    busy: Mutex<HashSet<DeviceId>>,
    /// Where somebody is shown as typing, and the count of the newest request.
    typing: Mutex<HashMap<(DeviceId, String), u64>>,
}
