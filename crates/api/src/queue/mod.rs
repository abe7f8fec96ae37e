//! `/v1/devices/{device}/queue`: what waits to be sent.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::queue::{self, Emptied, Emptying, QueueState, Route};
use utoipa::openapi::schema::{Object, ObjectBuilder};
use utoipa::{IntoParams, ToSchema};

use crate::error::Answer;
use crate::request::words::one_of;
use crate::request::{Asked, Authorized, Body, Given, Id, parse_id};

/// A required word with its description; an inlined type would be joined with a
/// contradicting object for that.
fn status() -> Object {
    ObjectBuilder::from(one_of(queue::STATUSES))
        .description(Some(
            "`active` takes and sends messages, `pause` takes and does not send, `reject` sends what it has and takes \
             no more (409), `freeze` does neither.",
        ))
        .build()
}

/// What the queue is to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QueueStatus, example = json!({"status": "pause"}))]
pub(crate) struct NewStatus {
    /// What it is to do.
    #[schema(schema_with = status)]
    status: String,
    /// With `pause` and `freeze`: answer at once instead of after what is on its way. With `active`: also end a hold
    /// that WhatsApp's refusals have put on the queue.
    #[serde(default)]
    #[schema(default = false)]
    force: bool,
}

/// Where the queue goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QueueRoute, example = json!({"device": crate::examples::DEVICE}))]
pub(crate) struct NewRoute {
    /// Id of the number that is to send the messages.
    device: String,
}

/// Which messages to take out; nothing given means all.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = QueueEmptying, example = json!({"phones": ["+16001234561"]}))]
pub(crate) struct Selection {
    /// Only these messages.
    #[schema(max_items = 500)]
    ids: Option<Vec<String>>,
    /// Only those to these phone numbers.
    #[schema(max_items = 500)]
    phones: Option<Vec<String>>,
    /// Only those to these groups.
    #[schema(max_items = 500)]
    groups: Option<Vec<String>>,
    /// Only those to be delivered at this time or earlier.
    #[schema(format = DateTime)]
    before: Option<String>,
    /// Only those to be delivered at this time or later.
    #[schema(format = DateTime)]
    after: Option<String>,
    /// Leave those that are scheduled for later.
    #[serde(default)]
    #[schema(default = false)]
    skip_scheduled: bool,
}

/// How to empty a queue.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Waiting {
    /// Answer only when nothing is on its way any more, 30 seconds at most.
    #[serde(default)]
    #[param(default = false)]
    wait: bool,
}

/// Get Queue Status.
///
/// What waits, and why it does not leave when it does not: a person has paused it, the number is not online, or
/// WhatsApp refuses.
#[utoipa::path(
    get, path = "/v1/devices/{device}/queue", operation_id = "queue.get", tag = "Queue",
    responses((status = 200, description = "State and figures.", body = QueueState, example = json!(crate::examples::queue())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
) -> Answer<Json<QueueState>> {
    Ok(Json(queue::get(&core, &caller, &device).await?))
}

/// Set Queue Status.
#[utoipa::path(
    post, path = "/v1/devices/{device}/queue", operation_id = "queue.set", tag = "Queue",
    request_body = NewStatus,
    responses((status = 200, description = "State and figures.", body = QueueState, example = json!(crate::examples::queue())))
)]
pub(crate) async fn set(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(new): Body<NewStatus>,
) -> Answer<Json<QueueState>> {
    Ok(Json(queue::set(&core, &caller, &device, &new.status, new.force).await?))
}

/// Route Queue.
///
/// Gives the waiting messages of the number in the path to the one in the body. Messages that were tried already stay,
/// since they may have arrived; so do those about something that only this number has (reactions, votes, answers to
/// appointments, forwards, products).
#[utoipa::path(
    patch, path = "/v1/devices/{device}/queue", operation_id = "queue.route", tag = "Queue",
    request_body = NewRoute,
    responses((status = 200, description = "The queue it was taken from, and how many messages went.", body = Emptied, example = json!(crate::examples::emptied())))
)]
pub(crate) async fn route(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(from): Id<DeviceId>,
    Body(new): Body<NewRoute>,
) -> Answer<Json<Emptied>> {
    let to = parse_id(&new.device)?;
    Ok(Json(queue::route(&core, &caller, Route { from, to }).await?))
}

/// Empty Queue.
///
/// Takes waiting messages out; they end as `removed`, with an event each. All filters that are given apply.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/queue", operation_id = "queue.empty", tag = "Queue",
    params(Waiting), request_body = Option<Selection>,
    responses((status = 200, description = "The queue afterwards, and how many messages were taken out.", body = Emptied, example = json!(crate::examples::emptied())))
)]
pub(crate) async fn empty(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(waiting): Asked<Waiting>,
    Given(chosen): Given<Selection>,
) -> Answer<Json<Emptied>> {
    let emptying = Emptying {
        ids: chosen.ids.unwrap_or_default(),
        phones: chosen.phones.unwrap_or_default(),
        groups: chosen.groups.unwrap_or_default(),
        after: chosen.after,
        before: chosen.before,
        skip_scheduled: chosen.skip_scheduled,
        wait: waiting.wait,
    };
    Ok(Json(queue::empty(&core, &caller, &device, emptying).await?))
}
