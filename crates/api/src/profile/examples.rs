//! Answers as the document shows them.

use sparkbot_core::views::{BusinessDay, BusinessHours, BusinessProfile, Profile, ProfileImage};

fn text(text: &str) -> String {
    text.to_owned()
}

fn open() -> BusinessDay {
    BusinessDay { mode: text("hours"), open: Some(text("09:00")), close: Some(text("17:30")) }
}

fn closed() -> BusinessDay {
    BusinessDay { mode: text("24h_closed"), open: None, close: None }
}

pub(super) fn profile() -> Profile {
    let about = Some(text("Open again from Monday"));
    Profile {
        name: Some(text("Ana's shop")),
        image: Some(ProfileImage {
            id: text("1769860800000"),
            url: format!("/v1/devices/{}/profile/image", crate::examples::DEVICE),
            data: None,
        }),
        info: about.clone(),
        status: about,
        is_business: true,
        business_profile: Some(BusinessProfile {
            description: Some(text("Tea from small gardens")),
            address: Some(text("1 Harbour Street")),
            email: Some(text("shop@example.com")),
            websites: vec![text("https://example.com")],
            categories: vec![text("grocery")],
            business_hours: Some(BusinessHours {
                timezone: text("Europe/Berlin"),
                monday: open(),
                tuesday: open(),
                wednesday: open(),
                thursday: open(),
                friday: open(),
                saturday: closed(),
                sunday: closed(),
            }),
        }),
        last_sync_at: Some(text("2026-01-31T12:00:00.000Z")),
    }
}
