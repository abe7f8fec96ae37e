//! `/v1/team` and `/v1/devices/{device}/team`: who answers, and which numbers
//! they may use.

mod examples;
mod invitation;
mod request;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sparkbot_core::Core;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::team::{self, Member, Removed};
use utoipa::ToSchema;

pub(crate) use self::invitation::*;
use self::request::{ChangeMember, CreateMember, Grant, RemoveMembers, Revoke, SetAvailability, TeamSearch};
use crate::answer::{Created, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Id};

pub(crate) use self::examples::member as example;

/// Get Team Members.
///
/// Oldest first. Supervisors and agents see the people of their numbers.
#[utoipa::path(
    get, path = "/v1/team", operation_id = "team.list", tag = "Team", params(TeamSearch),
    responses((status = 200, description = "A page of the team.", body = [Member], example = json!([examples::member()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    links: Links,
    Asked(search): Asked<TeamSearch>,
) -> Answer<List<Member>> {
    let paging = search.paging();
    Ok(links.list(team::list(&core, &caller, search.filter()).await?, paging))
}

/// Update Team Member.
///
/// What is not given stays as it is. A new password ends the person's logins.
#[utoipa::path(
    patch, path = "/v1/team", operation_id = "team.update", tag = "Team", request_body = ChangeMember,
    responses((status = 200, description = "The changed member.", body = Member, example = json!(examples::member())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(change): Body<ChangeMember>,
) -> Answer<Json<Member>> {
    let (who, changes) = change.into_changes();
    Ok(Json(team::update(&core, &caller, &who, changes).await?))
}

/// What became of members who were to leave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovedMembers {
    /// Those who left.
    users: Vec<Removed>,
}

/// Delete Team Members.
///
/// Members are suspended, or removed for good with `remove`; their keys end at once.
#[utoipa::path(
    delete, path = "/v1/team", operation_id = "team.delete", tag = "Team", request_body = RemoveMembers,
    responses((status = 200, description = "Who left.", body = RemovedMembers, example = json!(examples::removed())))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(removal): Body<RemoveMembers>,
) -> Answer<Json<RemovedMembers>> {
    let (users, force) = removal.into_removals()?;
    Ok(Json(RemovedMembers { users: team::remove(&core, &caller, users, force).await? }))
}

/// Set availability.
///
/// Whether the person who asks is there.
#[utoipa::path(
    patch, path = "/v1/team/availability", operation_id = "team.setAvailability", tag = "Team",
    request_body = SetAvailability,
    responses((status = 200, description = "The member.", body = Member, example = json!(examples::member())))
)]
pub(crate) async fn set_availability(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(set): Body<SetAvailability>,
) -> Answer<Json<Member>> {
    Ok(Json(team::set_availability(&core, &caller, set.into_change()).await?))
}

/// Get Device Team Members.
///
/// Everybody who may use the number, the administrators included; at most 1,000.
#[utoipa::path(
    get, path = "/v1/devices/{device}/team", operation_id = "team.listOfNumber", tag = "Team",
    responses((status = 200, description = "The members.", body = [Member], example = json!([examples::member()])))
)]
pub(crate) async fn list_of_number(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
) -> Answer<Json<Vec<Member>>> {
    Ok(Json(team::list_of_number(&core, &caller, &device).await?))
}

/// Create Team Member.
///
/// The person may use this number, and logs in with the password, or sets one with the invitation, which is told only here:
/// there is no mail server that could send it.
#[utoipa::path(
    post, path = "/v1/devices/{device}/team", operation_id = "team.create", tag = "Team", request_body = CreateMember,
    responses((status = 201, description = "The new member.", body = Member, example = json!(examples::invited())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(new): Body<CreateMember>,
) -> Answer<Created<Member>> {
    let made = team::create(&core, &caller, &device, new.into_new()).await?;
    Ok(Created { path: format!("/v1/team?ids={}", made.id), made })
}

/// Grant Device Access.
///
/// Granting it again is no mistake.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/team", operation_id = "team.grant", tag = "Team", request_body = Grant,
    responses((status = 200, description = "The member.", body = Member, example = json!(examples::member())))
)]
pub(crate) async fn grant(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(grant): Body<Grant>,
) -> Answer<Json<Member>> {
    Ok(Json(team::grant(&core, &caller, &device, &grant.id).await?))
}

/// Revoke Device Access.
///
/// The member's chats in this number are dealt with as `action` says.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/team", operation_id = "team.revoke", tag = "Team", request_body = Revoke,
    responses((status = 200, description = "What became of the member.", body = Removed, example = json!(examples::revoked())))
)]
pub(crate) async fn revoke(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(revoke): Body<Revoke>,
) -> Answer<Json<Removed>> {
    let (who, handover, remove) = revoke.read()?;
    Ok(Json(team::revoke(&core, &caller, &device, &who, handover, remove).await?))
}
