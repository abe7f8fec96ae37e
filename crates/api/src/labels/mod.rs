//! `/v1/devices/{device}/labels`: what a number's chats can be marked with.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::labels::{self, COLORS, LabelScope, NewLabel};
use sparkbot_core::views::Label;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::answer::Created;
use crate::error::Answer;
use crate::request::words::{one_of, words};
use crate::request::{Authorized, Body, Id};

words! {
    Where = &["chat", "wa"];
}

fn color() -> Object {
    let mut schema = one_of(COLORS);
    schema.description = Some("Colour.".to_owned());
    schema
}

/// A label to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "VIP", "color": "gold", "description": "Answer first"}))]
pub(crate) struct CreateLabel {
    /// Its name, by which it is known; not in use yet, in any case.
    #[schema(min_length = 1, max_length = 30)]
    name: String,
    /// Colour.
    #[schema(schema_with = color)]
    color: String,
    /// What it is for.
    #[schema(max_length = 300)]
    description: Option<String>,
    /// `wa`: on the phone, too, which WhatsApp Business accounts have. `chat`: here only. When absent, `wa` where the phone
    /// has labels.
    #[schema(value_type = Option<Where>, inline)]
    scope: Option<String>,
}

/// What to change of a label.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "VIP", "color": "ruby"}))]
pub(crate) struct ChangeLabel {
    /// Which one; from now on written so.
    #[schema(min_length = 1, max_length = 30)]
    name: String,
    /// Colour.
    #[schema(schema_with = color)]
    color: String,
    /// What it is for; an empty text takes it away.
    #[schema(max_length = 300)]
    description: Option<String>,
}

/// Which label.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "VIP"}))]
pub(crate) struct WhichLabel {
    /// Its name.
    #[schema(min_length = 1, max_length = 30)]
    name: String,
}

fn example() -> Label {
    let text = |text: &str| text.to_owned();
    Label {
        name: text("VIP"),
        color: text("gold"),
        description: Some(text("Answer first")),
        scope: text("chat"),
        active: true,
        created_at: text("2026-01-31T12:00:00.000Z"),
        updated_at: text("2026-01-31T12:00:00.000Z"),
    }
}

/// Get Labels.
///
/// All of them, by name; there are at most 500.
#[utoipa::path(
    get, path = "/v1/devices/{device}/labels", operation_id = "labels.list", tag = "Labels",
    responses((status = 200, description = "The labels.", body = [Label], example = json!([example()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
) -> Answer<Json<Vec<Label>>> {
    Ok(Json(labels::list(&core, &caller, &device).await?))
}

/// Create Label.
///
/// On a number that is a WhatsApp Business account the label is made on the phone, too.
#[utoipa::path(
    post, path = "/v1/devices/{device}/labels", operation_id = "labels.create", tag = "Labels",
    request_body = CreateLabel,
    responses((status = 201, description = "The label.", body = Label, example = json!(example())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(new): Body<CreateLabel>,
) -> Answer<Created<Label>> {
    let scope = new.scope.map(|word| if word == "wa" { LabelScope::WhatsApp } else { LabelScope::Chat });
    let new = NewLabel { name: new.name, color: new.color, description: new.description, scope };
    let made = labels::create(&core, &caller, &device, new).await?;
    Ok(Created { path: format!("/v1/devices/{device}/labels"), made })
}

/// Update Label.
///
/// Finds the label by its name and changes its colour and description, on the phone, too, where it is one of WhatsApp's.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/labels", operation_id = "labels.update", tag = "Labels",
    request_body = ChangeLabel,
    responses((status = 200, description = "The changed label.", body = Label, example = json!(example())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(change): Body<ChangeLabel>,
) -> Answer<Json<Label>> {
    let change = NewLabel { name: change.name, color: change.color, description: change.description, scope: None };
    Ok(Json(labels::update(&core, &caller, &device, change).await?))
}

/// Delete Label.
///
/// Chats lose it; on the phone, too, where it is one of WhatsApp's.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/labels", operation_id = "labels.delete", tag = "Labels",
    request_body = WhichLabel,
    responses((status = 200, description = "The label as it was.", body = Label, example = json!(example())))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(which): Body<WhichLabel>,
) -> Answer<Json<Label>> {
    Ok(Json(labels::delete(&core, &caller, &device, &which.name).await?))
}
