//! Who is in a group, and who wants to be.

use axum::Json;
use axum::extract::State;
use sparkbot_core::Core;
use sparkbot_core::groups::{self, PendingMember};
use sparkbot_core::views::GroupParticipant;

use super::request::{ParticipantFilters, Participants, WhichMembers};
use super::{GroupId, ParticipantResults, examples};
use crate::answer::{Links, List};
use crate::chat::In;
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body};

/// Add Participants.
///
/// Somebody who lets only some people add them is refused with `participant:not_allowed` and, where WhatsApp gives one out,
/// an invitation.
#[utoipa::path(
    post, path = "/v1/devices/{device}/groups/{groupId}/participants", operation_id = "groups.addParticipants",
    tag = "Groups", request_body = Participants,
    responses((status = 200, description = "What became of each.", body = ParticipantResults, example = json!(examples::added())))
)]
pub(crate) async fn add(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    Body(body): Body<Participants>,
) -> Answer<Json<ParticipantResults>> {
    let participants = groups::add(&core, &caller, &device, &group, body.into_people()).await?;
    Ok(Json(ParticipantResults { id: group.to_string(), participants }))
}

/// Update Participants.
///
/// Makes people admins, or members again. Who has made the group stays an admin.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/groups/{groupId}/participants", operation_id = "groups.updateParticipants",
    tag = "Groups", request_body = Participants,
    responses((status = 200, description = "What became of each.", body = ParticipantResults, example = json!(examples::promoted())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    Body(body): Body<Participants>,
) -> Answer<Json<ParticipantResults>> {
    let participants = groups::update(&core, &caller, &device, &group, body.into_people()).await?;
    Ok(Json(ParticipantResults { id: group.to_string(), participants }))
}

/// Remove Participants.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/groups/{groupId}/participants", operation_id = "groups.removeParticipants",
    tag = "Groups", request_body(content = Vec<String>, example = json!(["+16001234561"])),
    responses((status = 200, description = "What became of each.", body = ParticipantResults, example = json!(examples::removed())))
)]
pub(crate) async fn remove(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    Body(phones): Body<Vec<String>>,
) -> Answer<Json<ParticipantResults>> {
    let participants = groups::remove(&core, &caller, &device, &group, &phones).await?;
    Ok(Json(ParticipantResults { id: group.to_string(), participants }))
}

/// Get Pending Members.
///
/// Who waits to be let in, as WhatsApp says right now; for admins.
#[utoipa::path(
    get, path = "/v1/devices/{device}/groups/{groupId}/members", operation_id = "groups.pending", tag = "Groups",
    responses((status = 200, description = "Who waits.", body = [PendingMember], example = json!([examples::pending()])))
)]
pub(crate) async fn pending(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
) -> Answer<Json<Vec<PendingMember>>> {
    Ok(Json(groups::pending(&core, &caller, &device, &group).await?))
}

/// Approve Members.
#[utoipa::path(
    post, path = "/v1/devices/{device}/groups/{groupId}/members", operation_id = "groups.approve", tag = "Groups",
    request_body = WhichMembers,
    responses((status = 200, description = "What became of each.", body = ParticipantResults, example = json!(examples::approved())))
)]
pub(crate) async fn approve(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    Body(body): Body<WhichMembers>,
) -> Answer<Json<ParticipantResults>> {
    let participants = groups::approve(&core, &caller, &device, &group, body.into_which()?).await?;
    Ok(Json(ParticipantResults { id: group.to_string(), participants }))
}

/// Reject Members.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/groups/{groupId}/members", operation_id = "groups.reject", tag = "Groups",
    request_body = WhichMembers,
    responses((status = 200, description = "What became of each.", body = ParticipantResults, example = json!(examples::rejected())))
)]
pub(crate) async fn reject(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    Body(body): Body<WhichMembers>,
) -> Answer<Json<ParticipantResults>> {
    let participants = groups::reject(&core, &caller, &device, &group, body.into_which()?).await?;
    Ok(Json(ParticipantResults { id: group.to_string(), participants }))
}

/// Get Group Participants.
///
/// Who is in a group: its maker and its admins first.
#[utoipa::path(
    get, path = "/v1/chat/{device}/chats/{chatId}/participants", operation_id = "chats.participants", tag = "Chats",
    params(ParticipantFilters),
    responses((status = 200, description = "A page of people.", body = [GroupParticipant], example = json!([examples::participant()])))
)]
pub(crate) async fn participants(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    links: Links,
    Asked(filters): Asked<ParticipantFilters>,
) -> Answer<List<GroupParticipant>> {
    let paging = filters.paging();
    let page = groups::participants(&core, &caller, &device, &group, filters.into_search(), paging.slice()).await?;
    Ok(links.list(page, paging))
}
