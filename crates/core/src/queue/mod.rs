//! The queue of a number as people steer it: its state and figures, emptying
//! it, giving it to another number; and what WhatsApp does not let through.

mod change;
mod depth;
mod hold;
mod view;

use crate::ids::DeviceId;

pub use change::{empty, route, set};
pub(crate) use depth::{Queues, room};
pub(crate) use hold::{held, hold_back, let_go};
pub(crate) use view::queue_view;
pub use view::{Emptied, QueueState, get};

/// What a queue can be set to.
///
/// `active` takes and sends, `pause` takes and does not send, `reject` sends
/// what it has and takes no more, `freeze` does neither.
pub const STATUSES: &[&str] = &["active", "pause", "reject", "freeze"];

/// What `DELETE /v1/devices/{id}/queue` takes out; nothing given means all.
#[derive(Debug, Clone, Default)]
pub struct Emptying {
    /// Ids of messages.
    pub ids: Vec<String>,
    /// Receivers by phone number.
    pub phones: Vec<String>,
    /// Receiving groups.
    pub groups: Vec<String>,
    /// Only what is to be delivered at this time or later, ISO 8601.
    pub after: Option<String>,
    /// Only what is to be delivered at this time or earlier, ISO 8601.
    pub before: Option<String>,
    /// Leave what is scheduled for later.
    pub skip_scheduled: bool,
    /// Answer only when nothing is on its way any more.
    pub wait: bool,
}

/// Where a queue goes.
#[derive(Debug, Clone)]
pub struct Route {
    /// The number whose queue it is.
    pub from: DeviceId,
    /// The number that is to send it.
    pub to: DeviceId,
}
