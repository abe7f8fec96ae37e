//! The event log: appended to by what happens, read by everybody who wants to
//! know of it.

mod append;
mod envelope;
mod housekeeping;
mod read;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use append::lane;
pub use append::{Change, append};
pub use envelope::{Event, EventBy};
pub(crate) use housekeeping::start_housekeeping;
pub use housekeeping::sweep;
pub(crate) use read::is_truncated;
pub use read::{read, stream};

/// What to read of the log.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Only later ones; absent means from the oldest kept, and for a stream
    /// from now on.
    pub after: Option<i64>,
    /// Only these kinds; all when empty.
    pub events: Vec<String>,
    /// Only of these numbers; all when empty.
    pub devices: Vec<String>,
    /// At most this many, 1 to 500; a stream has no end and ignores it.
    pub limit: i64,
    /// How long to wait for the first one when there is none, 60 s at most.
    pub wait: Option<Duration>,
}

/// A part of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventPage {
    /// In order.
    pub events: Vec<Event>,
    /// Pass as `after` to go on.
    pub cursor: i64,
    /// Events between `after` and the first one here are no longer kept.
    pub truncated: bool,
}
