//! `/v1/numbers`: what WhatsApp knows of phone numbers, and how they read.

mod examples;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::numbers::{self, NumberCheck, NumberFacts};
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
/// Asks WhatsApp whether it knows a phone number, through any number of the account that is online. `wid` is the id that
/// WhatsApp knows it by; where numbers are written in two ways (Brazil's ninth digit, Mexico's 1, Argentina's 9), both
/// are tried, and `knownAs` tells the other one.
#[utoipa::path(
    post, path = "/v1/numbers/exists", operation_id = "numbers.exists", tag = "Other",
    request_body = NumberToVerify,
    responses((status = 200, description = "What WhatsApp knows.", body = NumberFacts, example = json!(examples::number())))
)]
pub(crate) async fn exists(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(asked): Body<NumberToVerify>,
) -> Answer<Json<NumberFacts>> {
    Ok(Json(numbers::exists(&core, &caller, &asked.phone).await?))
}

/// One of several numbers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListedNumber {
    /// The number.
    #[schema(max_length = 50)]
    phone: String,
}

/// Phone numbers to ask about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"numbers": [{"phone": "+16001234561"}, {"phone": "+16001234562"}]}))]
pub(crate) struct NumbersToVerify {
    /// In E.164.
    #[schema(min_items = 1, max_items = 100)]
    numbers: Vec<ListedNumber>,
}

/// Verify numbers exist.
///
/// The same for many numbers at once, answered in their order.
#[utoipa::path(
    post, path = "/v1/numbers/exists/bulk", operation_id = "numbers.existMany", tag = "Other",
    request_body = NumbersToVerify,
    responses((status = 200, description = "What WhatsApp knows, in the order asked.", body = [NumberFacts], example = json!([examples::number()])))
)]
pub(crate) async fn exist_many(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(asked): Body<NumbersToVerify>,
) -> Answer<Json<Vec<NumberFacts>>> {
    let phones: Vec<&str> = asked.numbers.iter().map(|number| number.phone.as_str()).collect();
    Ok(Json(numbers::exist(&core, &caller, &phones).await?))
}

/// Phone numbers to read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"country": "DE", "numbers": [{"phone": "0170 1234567"}, {"phone": "+16001234561"}]}))]
pub(crate) struct NumbersToRead {
    /// ISO 3166 alpha-2 code of the country of numbers that are written without a country code.
    #[schema(max_length = 2)]
    country: Option<String>,
    /// As people write them.
    #[schema(min_items = 1, max_items = 100)]
    numbers: Vec<ListedNumber>,
}

/// Validate phone numbers.
///
/// Reads numbers as people write them, and tells which are wrong and why. WhatsApp is not asked: a number that is valid
/// here need not be on WhatsApp.
#[utoipa::path(
    post, path = "/v1/numbers/validate", operation_id = "numbers.validate", tag = "Other",
    request_body = NumbersToRead,
    responses((status = 200, description = "How each reads, in the order given.", body = [NumberCheck], example = json!([examples::number_check()])))
)]
pub(crate) async fn validate(
    Authorized(caller): Authorized,
    Body(asked): Body<NumbersToRead>,
) -> Answer<Json<Vec<NumberCheck>>> {
    let numbers: Vec<String> = asked.numbers.into_iter().map(|number| number.phone).collect();
    Ok(Json(numbers::validate(&caller, &numbers, asked.country.as_deref())?))
}
