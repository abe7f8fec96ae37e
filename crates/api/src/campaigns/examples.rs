//! Answers as the document shows them.

use serde_json::{Value, json};
use sparkbot_core::campaigns::{Hours, ImportReport, Rejected, Settings, Unsubscribe};
use sparkbot_core::views::{Campaign, CampaignContact, CampaignExclusion, CampaignStats, DeviceRef, Ref, Variable};

use crate::examples::DEVICE;

pub(super) const CAMPAIGN: &str = "697dd3f05f3c2b9d8e4a7071";
const CONTACT: &str = "697dd3f05f3c2b9d8e4a7072";
const USER: &str = "697dc8ff5f3c2b9d8e4a7066";
const MESSAGE: &str = "697dcd885f3c2b9d8e4a7064";
const NOON: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T12:00:04.250Z";

fn text(text: &str) -> String {
    text.to_owned()
}

fn one(id: &str) -> Ref {
    Ref { id: text(id) }
}

fn device() -> DeviceRef {
    DeviceRef {
        id: text(DEVICE),
        phone: Some(text("+16001234560")),
        alias: text("Support"),
        plan: text("io-professional"),
        version: 2,
    }
}

pub(super) fn campaign() -> Campaign {
    Campaign {
        id: text(CAMPAIGN),
        name: text("Spring"),
        status: text("processing"),
        failure_reason: None,
        failure_message: None,
        mode: "single",
        source: text("import"),
        user: one(USER),
        owner: one(USER),
        device: device(),
        devices: vec![device()],
        message: Some(text("{Hi|Hello} {{name|there}}, our spring menu is out.")),
        media: None,
        file: None,
        settings: Settings {
            speed: 6.0,
            timezone: text("Europe/Berlin"),
            hours: Some(Hours { start: 9, end: 18 }),
            ..Settings::default()
        },
        slowed: 1,
        unsubscribe: Unsubscribe {
            active: true,
            word: Some(text("stop")),
            message: Some(text("You will hear no more.")),
            actions: Vec::new(),
        },
        stats: CampaignStats {
            total: 40,
            processed: 12,
            pending: 26,
            queued: 2,
            sent: 10,
            delivered: 9,
            read: 4,
            failed: 0,
            skipped: 2,
            excluded: 1,
            invalid: 1,
            removed: 0,
            replied: 2,
            opted_out: 1,
        },
        created_at: text(NOON),
        updated_at: text(LATER),
        started_at: Some(text(LATER)),
        paused_at: None,
        stopped_at: None,
        completed_at: None,
    }
}

pub(super) fn new_campaign() -> Value {
    let mut campaign = serde_json::to_value(campaign()).unwrap_or_default();
    campaign["import"] = json!(report());
    campaign
}

pub(super) fn report() -> ImportReport {
    ImportReport {
        added: 40,
        duplicates: 1,
        invalid: 1,
        rejected: vec![Rejected {
            row: 7,
            value: text("6001234561"),
            code: text("phone:invalid"),
            message: text(
                "The phone number '6001234561' is not in E.164 form: it must start with '+' and the country code, such as \
                 +16001234560.",
            ),
        }],
        total: 40,
    }
}

pub(super) fn contact() -> CampaignContact {
    CampaignContact {
        id: text(CONTACT),
        campaign: one(CAMPAIGN),
        wid: text("16001234561@c.us"),
        target: text("+16001234561"),
        kind: text("user"),
        phone: Some(text("+16001234561")),
        group: None,
        channel: None,
        name: Some(text("Ben")),
        reference: Some(text("customer-17")),
        message: None,
        variables: vec![Variable { key: text("plan"), value: text("Gold") }],
        status: text("delivered"),
        ack: text("read"),
        error: None,
        error_message: None,
        device: Some(one(DEVICE)),
        message_id: Some(text(MESSAGE)),
        retries: 0,
        reply: None,
        date: text(LATER),
        created_at: text(NOON),
        queued_at: Some(text(NOON)),
        sent_at: Some(text(NOON)),
        delivered_at: Some(text(LATER)),
        read_at: Some(text(LATER)),
        failed_at: None,
        replied_at: None,
        opted_out_at: None,
    }
}

pub(super) fn exclusion() -> CampaignExclusion {
    CampaignExclusion {
        wid: text("16001234561@c.us"),
        phone: Some(text("+16001234561")),
        campaign: Some(one(CAMPAIGN)),
        user: None,
        created_at: text(NOON),
    }
}
