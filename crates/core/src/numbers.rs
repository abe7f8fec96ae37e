//! What WhatsApp knows of a phone number.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Core;
use crate::error::Result;
use crate::keys::Caller;

/// What is known of a phone number.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumberFacts {
    /// Whether it is on WhatsApp.
    pub exists: bool,
    /// As asked, in E.164.
    pub phone: String,
    /// The id WhatsApp knows it by.
    pub wid: Option<String>,
    /// Whether it is a business account.
    pub is_business: bool,
    /// What the business says of itself.
    pub business_info: Option<BusinessInfo>,
    /// A link that opens a chat with it.
    pub link: Option<String>,
    /// The country it belongs to.
    pub country: Option<Country>,
}

/// What a business account says of itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessInfo {
    /// Verified name.
    pub name: Option<String>,
}

/// A country of the numbering plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Country {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// Country calling code, without plus.
    pub phone_prefix: String,
}

/// Asks WhatsApp, through any number of the account that is online.
///
/// # Errors
/// `phone:invalid`; `session:offline` when no number is online.
pub async fn exists(core: &Core, caller: &Caller, phone: &str) -> Result<NumberFacts> {
    todo!("{core:p} {caller:?} {phone}")
}
