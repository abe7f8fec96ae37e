//! Answers as the document shows them.

use sparkbot_core::contacts::{Blocking, ContactFields, MetadataPair, SavedContact};
use sparkbot_core::views::{
    ContactDetails, ContactImage, ContactInfo, ContactLinks, ContactMeta, ContactPlace, ContactSubscription, Link, Ref,
};

use crate::examples::DEVICE;

const BEN: &str = "16001234561@c.us";
const USER: &str = "697dc8ff5f3c2b9d8e4a7066";
const NOON: &str = "2026-01-31T12:00:00.000Z";

fn text(text: &str) -> String {
    text.to_owned()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn link(url: String) -> Link {
    Link { method: "GET", url }
}

pub(super) fn pair() -> MetadataPair {
    MetadataPair { key: text("plan"), value: text("gold") }
}

pub(super) fn contact() -> ContactDetails {
    let base = format!("/v1/chat/{DEVICE}");
    let fields = ContactFields {
        name: some("Ben"),
        surname: some("Berg"),
        email: some("ben@example.com"),
        ..ContactFields::default()
    };
    ContactDetails {
        wid: text(BEN),
        lid: some("108426733785101@lid"),
        kind: text("user"),
        status: text("active"),
        phone: some("+16001234561"),
        country_code: Some(1),
        name: some("Ben Berg"),
        short_name: some("Ben"),
        display_name: text("Ben Berg"),
        formatted_name: text("Ben Berg"),
        formatted_short_name: text("Ben"),
        about: some("At work"),
        image: Some(ContactImage { url: format!("{base}/contacts/{BEN}/picture") }),
        info: ContactInfo { full_name: some("Ben Berg"), updated_by: Some(Ref { id: text(USER) }), fields },
        location_info: Some(ContactPlace {
            alpha2: text("US"),
            name: text("United States"),
            emoji: text("🇺🇸"),
            country_calling_codes: vec![text("+1")],
            currencies: vec![text("USD")],
            languages: vec![text("en")],
        }),
        business_info: None,
        meta: ContactMeta {
            is_contact: true,
            is_wa_contact: true,
            is_business: false,
            is_contact_blocked: false,
            is_verified: false,
            verified_name: None,
            notify_name: some("benny"),
            address_book_name: some("Ben B."),
            is_phone_hidden: false,
            is_import: false,
            is_sync_pending: false,
            source: text("chat"),
        },
        metadata: vec![pair()],
        campaigns: Vec::new(),
        subscription: ContactSubscription { status: text("active"), updated_at: text(NOON) },
        created_by: Some(Ref { id: text(USER) }),
        created_at: text(NOON),
        updated_at: text(NOON),
        synced_at: some(NOON),
        links: ContactLinks {
            contact: link(format!("{base}/contacts/{BEN}")),
            chat: link(format!("{base}/chats/{BEN}")),
            messages: link(format!("{base}/messages?chat={BEN}")),
            device: link(format!("/v1/devices/{DEVICE}")),
        },
        chat: None,
    }
}

pub(super) fn saved() -> SavedContact {
    SavedContact {
        phone: text("+16001234561"),
        status: text("saved"),
        contact: Some(contact()),
        error_code: None,
        error: None,
    }
}

pub(super) fn failed() -> SavedContact {
    SavedContact {
        phone: text("+1600"),
        status: text("failed"),
        contact: None,
        error_code: some("phone:invalid"),
        error: some("The phone number '+1600' has only 4 digits; a full number has at least 7."),
    }
}

pub(super) fn blocked() -> Blocking {
    Blocking { contact: text(BEN), status: text("blocked"), error_code: None, error: None }
}

pub(super) fn unblocked() -> Blocking {
    Blocking { status: text("unblocked"), ..blocked() }
}
