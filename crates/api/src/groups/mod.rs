//! `/v1/devices/{device}/groups`: groups and communities, and who is in them.

mod examples;
pub(crate) mod members;
mod request;

use axum::Json;
use axum::extract::State;
use sparkbot_core::Core;
use sparkbot_core::groups::{self, CreatedGroup, Invite, JoinedGroup, LeftGroup};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::Group;
use sparkbot_core::wid::Wid;
use utoipa::ToSchema;

use self::request::{ChangeGroup, CreateGroup, GroupSearch, JoinGroup, LeaveGroup};
use crate::answer::{Created, Links, List};
use crate::chat::{In, OfNumber};
use crate::error::{Answer, Problem};
use crate::pictures::SetPicture;
use crate::request::{Asked, Authorized, Body, Id, Repeatable, WithPicture};

/// A group that a path names.
pub(crate) struct GroupId(pub(crate) Wid);

impl OfNumber for GroupId {
    fn read(text: &str) -> Result<Self, Problem> {
        Ok(Self(groups::parse(text)?))
    }
}

/// Get Groups.
///
/// The groups and communities that a number is or was in, by name. They are kept here: nobody is asked.
#[utoipa::path(
    get, path = "/v1/devices/{device}/groups", operation_id = "groups.list", tag = "Groups",
    params(GroupSearch),
    responses((status = 200, description = "A page of groups.", body = [Group], example = json!([examples::listed()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<GroupSearch>,
) -> Answer<List<Group>> {
    let paging = search.paging();
    Ok(links.list(groups::list(&core, &caller, &device, &search.kinds(), paging.slice()).await?, paging))
}

/// Get Group.
///
/// One group with everybody in it.
#[utoipa::path(
    get, path = "/v1/devices/{device}/groups/{groupId}", operation_id = "groups.get", tag = "Groups",
    responses((status = 200, description = "The group.", body = Group, example = json!(examples::group())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
) -> Answer<Json<Group>> {
    Ok(Json(groups::get(&core, &caller, &device, &group).await?))
}

/// Create Group.
///
/// The group is there when the answer comes. Who could not be added stands in `refused` with the reason and, where WhatsApp
/// gives one out, an invitation; what else did not go as asked stands in `warnings`.
#[utoipa::path(
    post, path = "/v1/devices/{device}/groups", operation_id = "groups.create", tag = "Groups",
    request_body = CreateGroup,
    responses((status = 201, description = "The group.", body = CreatedGroup, example = json!(examples::created())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Repeatable { body, idempotency }: Repeatable<CreateGroup>,
) -> Answer<Created<CreatedGroup>> {
    let made = groups::create(&core, &caller, &device, body.into_new(idempotency)).await?;
    Ok(Created { path: format!("/v1/devices/{device}/groups/{}", made.group.id), made })
}

/// Update Group.
///
/// What is not given stays as it is.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/groups/{groupId}", operation_id = "groups.update", tag = "Groups",
    request_body = ChangeGroup,
    responses((status = 200, description = "The group as it is now.", body = Group, example = json!(examples::group())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    Body(change): Body<ChangeGroup>,
) -> Answer<Json<Group>> {
    Ok(Json(groups::change(&core, &caller, &device, &group, change.into_changes()).await?))
}

/// Update Group Image.
///
/// The middle of the picture is taken, as a square of at most 640 pixels.
#[utoipa::path(
    put, path = "/v1/devices/{device}/groups/{groupId}/image", operation_id = "groups.image", tag = "Groups",
    request_body = SetPicture,
    responses((status = 200, description = "The group as it is now.", body = Group, example = json!(examples::group())))
)]
pub(crate) async fn image(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
    WithPicture(picture): WithPicture<SetPicture>,
) -> Answer<Json<Group>> {
    Ok(Json(groups::picture(&core, &caller, &device, &group, picture.into_source()?).await?))
}

/// Get Invite Code.
#[utoipa::path(
    get, path = "/v1/devices/{device}/groups/{groupId}/invite", operation_id = "groups.invite", tag = "Groups",
    responses((status = 200, description = "The group's link.", body = Invite, example = json!(examples::invite())))
)]
pub(crate) async fn invite(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
) -> Answer<Json<Invite>> {
    Ok(Json(groups::invite(&core, &caller, &device, &group).await?))
}

/// Revoke Invite Code.
///
/// The old link leads nowhere from then on; the answer is the new one.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/groups/{groupId}/invite", operation_id = "groups.revokeInvite", tag = "Groups",
    responses((status = 200, description = "The new link.", body = Invite, example = json!(examples::invite())))
)]
pub(crate) async fn revoke_invite(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, GroupId(group)): In<GroupId>,
) -> Answer<Json<Invite>> {
    Ok(Json(groups::replace_invite(&core, &caller, &device, &group).await?))
}

/// Join Group.
///
/// By the code of an invite link, or the link. `pending` means that an admin has to agree first.
#[utoipa::path(
    put, path = "/v1/devices/{device}/groups", operation_id = "groups.join", tag = "Groups",
    request_body = JoinGroup,
    responses((status = 200, description = "What came of it.", body = JoinedGroup, example = json!(examples::joined())))
)]
pub(crate) async fn join(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(body): Body<JoinGroup>,
) -> Answer<Json<JoinedGroup>> {
    Ok(Json(groups::join(&core, &caller, &device, &body.into_code()?).await?))
}

/// Leave Group.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/groups", operation_id = "groups.leave", tag = "Groups",
    request_body = LeaveGroup,
    responses((status = 200, description = "What was done.", body = LeftGroup,
        example = json!({"id": examples::GROUP, "left": true, "removed": true})))
)]
pub(crate) async fn leave(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(body): Body<LeaveGroup>,
) -> Answer<Json<LeftGroup>> {
    let (group, remove) = body.into_parts()?;
    Ok(Json(groups::leave(&core, &caller, &device, &group, remove).await?))
}

/// What became of people.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(crate) struct ParticipantResults {
    /// The group.
    id: String,
    /// Each of them, in the order asked.
    participants: Vec<groups::ParticipantResult>,
}
