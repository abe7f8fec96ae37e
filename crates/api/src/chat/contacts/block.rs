//! `/v1/devices/{device}/block`: people from whom a number wants to hear nothing.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::contacts::{self, Blocking};
use sparkbot_core::ids::DeviceId;
use utoipa::ToSchema;

use crate::chat::place::contact;
use crate::error::Answer;
use crate::request::{Authorized, Body, Id};

/// People to block, or no longer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"contacts": ["+16001234561", "16001234562@c.us"]}))]
pub(crate) struct PeopleToBlock {
    /// WhatsApp ids, or phone numbers in E.164.
    #[schema(min_items = 1, max_items = 50)]
    contacts: Vec<String>,
}

/// Block Contacts.
///
/// Blocks people for all devices of the account. The answer tells what became of each; who is not on WhatsApp fails alone.
#[utoipa::path(
    post, path = "/v1/devices/{device}/block", operation_id = "contacts.block", tag = "Chat Contacts",
    request_body = PeopleToBlock,
    responses((status = 200, description = "What became of each.", body = [Blocking], example = json!([super::examples::blocked()])))
)]
pub(crate) async fn block(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(people): Body<PeopleToBlock>,
) -> Answer<Json<Vec<Blocking>>> {
    change(&core, &caller, &device, people, true).await
}

/// Unblock Contacts.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/block", operation_id = "contacts.unblock", tag = "Chat Contacts",
    request_body = PeopleToBlock,
    responses((status = 200, description = "What became of each.", body = [Blocking], example = json!([super::examples::unblocked()])))
)]
pub(crate) async fn unblock(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(people): Body<PeopleToBlock>,
) -> Answer<Json<Vec<Blocking>>> {
    change(&core, &caller, &device, people, false).await
}

async fn change(
    core: &Core,
    caller: &sparkbot_core::Caller,
    device: &DeviceId,
    people: PeopleToBlock,
    blocked: bool,
) -> Answer<Json<Vec<Blocking>>> {
    let people: Vec<_> = people.contacts.iter().map(|text| contact("contacts", text)).collect::<Result<_, _>>()?;
    Ok(Json(contacts::block(core, caller, device, people, blocked).await?))
}
