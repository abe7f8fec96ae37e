//! Server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::events::{self, EventQuery};
use utoipa::IntoParams;

use super::EventName;
use crate::error::{Answer, Problem};
use crate::request::{Asked, Authorized};

/// A comment this often keeps proxies from closing a quiet connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events read from the log at a time.
const BATCH: i64 = 100;

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamSearch {
    /// Start after this position; from the oldest kept when absent. The header `Last-Event-ID` goes before it.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Only these kinds.
    #[param(value_type = Vec<EventName>, inline)]
    #[serde(default)]
    events: Vec<String>,
    /// Only of these numbers.
    devices: Option<Vec<String>>,
}

/// Follow events.
///
/// The event log as server-sent events, which never end. Each has its position as `id`, its kind as `event` and the event
/// itself as `data`; a client that reconnects with `Last-Event-ID` goes on where it was.
#[utoipa::path(
    get, path = "/v1/events/stream", operation_id = "events.stream", tag = "Events",
    params(StreamSearch),
    responses((status = 200, description = "The stream.", body = String, content_type = "text/event-stream",
        example = json!("id: 42\nevent: message:in:new\ndata: {\"seq\":42,\"id\":\"…\",\"event\":\"message:in:new\",…}\n\n")))
)]
pub(crate) async fn stream(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    headers: HeaderMap,
    Asked(search): Asked<StreamSearch>,
) -> Answer<impl IntoResponse> {
    let query = EventQuery {
        after: last_seen(&headers)?.or(search.after),
        events: search.events,
        devices: search.devices.unwrap_or_default(),
        limit: BATCH,
        wait: None,
    };
    let log = events::stream(&core, &caller, query)?;
    let stopping = core.stopping().cancelled_owned();
    Ok(Sse::new(told(log).take_until(stopping)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Where the client was when its connection broke.
fn last_seen(headers: &HeaderMap) -> Answer<Option<i64>> {
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|number| *number >= 0);
    number.map(Some).ok_or_else(|| {
        Problem::invalid(
            "events:last_event_id",
            "The header 'Last-Event-ID' must be the id of an event, a whole number.",
        )
    })
}

/// A failure ends the stream: the client reconnects and is told why then.
fn told<S>(log: S) -> impl Stream<Item = Result<Event, Infallible>>
where
    S: Stream<Item = sparkbot_core::Result<sparkbot_core::events::Event>>,
{
    log.map(|event| {
        let event = event.inspect_err(|error| tracing::error!("the event stream ends: {error}")).ok()?;
        let sent = Event::default().id(event.seq.to_string()).event(&event.event);
        sent.json_data(&event).inspect_err(|error| tracing::error!("an event can't be written: {error}")).ok()
    })
    .take_while(|sent| std::future::ready(sent.is_some()))
    .filter_map(|sent| std::future::ready(sent.map(Ok)))
}
