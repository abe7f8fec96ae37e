//! The event log as its readers see it.

mod append;

use std::time::Duration;

use futures_util::stream::BoxStream;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::Core;
use crate::error::Result;
use crate::keys::Caller;
use crate::views::DeviceRef;

pub use append::{Change, append};

/// What to read of the log.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Only later ones; absent means from the oldest kept.
    pub after: Option<i64>,
    /// Only these kinds; all when empty.
    pub events: Vec<String>,
    /// Only of these numbers; all when empty.
    pub devices: Vec<String>,
    /// At most this many, 1 to 500.
    pub limit: i64,
    /// How long to wait for the first one when there is none.
    pub wait: Option<Duration>,
}

/// An event in the form in which webhooks get it, with its position.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Event {
    /// Position in the log: pass the last one as `after` to go on.
    pub seq: i64,
    /// Stable id.
    pub id: String,
    /// What it is about: `message`, `device`…
    pub object: String,
    /// `message:in:new` and so on.
    pub event: String,
    /// Unix seconds.
    pub created: i64,
    /// The number.
    pub device: Option<DeviceRef>,
    /// The thing itself.
    pub data: Value,
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

/// Reads a part of the log.
///
/// # Errors
/// Without the scope `events:read`.
pub async fn read(core: &Core, caller: &Caller, query: EventQuery) -> Result<EventPage> {
    todo!("{core:p} {caller:?} {query:?}")
}

/// Follows the log; ends when the server stops.
///
/// # Errors
/// Without the scope `events:read`.
pub fn stream(core: &Core, caller: &Caller, query: EventQuery) -> Result<BoxStream<'static, Result<Event>>> {
    todo!("{core:p} {caller:?} {query:?}")
}

pub(crate) fn start_housekeeping(core: &Core) {
    todo!("{core:p}")
}
