//! `/v1/events`: the log of everything that happens.

mod stream;

pub(crate) use self::stream::*;

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::events::{self, EventPage, EventQuery};
use sparkbot_core::webhooks::EVENTS;
use utoipa::IntoParams;

use crate::error::Answer;
use crate::request::words::words;
use crate::request::{Asked, Authorized};

words! {
    EventName = EVENTS;
}

fn limit() -> i64 {
    100
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventSearch {
    /// Only later ones than this position; from the oldest kept when absent.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Only these kinds.
    #[param(value_type = Vec<EventName>, inline)]
    #[serde(default)]
    events: Vec<String>,
    /// Only of these numbers.
    devices: Option<Vec<String>>,
    /// Events at most.
    #[serde(default = "limit")]
    #[param(default = 100, minimum = 1, maximum = 500)]
    limit: i64,
    /// When there is none yet, wait for one this many seconds.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 60)]
    wait: u64,
}

/// Read events.
///
/// A part of the event log, in order. Pass the answer's `cursor` as `after` to go on: nothing is skipped and nothing told
/// twice. With `wait` the answer comes as soon as there is something to tell.
#[utoipa::path(
    get, path = "/v1/events", operation_id = "events.list", tag = "Events",
    params(EventSearch),
    responses((status = 200, description = "A part of the log.", body = EventPage, example = json!(crate::examples::events())))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Asked(search): Asked<EventSearch>,
) -> Answer<Json<EventPage>> {
    let query = EventQuery {
        after: search.after,
        events: search.events,
        devices: search.devices.unwrap_or_default(),
        limit: search.limit,
        wait: (search.wait > 0).then(|| Duration::from_secs(search.wait)),
    };
    Ok(Json(events::read(&core, &caller, query).await?))
}
