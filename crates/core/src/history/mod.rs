//! The past of a number: what its phone tells when it is linked, and when it is
//! asked for more.
//!
//! [`arrive`] keeps each part as it comes, in the transaction for which WhatsApp
//! waits; [`write`] reads the parts one after the other and hands their pieces to
//! the inbox, a few hundred messages a transaction, so that live traffic gets
//! its turn in between; [`sync`] asks the phone.

mod arrive;
mod sync;
mod write;

use tokio::sync::broadcast;

use crate::ids::DeviceId;

pub(crate) use arrive::{keep, lost};
pub use sync::{ChatSync, DeviceSync, SyncedMessages, sync_chat, sync_device};
pub(crate) use write::write_all;

/// How much history is kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct HistorySettings {
    /// Days back from the link; 0 for all that the phone tells.
    pub days: u32,
    /// Messages of one chat at most; 0 for any number.
    pub messages_per_chat: u32,
}

/// Tells who waits for the phone's answers.
#[derive(Debug)]
pub struct Histories {
    answered: broadcast::Sender<Answered>,
}

/// A phone's answer that is written.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    device: DeviceId,
    request: String,
    /// Messages that were new here.
    messages: i64,
}

impl Default for Histories {
    fn default() -> Self {
        Self { answered: broadcast::Sender::new(1024) }
    }
}
