//! `/v1/devices/{device}/meeting-links`: links that people join calls by.

mod request;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use sparkbot_core::Core;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::meeting_links::{self, MeetingLink};
use utoipa::ToSchema;

use self::request::{LinkSearch, LinksToDelete, NewLink};
use crate::answer::{Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Given, Id};

/// Get Meeting Links.
///
/// The links that were made here and have not come to their end, newest first.
#[utoipa::path(
    get, path = "/v1/devices/{device}/meeting-links", operation_id = "meetingLinks.list", tag = "Meeting Links",
    params(LinkSearch),
    responses((status = 200, description = "A page of links.", body = [MeetingLink],
        example = json!([crate::examples::meeting_link()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<LinkSearch>,
) -> Answer<List<MeetingLink>> {
    let paging = search.paging();
    Ok(links.list(meeting_links::list(&core, &caller, &device, search.filter()).await?, paging))
}

/// Create Meeting Link.
///
/// WhatsApp makes the link; whoever has it can join. To send it to somebody, put its `url` into a message.
#[utoipa::path(
    post, path = "/v1/devices/{device}/meeting-links", operation_id = "meetingLinks.create", tag = "Meeting Links",
    request_body = NewLink,
    responses((status = 201, description = "The link.", body = MeetingLink,
        example = json!(crate::examples::meeting_link())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(new): Body<NewLink>,
) -> Answer<(StatusCode, Json<MeetingLink>)> {
    let (kind, life) = (new.kind(), new.life()?);
    let link = meeting_links::create(&core, &caller, &device, kind, new.message, life).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// What a deletion of links answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedLinks {
    /// How many were deleted.
    deleted: u64,
}

/// Delete Meeting Links.
///
/// Takes links off this list: those of `ids` and `urls`, or those made or ending within the given times; without any
/// condition all. WhatsApp can't take a link back, so it goes on working for those who have it.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/meeting-links", operation_id = "meetingLinks.delete", tag = "Meeting Links",
    request_body = Option<LinksToDelete>,
    responses((status = 200, description = "How many were deleted.", body = DeletedLinks,
        example = json!({"deleted": 2})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Given(which): Given<LinksToDelete>,
) -> Answer<Json<DeletedLinks>> {
    let deleted = meeting_links::delete(&core, &caller, &device, which.filter()).await?;
    Ok(Json(DeletedLinks { deleted }))
}
