//! Contacts in full.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Chat, Link, Ref};
use crate::contacts::{ContactFields, MetadataPair};

/// A person, group or channel that a number knows.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactDetails {
    /// WhatsApp id.
    pub wid: String,
    /// Private id, where known.
    pub lid: Option<String>,
    /// `user`, `private` (the phone number is not known), `group` or `channel`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `active`, or `blocked` by this number.
    pub status: String,
    /// E.164, where known.
    pub phone: Option<String>,
    /// Country calling code.
    pub country_code: Option<i64>,
    /// As written here, in the phone's address book, as verified, or as the person gives it: the first that there is.
    pub name: Option<String>,
    /// First name.
    pub short_name: Option<String>,
    /// What to show: the name, else the number.
    pub display_name: String,
    /// With the title.
    pub formatted_name: String,
    /// First name with the title.
    pub formatted_short_name: String,
    /// What the person says below the name, as far as this number may see it.
    pub about: Option<String>,
    /// The picture, as far as this number may see it.
    pub image: Option<ContactImage>,
    /// What people have added.
    pub info: ContactInfo,
    /// The country of the phone number.
    pub location_info: Option<ContactPlace>,
    /// What a business says of itself.
    pub business_info: Option<ContactBusiness>,
    /// What else is known.
    pub meta: ContactMeta,
    /// What programs keep with it.
    pub metadata: Vec<MetadataPair>,
    /// Always empty: campaigns are not kept with contacts.
    pub campaigns: Vec<String>,
    /// Whether it may be written to in bulk.
    pub subscription: ContactSubscription,
    /// Who has added it here.
    pub created_by: Option<Ref>,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
    /// When WhatsApp was last asked about it, ISO 8601.
    pub synced_at: Option<String>,
    /// Where to go from here.
    pub links: ContactLinks,
    /// The chat, with `include=chat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<Chat>,
}

/// A contact's picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactImage {
    /// Where it is served, for a key that may read contacts.
    pub url: String,
}

/// What people have added.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactInfo {
    /// The name, whole.
    pub full_name: Option<String>,
    /// Who has last changed it here.
    pub updated_by: Option<Ref>,
    /// The fields.
    #[serde(flatten)]
    pub fields: ContactFields,
}

/// The country of a phone number.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactPlace {
    /// ISO 3166 alpha-2.
    pub alpha2: String,
    /// English.
    pub name: String,
    /// Its flag.
    pub emoji: String,
    /// With the plus.
    pub country_calling_codes: Vec<String>,
    /// ISO 4217.
    pub currencies: Vec<String>,
    /// ISO 639.
    pub languages: Vec<String>,
}

/// What a business says of itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactBusiness {
    /// The name that WhatsApp has verified.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Web addresses.
    pub websites: Vec<String>,
    /// Lines of business.
    pub categories: Vec<String>,
    /// Of its business hours, by its name in the IANA database.
    pub timezone: Option<String>,
}

/// What else is known of a contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactMeta {
    /// In the phone's address book.
    pub is_contact: bool,
    /// A person on WhatsApp.
    #[serde(rename = "isWAContact")]
    pub is_wa_contact: bool,
    /// A business.
    pub is_business: bool,
    /// Blocked by this number.
    pub is_contact_blocked: bool,
    /// With a name that WhatsApp has verified.
    pub is_verified: bool,
    /// That name.
    pub verified_name: Option<String>,
    /// The name the person gives.
    pub notify_name: Option<String>,
    /// The name in the phone's address book.
    pub address_book_name: Option<String>,
    /// Only the private id is known.
    pub is_phone_hidden: bool,
    /// Added in bulk.
    pub is_import: bool,
    /// The phone's address book has still to be written, for lack of a connection.
    pub is_sync_pending: bool,
    /// Where it was first heard of: `chat`, `phone`, `api`, `import`, `group`, `history`.
    pub source: String,
}

/// Whether a contact may be written to in bulk.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactSubscription {
    /// Always `active`.
    pub status: String,
    /// ISO 8601.
    pub updated_at: String,
}

/// Where to go from a contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactLinks {
    /// Itself.
    pub contact: Link,
    /// Its chat.
    pub chat: Link,
    /// What was said in it.
    pub messages: Link,
    /// The number.
    pub device: Link,
}
