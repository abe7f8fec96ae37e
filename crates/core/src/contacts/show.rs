//! Contacts as the outside sees them.

use sparkbot_store::rows::{ContactRow, DeviceRow};

use super::fields::ContactFields;
use super::names::Names;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::network::BusinessProfile;
use crate::numbers;
use crate::phone::Phone;
use crate::views::{
    Chat, ContactBusiness, ContactDetails, ContactImage, ContactInfo, ContactLinks, ContactMeta, ContactPlace,
    ContactSubscription, Link, Ref,
};

/// A contact without its chat.
pub(super) fn contact(device: &DeviceRow, row: ContactRow) -> Result<ContactDetails> {
    with_chat(device, row, None)
}

/// A contact, with its chat where that is wanted and there.
pub(super) fn with_chat(device: &DeviceRow, row: ContactRow, chat: Option<Chat>) -> Result<ContactDetails> {
    let fields = ContactFields::of(&row);
    let names = Names::of(&row, &fields);
    let base = format!("/v1/chat/{}", device.id);
    let get = |url: String| Link { method: "GET", url };
    let country = row.country.as_deref().and_then(numbers::country);
    let business: Option<BusinessProfile> =
        row.business.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
    let blocked = row.blocked != 0;
    let is_person = matches!(row.kind.as_str(), "user" | "private");
    let full_name = names.name.clone();
    Ok(ContactDetails {
        kind: row.kind.clone(),
        status: if blocked { "blocked" } else { "active" }.to_owned(),
        country_code: row.phone.as_deref().and_then(calling_code),
        name: names.name,
        short_name: names.short,
        display_name: names.display,
        formatted_name: names.formatted,
        formatted_short_name: names.formatted_short,
        about: row.about,
        image: row
            .picture_id
            .as_deref()
            .filter(|id| !id.is_empty())
            .map(|_| ContactImage { url: format!("{base}/contacts/{}/picture", row.wid) }),
        info: ContactInfo { full_name, updated_by: row.updated_by.map(|id| Ref { id }), fields },
        location_info: country.map(|country| ContactPlace {
            alpha2: country.code.clone(),
            name: country.name.clone(),
            emoji: country.flag.clone(),
            country_calling_codes: vec![format!("+{}", country.phone_prefix)],
            currencies: country.currency.iter().cloned().collect(),
            languages: country.languages.clone(),
        }),
        business_info: business.map(|business| ContactBusiness {
            name: business.verified_name,
            description: business.description,
            email: business.email,
            address: business.address,
            websites: business.websites,
            categories: business.categories,
            timezone: business.timezone,
        }),
        meta: ContactMeta {
            is_contact: row.name.is_some() && is_person,
            is_wa_contact: is_person,
            is_business: row.category == "business",
            is_contact_blocked: blocked,
            is_verified: row.verified_name.is_some(),
            verified_name: row.verified_name,
            notify_name: row.push_name,
            address_book_name: row.name.filter(|_| is_person),
            is_phone_hidden: row.kind == "private",
            is_import: row.source == "import",
            is_sync_pending: row.book_due != 0,
            source: row.source,
        },
        metadata: serde_json::from_str(&row.metadata).map_err(Error::internal)?,
        campaigns: Vec::new(),
        subscription: ContactSubscription { status: "active".to_owned(), updated_at: iso(row.created_at) },
        created_by: row.created_by.map(|id| Ref { id }),
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
        synced_at: row.synced_at.map(iso),
        links: ContactLinks {
            contact: get(format!("{base}/contacts/{}", row.wid)),
            chat: get(format!("{base}/chats/{}", row.wid)),
            messages: get(format!("{base}/messages?chat={}", row.wid)),
            device: get(format!("/v1/devices/{}", device.id)),
        },
        chat,
        wid: row.wid,
        lid: row.lid,
        phone: row.phone,
    })
}

fn calling_code(phone: &str) -> Option<i64> {
    numbers::country_of(&Phone::from_digits(phone.trim_start_matches('+')))?.phone_prefix.parse().ok()
}
