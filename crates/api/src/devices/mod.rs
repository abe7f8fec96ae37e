//! `/v1/devices`: WhatsApp numbers.

mod request;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::Device;
use sparkbot_core::{Core, catalog, devices};
use utoipa::ToSchema;

use self::request::{ChangeDevice, CreateDevice, DeviceParts, DeviceSearch, PhoneNumbers};
use crate::answer::{Created, Deleted, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Id, Repeatable};

/// Get Numbers.
///
/// The account's WhatsApp numbers, oldest first. Deleted ones are shown only with `status=removed`.
#[utoipa::path(
    get, path = "/v1/devices", operation_id = "devices.list", tag = "WhatsApp Numbers",
    params(DeviceSearch),
    responses((status = 200, description = "A page of numbers.", body = [Device], example = json!([crate::examples::device()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    links: Links,
    Asked(search): Asked<DeviceSearch>,
) -> Answer<List<Device>> {
    let paging = search.paging();
    Ok(links.list(devices::list(&core, &caller, search.filter()).await?, paging))
}

/// Get Number by ID.
#[utoipa::path(
    get, path = "/v1/devices/{device}", operation_id = "devices.get", tag = "WhatsApp Numbers",
    params(DeviceParts),
    responses((status = 200, description = "The number.", body = Device, example = json!(crate::examples::device())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(parts): Asked<DeviceParts>,
) -> Answer<Json<Device>> {
    let mut shown = devices::get(&core, &caller, &device, parts.with()).await?;
    if parts.wants("catalog") {
        shown.catalog = Some(catalog::kept(&core, &caller, &device).await?);
    }
    Ok(Json(parts.of(shown)))
}

/// Create Number.
///
/// The new number is `pending` until a phone is linked to it with an authentication code or a QR.
#[utoipa::path(
    post, path = "/v1/devices", operation_id = "devices.create", tag = "WhatsApp Numbers",
    request_body = CreateDevice,
    responses((status = 201, description = "The new number.", body = Device, example = json!(crate::examples::new_device())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    new: Repeatable<CreateDevice>,
) -> Answer<Created<Device>> {
    let made = devices::create(&core, &caller, new.body.into_new(new.idempotency)).await?;
    Ok(Created { path: format!("/v1/devices/{}", made.id), made })
}

/// Update Number.
///
/// What is not given stays as it is.
#[utoipa::path(
    patch, path = "/v1/devices/{device}", operation_id = "devices.update", tag = "WhatsApp Numbers",
    request_body = ChangeDevice,
    responses((status = 200, description = "The changed number.", body = Device, example = json!(crate::examples::device())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(change): Body<ChangeDevice>,
) -> Answer<Json<Device>> {
    Ok(Json(devices::update(&core, &caller, &device, change.into_changes()).await?))
}

/// Delete Number.
///
/// The number is unlinked on the phone and its session destroyed.
#[utoipa::path(
    delete, path = "/v1/devices/{device}", operation_id = "devices.delete", tag = "WhatsApp Numbers",
    responses((status = 200, description = "It is deleted.", body = Deleted, example = json!({"id": crate::examples::DEVICE, "deleted": true})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
) -> Answer<Json<Deleted>> {
    devices::delete(&core, &caller, &device).await?;
    Ok(Deleted::of(&device))
}

/// What deleting chats answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedChats {
    /// How many chats there were.
    deleted: u64,
}

/// Delete Chats.
///
/// Deletes the chats with these phone numbers on this server; the phone keeps them.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/chats", operation_id = "devices.deleteChats", tag = "WhatsApp Numbers",
    request_body = PhoneNumbers,
    responses((status = 200, description = "They are deleted.", body = DeletedChats, example = json!({"deleted": 2})))
)]
pub(crate) async fn delete_chats(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(PhoneNumbers(phones)): Body<PhoneNumbers>,
) -> Answer<Json<DeletedChats>> {
    let deleted = devices::delete_chats(&core, &caller, &device, &phones).await?;
    Ok(Json(DeletedChats { deleted }))
}
