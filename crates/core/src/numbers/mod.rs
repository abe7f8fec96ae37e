//! Phone numbers: whether they are written right, which country they belong to,
//! and under which id WhatsApp knows them.
//!
//! [`countries`] holds the facts, [`spellings`] the ways in which one number is
//! written in some countries, [`validate`] reads numbers without asking anybody.

mod countries;
mod spellings;
mod validate;

use serde::Serialize;
use sparkbot_store::rows::DeviceFilter;
use utoipa::ToSchema;

use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::keys::{Caller, Scope};
use crate::network::{Existence, Link};
use crate::phone::Phone;

pub use countries::Country;
pub(crate) use countries::{is_country, named as country, of as country_of};
pub(crate) use spellings::others as other_spellings;
pub use validate::{NumberCheck, validate};

/// Numbers of one request at most.
pub const MOST: usize = 100;

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
    /// The person's private id, where WhatsApp tells it.
    pub lid: Option<String>,
    /// The number as WhatsApp knows it, when that is written in another way than asked: with or without the ninth digit
    /// in Brazil, the 1 in Mexico, the 9 in Argentina.
    pub known_as: Option<String>,
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

/// Asks WhatsApp about a number, through any number of the account that is
/// online.
///
/// # Errors
/// `phone:invalid`; `session:offline` when no number is online; without the
/// scope `numbers:read`.
pub async fn exists(core: &Core, caller: &Caller, phone: &str) -> Result<NumberFacts> {
    let facts = exist(core, caller, std::slice::from_ref(&phone)).await?;
    facts.into_iter().next().ok_or_else(|| Error::internal("a number without an answer"))
}

/// The same for up to [`MOST`] numbers, in the order asked.
///
/// # Errors
/// As [`exists`]; `numbers:count`.
pub async fn exist(core: &Core, caller: &Caller, phones: &[&str]) -> Result<Vec<NumberFacts>> {
    caller.need(Scope::NumbersRead)?;
    if phones.is_empty() || phones.len() > MOST {
        return Err(Error::invalid(
            "numbers:count",
            format!("There are {} numbers; a request takes 1 to {MOST}.", phones.len()),
        ));
    }
    let phones: Vec<Phone> = phones.iter().map(|phone| parse(phone)).collect::<Result<_>>()?;
    let filter = DeviceFilter { session_status: vec!["online".to_owned()], size: 50, ..DeviceFilter::default() };
    let online = core.store().read().await?.account(&caller.account).devices(&filter).await?;
    let link = online.iter().find_map(|row| core.sessions().online(&row.id)).ok_or_else(|| {
        Error::new(Kind::Unavailable, "session:offline", "No WhatsApp number of this account is online to ask through.")
            .hint("Link a number or start one, then try again.")
    })?;
    let found = look_up(&*link, &phones).await?;
    Ok(phones.iter().zip(found).map(|(phone, found)| facts(phone, found)).collect())
}

fn parse(text: &str) -> Result<Phone> {
    Phone::parse(text).map_err(|why| {
        Error::invalid("phone:invalid", format!("The phone number {why}."))
            .hint("Give the full number in E.164 form, such as +16001234560.")
    })
}

/// Asks for the numbers as they are written, then for the other spellings of
/// those that are not known.
async fn look_up(link: &dyn Link, phones: &[Phone]) -> Result<Vec<Option<Existence>>> {
    let mut found = ask(link, phones).await?;
    let mut others = Vec::new();
    for (place, phone) in phones.iter().enumerate() {
        if found[place].is_none() {
            others.extend(spellings::others(phone).into_iter().map(|other| (place, other)));
        }
    }
    if !others.is_empty() {
        let spelled: Vec<Phone> = others.iter().map(|(_, phone)| phone.clone()).collect();
        for ((place, _), answer) in others.into_iter().zip(ask(link, &spelled).await?) {
            if found[place].is_none() {
                found[place] = answer;
            }
        }
    }
    Ok(found)
}

async fn ask(link: &dyn Link, phones: &[Phone]) -> Result<Vec<Option<Existence>>> {
    let answers = link.exists(phones).await.map_err(crate::sessions::network_error)?;
    let mut found: Vec<Option<Existence>> = answers.into_iter().map(|one| one.wid.is_some().then_some(one)).collect();
    found.resize_with(phones.len(), || None);
    Ok(found)
}

fn facts(phone: &Phone, found: Option<Existence>) -> NumberFacts {
    let country = countries::of(phone);
    let asked = phone.to_string();
    let Some(found) = found else {
        return NumberFacts {
            exists: false,
            phone: asked,
            wid: None,
            lid: None,
            known_as: None,
            is_business: false,
            business_info: None,
            link: None,
            country,
        };
    };
    let known = found.wid.as_ref().and_then(crate::wid::Wid::phone);
    NumberFacts {
        exists: true,
        known_as: known.as_ref().map(Phone::to_string).filter(|known| *known != asked),
        link: Some(format!("https://wa.me/{}", known.as_ref().unwrap_or(phone).digits())),
        phone: asked,
        wid: found.wid.map(String::from),
        lid: found.lid.map(String::from),
        is_business: found.business.is_some(),
        business_info: found.business.map(|name| BusinessInfo { name }),
        country,
    }
}
