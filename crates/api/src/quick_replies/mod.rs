//! `/v1/devices/{device}/quickReplies`.

mod request;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sparkbot_core::Core;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::page::Page;
use sparkbot_core::quick_replies::{self, QuickReply};
use utoipa::ToSchema;

use self::request::{ChangeQuickReply, CreateQuickReply, DeleteQuickReplies, QuickReplySearch};
use crate::answer::{Created, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Given, Id};

/// Get Quick Replies.
///
/// By shortcut; private ones only of the person who asks. There are none of scope `wa`.
#[utoipa::path(
    get, path = "/v1/devices/{device}/quickReplies", operation_id = "quickReplies.list", tag = "Quick replies",
    params(QuickReplySearch),
    responses((status = 200, description = "A page of quick replies.", body = [QuickReply], example = json!([example()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<QuickReplySearch>,
) -> Answer<List<QuickReply>> {
    let (paging, wa) = (search.paging(), search.only_whatsapps());
    let mut page = quick_replies::list(&core, &caller, &device, search.filter()).await?;
    if wa {
        page = Page { items: Vec::new(), total: 0 };
    }
    Ok(links.list(page, paging))
}

/// Create Quick Reply.
#[utoipa::path(
    post, path = "/v1/devices/{device}/quickReplies", operation_id = "quickReplies.create", tag = "Quick replies",
    request_body = CreateQuickReply,
    responses((status = 201, description = "The new quick reply.", body = QuickReply, example = json!(example())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(new): Body<CreateQuickReply>,
) -> Answer<Created<QuickReply>> {
    let made = quick_replies::create(&core, &caller, &device, new.into_said()).await?;
    Ok(Created { path: format!("/v1/devices/{device}/quickReplies"), made })
}

/// Update Quick Reply.
///
/// Named by `id`, or else by its shortcut; then the shortcut stays.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/quickReplies", operation_id = "quickReplies.update", tag = "Quick replies",
    request_body = ChangeQuickReply,
    responses((status = 200, description = "The changed quick reply.", body = QuickReply, example = json!(example())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(change): Body<ChangeQuickReply>,
) -> Answer<Json<QuickReply>> {
    let (id, said) = change.into_said();
    Ok(Json(quick_replies::update(&core, &caller, &device, id, said).await?))
}

/// What a deletion has done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedQuickReplies {
    /// How many there were.
    deleted: usize,
    /// Which ones.
    ids: Vec<String>,
}

/// Delete Quick Replies.
///
/// Those in the list, by id or shortcut; without a body, or with an empty list, all that the person may change.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/quickReplies", operation_id = "quickReplies.delete", tag = "Quick replies",
    request_body = Option<DeleteQuickReplies>,
    responses((status = 200, description = "They are deleted.", body = DeletedQuickReplies,
        example = json!({"deleted": 1, "ids": ["697dd0305f3c2b9d8e4a7073"]})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Given(which): Given<DeleteQuickReplies>,
) -> Answer<Json<DeletedQuickReplies>> {
    let ids = quick_replies::delete(&core, &caller, &device, which.read()?).await?;
    Ok(Json(DeletedQuickReplies { deleted: ids.len(), ids }))
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "id": "697dd0305f3c2b9d8e4a7073",
        "scope": "chat",
        "active": true,
        "shortcut": "hours",
        "message": "We are here from 9 to 17.",
        "permission": "public",
        "file": null,
        "keywords": ["opening", "closing"],
        "user": {"id": "697dc8ff5f3c2b9d8e4a7066"},
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:00:00.000Z"
    })
}
