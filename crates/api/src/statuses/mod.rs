//! `/v1/chat/{device}/status`: status updates, posted and seen.

mod examples;
mod request;

use axum::Json;
use axum::extract::State;
use sparkbot_core::Core;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::statuses::{self, DeletedStatuses};
use sparkbot_core::views::Status;

use self::request::{DeleteStatuses, PostStatus, StatusSearch};
use crate::answer::{Created, Links, List};
use crate::chat::{In, OfNumber};
use crate::error::{Answer, Problem};
use crate::request::{Asked, Authorized, Given, Id, Repeatable};

/// A status update that a path names.
pub(crate) struct StatusId(String);

impl OfNumber for StatusId {
    fn read(text: &str) -> Result<Self, Problem> {
        let fine = (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if fine {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(64).collect();
        Err(Problem::invalid("status:invalid", format!("'{shown}' is not the id of a status.")))
    }
}

/// Get User Status.
///
/// The updates that are not over, of the number and of others, and those that wait to be posted.
#[utoipa::path(
    get, path = "/v1/chat/{device}/status", operation_id = "statuses.list", tag = "User Status",
    params(StatusSearch),
    responses((status = 200, description = "A page of updates.", body = [Status], example = json!([examples::listed()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<StatusSearch>,
) -> Answer<List<Status>> {
    let paging = search.paging();
    Ok(links.list(statuses::list(&core, &caller, &device, search.into_search()?, paging.slice()).await?, paging))
}

/// Get User Status by ID.
///
/// One update, with who has looked at it when it is the number's own.
#[utoipa::path(
    get, path = "/v1/chat/{device}/status/{statusId}", operation_id = "statuses.get", tag = "User Status",
    responses((status = 200, description = "The update.", body = Status, example = json!(examples::posted())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, StatusId(id)): In<StatusId>,
) -> Answer<Json<Status>> {
    Ok(Json(statuses::get(&core, &caller, &device, &id).await?))
}

/// Update User Status.
///
/// A text with colour and font, or a picture, film or sound, for everybody in the number's address book. It goes through the
/// queue as messages do: committed when the answer comes, posted as soon as the number is online or at the time that is given.
#[utoipa::path(
    post, path = "/v1/chat/{device}/status", operation_id = "statuses.post", tag = "User Status",
    request_body = PostStatus,
    responses((status = 201, description = "The update, waiting to be posted.", body = Status, example = json!(examples::waiting())))
)]
pub(crate) async fn post(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Repeatable { body, idempotency }: Repeatable<PostStatus>,
) -> Answer<Created<Status>> {
    let made = statuses::post(&core, &caller, &device, body.into_new(idempotency)).await?;
    Ok(Created { path: format!("/v1/chat/{device}/status/{}", made.message.id), made })
}

/// Delete User Status.
///
/// Takes posted updates back from everybody and scheduled ones out of the queue: those that are named, or without a body all of
/// the number's own. One of somebody else is forgotten here only.
#[utoipa::path(
    delete, path = "/v1/chat/{device}/status", operation_id = "statuses.delete", tag = "User Status",
    request_body = Option<DeleteStatuses>,
    responses((status = 200, description = "What became of each.", body = DeletedStatuses, example = json!(examples::deleted())))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Given(body): Given<DeleteStatuses>,
) -> Answer<Json<DeletedStatuses>> {
    Ok(Json(statuses::delete(&core, &caller, &device, body.scheduled, body.status).await?))
}
