//! `/v1/devices/{device}/departments`.

mod request;

use axum::Json;
use axum::extract::State;
use sparkbot_core::Core;
use sparkbot_core::departments::{self, Department};
use sparkbot_core::ids::DeviceId;

use self::request::{ChangeDepartment, CreateDepartment, DeleteDepartment};
use crate::answer::Created;
use crate::error::Answer;
use crate::request::{Authorized, Body, Id};

/// Get Departments.
///
/// All of a number, by name, with who works in them.
#[utoipa::path(
    get, path = "/v1/devices/{device}/departments", operation_id = "departments.list", tag = "Departments",
    responses((status = 200, description = "The departments.", body = [Department], example = json!([example()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
) -> Answer<Json<Vec<Department>>> {
    Ok(Json(departments::list(&core, &caller, &device).await?))
}

/// Create Department.
#[utoipa::path(
    post, path = "/v1/devices/{device}/departments", operation_id = "departments.create", tag = "Departments",
    request_body = CreateDepartment,
    responses((status = 201, description = "The new department.", body = Department, example = json!(example())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(new): Body<CreateDepartment>,
) -> Answer<Created<Department>> {
    let made = departments::create(&core, &caller, &device, new.into_new()).await?;
    Ok(Created { path: format!("/v1/devices/{device}/departments"), made })
}

/// Update Department.
///
/// What is not given stays as it is.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/departments", operation_id = "departments.update", tag = "Departments",
    request_body = ChangeDepartment,
    responses((status = 200, description = "The changed department.", body = Department, example = json!(example())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(change): Body<ChangeDepartment>,
) -> Answer<Json<Department>> {
    let (which, changes) = change.into_changes();
    Ok(Json(departments::update(&core, &caller, &device, &which, changes).await?))
}

/// Delete Department.
///
/// Its chats are of no department then.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/departments", operation_id = "departments.delete", tag = "Departments",
    request_body = DeleteDepartment,
    responses((status = 200, description = "The deleted department.", body = Department, example = json!(example())))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(which): Body<DeleteDepartment>,
) -> Answer<Json<Department>> {
    Ok(Json(departments::delete(&core, &caller, &device, &which.department).await?))
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "id": "697dd0205f3c2b9d8e4a7072",
        "device": {"id": crate::examples::DEVICE},
        "name": "Sales",
        "icon": "briefcase",
        "color": "emerald",
        "description": "Offers and orders",
        "agents": [{"id": "697dd0105f3c2b9d8e4a7071", "name": "Ada Lovelace", "role": "agent"}],
        "user": {"id": "697dc8ff5f3c2b9d8e4a7066"},
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:00:00.000Z"
    })
}
