//! `/v1/numbers`: what WhatsApp knows of phone numbers.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::numbers::{self, NumberFacts};
use utoipa::ToSchema;

use crate::error::Answer;
use crate::request::{Authorized, Body};

/// A phone number to ask about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "+16001234561"}))]
pub(crate) struct NumberToVerify {
    /// In E.164.
    #[schema(max_length = 40)]
    phone: String,
}

/// Verify number exists.
///
/// Asks WhatsApp whether it knows a phone number, through any number of the account that is online.
#[utoipa::path(
    post, path = "/v1/numbers/exists", operation_id = "numbers.exists", tag = "Other",
    request_body = NumberToVerify,
    responses((status = 200, description = "What WhatsApp knows.", body = NumberFacts, example = json!(crate::examples::number())))
)]
pub(crate) async fn exists(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(asked): Body<NumberToVerify>,
) -> Answer<Json<NumberFacts>> {
    Ok(Json(numbers::exists(&core, &caller, &asked.phone).await?))
}
