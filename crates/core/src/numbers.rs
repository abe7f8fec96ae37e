//! What WhatsApp knows of a phone number.

use serde::Serialize;
use utoipa::ToSchema;

use sparkbot_store::rows::DeviceFilter;

use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::keys::{Caller, Scope};
use crate::phone::Phone;

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
    caller.need(Scope::NumbersRead)?;
    let phone = Phone::parse(phone).map_err(|why| {
        Error::invalid("phone:invalid", format!("The phone number {why}."))
            .hint("Give the full number in E.164 form, such as +16001234560.")
    })?;
    let filter = DeviceFilter { session_status: vec!["online".to_owned()], size: 50, ..DeviceFilter::default() };
    let online = core.store().read().await?.account(&caller.account).devices(&filter).await?;
    let link = online.iter().find_map(|row| core.sessions().online(&row.id)).ok_or_else(|| {
        Error::new(Kind::Unavailable, "session:offline", "No WhatsApp number of this account is online to ask through.")
            .hint("Link a number or start one, then try again.")
    })?;
    let found = link.exists(std::slice::from_ref(&phone)).await.map_err(crate::sessions::network_error)?;
    let found = found.into_iter().next();
    let wid = found.as_ref().and_then(|f| f.wid.clone());
    let business = found.and_then(|f| f.business);
    Ok(NumberFacts {
        exists: wid.is_some(),
        link: wid.as_ref().map(|wid| format!("https://wa.me/{}", wid.local())),
        wid: wid.map(String::from),
        is_business: business.is_some(),
        business_info: business.map(|name| BusinessInfo { name }),
        country: country(&phone),
        phone: phone.to_string(),
    })
}

fn country(phone: &Phone) -> Option<Country> {
    let code = phone.country()?;
    let prefix = phonenumber::parse(None, phone.as_str()).ok()?.code().value();
    Some(Country { code, phone_prefix: prefix.to_string() })
}
