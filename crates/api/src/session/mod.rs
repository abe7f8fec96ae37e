//! `/v1/devices/{device}/…`: the link between a number and WhatsApp.

mod authcode;
mod qr;
mod scan;

pub(crate) use self::authcode::*;
pub(crate) use self::scan::*;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::sessions::{self, Health, Reboot, Reset, SyncReport};
use sparkbot_core::views::Device;
use utoipa::IntoParams;

use crate::error::Answer;
use crate::request::{Asked, Authorized, Id};

/// Sync session.
///
/// Compares what is known here with WhatsApp now, and fetches what is missing.
#[utoipa::path(
    get, path = "/v1/devices/{device}/sync", operation_id = "session.sync", tag = "WhatsApp session",
    responses((status = 200, description = "What the comparison has found.", body = SyncReport, example = json!(crate::examples::sync())))
)]
pub(crate) async fn sync(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
) -> Answer<Json<SyncReport>> {
    Ok(Json(sessions::sync(&core, &caller, &device).await?))
}

/// How to start.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartOptions {
    /// Answer only when the session is settled, at most 90 seconds later.
    #[serde(default)]
    #[param(default = false)]
    wait: bool,
}

/// Start session.
///
/// Opens the connection of a number that was stopped.
#[utoipa::path(
    post, path = "/v1/devices/{device}/start", operation_id = "session.start", tag = "WhatsApp session",
    params(StartOptions),
    responses((status = 200, description = "The number with its session.", body = Device, example = json!(crate::examples::device())))
)]
pub(crate) async fn start(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<StartOptions>,
) -> Answer<Json<Device>> {
    Ok(Json(sessions::start(&core, &caller, &device, options.wait).await?))
}

/// How to reset.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ResetOptions {
    /// Destroy stored chats, messages and contacts too.
    #[serde(default)]
    #[param(default = false)]
    data: bool,
    /// Remove queued messages too.
    #[serde(default)]
    #[param(default = false)]
    empty_queue: bool,
    /// Answer only when the session is settled, at most 2 minutes later.
    #[serde(default)]
    #[param(default = false)]
    wait: bool,
}

/// Reset session.
///
/// Destroys the session: the number is unlinked and must be linked anew. Chats stay unless `data` says otherwise.
#[utoipa::path(
    post, path = "/v1/devices/{device}/reset", operation_id = "session.reset", tag = "WhatsApp session",
    params(ResetOptions),
    responses((status = 200, description = "The number with its session.", body = Device, example = json!(crate::examples::new_device())))
)]
pub(crate) async fn reset(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<ResetOptions>,
) -> Answer<Json<Device>> {
    let options = Reset { data: options.data, empty_queue: options.empty_queue, wait: options.wait };
    Ok(Json(sessions::reset(&core, &caller, &device, options).await?))
}

/// How to reboot.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RebootOptions {
    /// Also when the session is not running.
    #[serde(default)]
    #[param(default = false)]
    force: bool,
    /// Compare with WhatsApp afterwards.
    #[serde(default)]
    #[param(default = false)]
    sync: bool,
    /// Answer only when the session is settled, at most 90 seconds later.
    #[serde(default)]
    #[param(default = false)]
    wait: bool,
}

/// Reboot session.
///
/// Closes and reopens the connection; everything is kept.
#[utoipa::path(
    post, path = "/v1/devices/{device}/reboot", operation_id = "session.reboot", tag = "WhatsApp session",
    params(RebootOptions),
    responses((status = 200, description = "The number with its session.", body = Device, example = json!(crate::examples::device())))
)]
pub(crate) async fn reboot(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<RebootOptions>,
) -> Answer<Json<Device>> {
    let options = Reboot { force: options.force, sync: options.sync, wait: options.wait };
    Ok(Json(sessions::reboot(&core, &caller, &device, options).await?))
}

/// Get session health.
///
/// What is measured right now, never what is believed.
#[utoipa::path(
    get, path = "/v1/devices/{device}/health", operation_id = "session.health", tag = "WhatsApp session",
    responses((status = 200, description = "What is measured.", body = Health, example = json!(crate::examples::health())))
)]
pub(crate) async fn health(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
) -> Answer<Json<Health>> {
    Ok(Json(sessions::health(&core, &caller, &device).await?))
}
