//! `/v1/webhooks`: readers of the event log outside.

mod request;

use axum::Json;
use axum::extract::State;
use sparkbot_core::ids::WebhookId;
use sparkbot_core::views::{Webhook, WebhookLog, WebhookWithSecret};
use sparkbot_core::{Core, webhooks};

use self::request::{ChangeWebhook, CreateWebhook, LogSearch, ReplayFrom, WebhookSearch};
use crate::answer::{Created, Deleted, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Id, Repeatable};

/// Get Webhooks.
///
/// The account's webhooks, oldest first.
#[utoipa::path(
    get, path = "/v1/webhooks", operation_id = "webhooks.list", tag = "Webhooks",
    params(WebhookSearch),
    responses((status = 200, description = "A page of webhooks.", body = [Webhook], example = json!([crate::examples::webhook()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    links: Links,
    Asked(search): Asked<WebhookSearch>,
) -> Answer<List<Webhook>> {
    let paging = search.paging();
    Ok(links.list(webhooks::list(&core, &caller, search.filter()).await?, paging))
}

/// Create Webhook.
///
/// It gets events from now on, each signed with `secret`, which only this answer shows.
#[utoipa::path(
    post, path = "/v1/webhooks", operation_id = "webhooks.create", tag = "Webhooks",
    request_body = CreateWebhook,
    responses((status = 201, description = "The new webhook.", body = WebhookWithSecret, example = json!(crate::examples::new_webhook())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    new: Repeatable<CreateWebhook>,
) -> Answer<Created<WebhookWithSecret>> {
    let made = webhooks::create(&core, &caller, new.body.into_new(new.idempotency)).await?;
    Ok(Created { path: format!("/v1/webhooks/{}", made.webhook.id), made })
}

/// Get Webhook.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhookId}", operation_id = "webhooks.get", tag = "Webhooks",
    responses((status = 200, description = "The webhook.", body = Webhook, example = json!(crate::examples::webhook())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(webhook): Id<WebhookId>,
) -> Answer<Json<Webhook>> {
    Ok(Json(webhooks::get(&core, &caller, &webhook).await?))
}

/// Update Webhook.
///
/// What is not given stays as it is.
#[utoipa::path(
    patch, path = "/v1/webhooks/{webhookId}", operation_id = "webhooks.update", tag = "Webhooks",
    request_body = ChangeWebhook,
    responses((status = 200, description = "The changed webhook.", body = Webhook, example = json!(crate::examples::webhook())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(webhook): Id<WebhookId>,
    Body(change): Body<ChangeWebhook>,
) -> Answer<Json<Webhook>> {
    Ok(Json(webhooks::update(&core, &caller, &webhook, change.into_changes()).await?))
}

/// Delete Webhook.
///
/// Its log is deleted with it.
#[utoipa::path(
    delete, path = "/v1/webhooks/{webhookId}", operation_id = "webhooks.delete", tag = "Webhooks",
    responses((status = 200, description = "It is deleted.", body = Deleted, example = json!({"id": crate::examples::WEBHOOK, "deleted": true})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(webhook): Id<WebhookId>,
) -> Answer<Json<Deleted>> {
    webhooks::delete(&core, &caller, &webhook).await?;
    Ok(Deleted::of(&webhook))
}

/// Enable Webhook.
///
/// Takes a disabled or failed webhook into service again, with what it has missed.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhookId}/enable", operation_id = "webhooks.enable", tag = "Webhooks",
    responses((status = 200, description = "The webhook.", body = Webhook, example = json!(crate::examples::webhook())))
)]
pub(crate) async fn enable(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(webhook): Id<WebhookId>,
) -> Answer<Json<Webhook>> {
    Ok(Json(webhooks::enable(&core, &caller, &webhook).await?))
}

/// Get Webhook Logs.
///
/// Tries of deliveries, newest first.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhookId}/logs", operation_id = "webhooks.logs", tag = "Webhooks",
    params(LogSearch),
    responses((status = 200, description = "A part of the log.", body = [WebhookLog], example = json!([crate::examples::webhook_log()])))
)]
pub(crate) async fn logs(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(webhook): Id<WebhookId>,
    links: Links,
    Asked(search): Asked<LogSearch>,
) -> Answer<List<WebhookLog>> {
    let paging = search.paging();
    Ok(links.list(webhooks::logs(&core, &caller, &webhook, search.slice()).await?, paging))
}

/// Replay events to a webhook.
///
/// Delivers events again from a point of the event log: after a position, or since a time.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhookId}/replay", operation_id = "webhooks.replay", tag = "Webhooks",
    request_body = ReplayFrom,
    responses((status = 200, description = "The webhook.", body = Webhook, example = json!(crate::examples::webhook())))
)]
pub(crate) async fn replay(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(webhook): Id<WebhookId>,
    Body(from): Body<ReplayFrom>,
) -> Answer<Json<Webhook>> {
    Ok(Json(webhooks::replay(&core, &caller, &webhook, from.into_replay()?).await?))
}
