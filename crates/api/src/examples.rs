//! Answers as the document shows them, made of the very types that are
//! answered, so that they can't go stale.

use serde_json::{Value, json};
use sparkbot_core::assignment::AutoAssign;
use sparkbot_core::auto_replies::AutoReplies;
use sparkbot_core::events::{Event, EventPage};
use sparkbot_core::outbound::{Contents, Options};
use sparkbot_core::queue::{Emptied, QueueState};
use sparkbot_core::sessions::{Health, SyncReport};
use sparkbot_core::views::{
    Billing, DeliveryRetry, Device, DeviceRef, DeviceSettings, File, FileLinks, FileMeta, FilePreview, FileStats,
    OutboundMessage, Profile, QueueView, Ref, Session, SessionLog, SessionState, Subscription, Webhook, WebhookLog,
    WebhookWithSecret,
};

pub(crate) const DEVICE: &str = "697dcb1a5f3c2b9d8e4a7061";
pub(crate) const WEBHOOK: &str = "697dcc405f3c2b9d8e4a7062";
pub(crate) const FILE: &str = "697dcf205f3c2b9d8e4a7067";
pub(crate) const KEY: &str = "697dc9005f3c2b9d8e4a7063";
pub(crate) const MESSAGE: &str = "697dcd885f3c2b9d8e4a7064";
const ACCOUNT: &str = "697dc8ff5f3c2b9d8e4a7065";
const USER: &str = "697dc8ff5f3c2b9d8e4a7066";
const WA_ID: &str = "3EB0A1B2C3D4E5F60718293A";
const NOON: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T12:00:04.250Z";
const PLAN: &str = "io-professional";

fn text(text: &str) -> String {
    text.to_owned()
}

fn user() -> Ref {
    Ref { id: text(USER) }
}

pub(crate) fn device_ref() -> DeviceRef {
    DeviceRef {
        id: text(DEVICE),
        phone: Some(text("+16001234560")),
        alias: text("Support"),
        plan: text(PLAN),
        version: 2,
    }
}

fn online() -> Session {
    Session {
        status: SessionState::Online,
        uptime: 4250,
        new_number: false,
        error: None,
        last_online_at: Some(text(NOON)),
        last_sync_at: Some(text(NOON)),
        linked_at: Some(text(NOON)),
        code_expires_at: None,
        logs: vec![SessionLog {
            event: text("session:online"),
            level: text("info"),
            message: text("The number is online."),
            created_at: text(NOON),
        }],
    }
}

fn never_linked() -> Session {
    Session {
        status: SessionState::New,
        uptime: 0,
        last_online_at: None,
        last_sync_at: None,
        linked_at: None,
        logs: Vec::new(),
        ..online()
    }
}

pub(crate) fn device() -> Device {
    Device {
        id: text(DEVICE),
        phone: Some(text("+16001234560")),
        wid: Some(text("16001234560@c.us")),
        lid: Some(text("123456789012345@lid")),
        alias: text("Support"),
        description: Some(text("Opening hours 9 to 17")),
        connector: "web",
        version: 2,
        plan: text(PLAN),
        account: text(ACCOUNT),
        user: user(),
        status: text("operative"),
        session: Some(online()),
        settings: DeviceSettings::default(),
        auto_assign: AutoAssign::default(),
        auto_replies: AutoReplies::default(),
        profile: Some(Profile { name: Some(text("Example Ltd")), ..Profile::default() }),
        queue: Some(idle()),
        billing: Billing {
            subscription: Subscription { plan: text(PLAN), product: "io", status: "active", is_trial: false },
        },
        agents: None,
        quick_replies: None,
        catalog: None,
        created_at: text(NOON),
        updated_at: text(NOON),
    }
}

fn idle() -> QueueView {
    QueueView {
        status: text("active"),
        status_updated_at: None,
        messages: 0,
        scheduled: 0,
        processing: 0,
        size: 0,
        reason: None,
        held_until: None,
    }
}

pub(crate) fn queue() -> QueueState {
    QueueState {
        device: device_ref(),
        queue: QueueView {
            status: text("pause"),
            status_updated_at: Some(text(LATER)),
            messages: 12,
            scheduled: 2,
            size: 12,
            reason: Some(text("It was set to 'pause' by a person.")),
            ..idle()
        },
    }
}

pub(crate) fn emptied() -> Emptied {
    Emptied { device: device_ref(), queue: idle(), messages: 3 }
}

pub(crate) fn new_device() -> Device {
    Device {
        phone: None,
        wid: None,
        lid: None,
        status: text("pending"),
        session: Some(never_linked()),
        profile: Some(Profile::default()),
        ..device()
    }
}

pub(crate) fn sync() -> SyncReport {
    SyncReport {
        status: SessionState::Online,
        last_sync_at: Some(text(LATER)),
        last_sync_seconds: Some(1.4),
        device: device_ref(),
    }
}

pub(crate) fn health() -> Health {
    Health {
        status: "healthy",
        reasons: Vec::new(),
        session: SessionState::Online,
        socket_alive: true,
        last_frame_at: Some(text(LATER)),
        last_sent_at: Some(text(LATER)),
        queue_length: 0,
        clock_offset_ms: Some(-120),
        server_keys: Some(812),
        client_version: Some(text("2.3000.1030000000")),
        client_version_accepted: Some(true),
        restrictions: Vec::new(),
        reconnects: 0,
        checked_at: text(LATER),
    }
}

pub(crate) fn auth_code() -> Value {
    json!({
        "status": "authorize",
        "code": "ABCD-EFGH",
        "phone": "+16001234560",
        "createdAt": NOON,
        "expiresAt": "2026-01-31T12:03:00.000Z",
        "expiresIn": 180,
    })
}

pub(crate) fn qr() -> Value {
    json!({
        "status": "authorize",
        "data": "2@Qw3…,…,…,…",
        "expiresAt": "2026-01-31T12:01:00.000Z",
        "expiresIn": 60,
        "attempt": 1,
    })
}

pub(crate) fn queued() -> OutboundMessage {
    OutboundMessage {
        status: text("queued"),
        delivery_status: text("queued"),
        webhook_status: text("pending"),
        processed_at: None,
        sent_at: None,
        delivered_at: None,
        ..delivered()
    }
}

pub(crate) fn delivered() -> OutboundMessage {
    OutboundMessage {
        id: text(MESSAGE),
        wa_id: text(WA_ID),
        entity: "message",
        flow: "out",
        kind: text("text"),
        phone: Some(text("+16001234561")),
        group: None,
        channel: None,
        wid: text("16001234561@c.us"),
        message: Some(text("hello")),
        status: text("processed"),
        delivery_status: text("delivered"),
        webhook_status: text("notified"),
        priority: "normal",
        reference: None,
        source: text("api"),
        quote: None,
        agent: None,
        contents: Contents::default(),
        options: Options::default(),
        retry: DeliveryRetry { max: 25, count: 0, last_retry_at: None },
        failure_reason: None,
        failure_code: None,
        account: text(ACCOUNT),
        user: user(),
        device: json!(device_ref()),
        events: None,
        created_at: text(NOON),
        deliver_at: text(NOON),
        expires_at: None,
        processed_at: Some(text("2026-01-31T12:00:00.480Z")),
        sent_at: Some(text("2026-01-31T12:00:00.480Z")),
        delivered_at: Some(text("2026-01-31T12:00:01.100Z")),
        read_at: None,
        failed_at: None,
        expired_at: None,
    }
}

pub(crate) fn file() -> File {
    File {
        id: text(FILE),
        account: text(ACCOUNT),
        user: user(),
        permission: text("public"),
        status: "active",
        origin: text("remote"),
        format: text("native"),
        url: Some(text("https://example.com/picture.jpg")),
        sha2: text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        reference: None,
        filename: text("picture.jpg"),
        size: 48213,
        mime: text("image/jpeg"),
        kind: text("image"),
        ext: text("jpg"),
        message: None,
        tags: vec![text("spring")],
        meta: FileMeta { width: Some(1280), height: Some(960), ..FileMeta::default() },
        preview: Some(FilePreview { mime: "image/jpeg", image: format!("/v1/files/{FILE}/preview") }),
        stats: FileStats { downloads: 0, deliveries: 0 },
        device: None,
        created_at: text(NOON),
        updated_at: text(NOON),
        expires_at: text("2026-03-02T12:00:00.000Z"),
        last_access_at: None,
        last_delivery_at: None,
        links: FileLinks {
            resource: format!("/v1/files/{FILE}"),
            download: format!("/v1/files/{FILE}/download?token=2Q3xk…"),
        },
    }
}

pub(crate) fn webhook() -> Webhook {
    Webhook {
        id: text(WEBHOOK),
        name: text("CRM"),
        url: text("https://example.com/hooks/whatsapp"),
        events: vec![text("message:in:new")],
        status: text("active"),
        device: None,
        headers: vec![text("X-Origin")],
        position: 1042,
        retries: 0,
        account: text(ACCOUNT),
        user: user(),
        last_run_at: Some(text(LATER)),
        last_retry_at: None,
        last_failure_at: None,
        created_at: text(NOON),
        updated_at: text(NOON),
    }
}

pub(crate) fn new_webhook() -> WebhookWithSecret {
    WebhookWithSecret {
        webhook: Webhook { last_run_at: None, ..webhook() },
        secret: text("5f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a7061"),
    }
}

pub(crate) fn webhook_log() -> WebhookLog {
    WebhookLog {
        id: text("697dcf005f3c2b9d8e4a7067"),
        webhook: Ref { id: text(WEBHOOK) },
        event: text("delivery"),
        code: text("ok"),
        event_id: text("697dcefe5f3c2b9d8e4a7068"),
        object_id: text(WA_ID),
        device_id: Some(text(DEVICE)),
        object_type: text("message"),
        object_event: text("message:in:new"),
        message: None,
        body: Some(text("{\"id\":\"3EB0A1B2C3D4E5F60718293A\",\"object\":\"message\",…}")),
        attempt: 1,
        response_time: Some(84),
        response_status: Some(200),
        response_type: Some(text("application/json")),
        response_body: Some(text("{\"ok\":true}")),
        created_at: text(LATER),
    }
}

pub(crate) fn key() -> Value {
    json!({
        "id": KEY,
        "name": "n8n",
        "prefix": "5f3c2b",
        "scopes": ["devices:read", "messages:write"],
        "user": USER,
        "createdAt": NOON,
        "expiresAt": null,
        "lastUsedAt": LATER,
        "revokedAt": null,
    })
}

pub(crate) fn new_key() -> Value {
    let mut value = key();
    value["lastUsedAt"] = Value::Null;
    value["key"] = json!("5f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a7061");
    value
}

pub(crate) fn me() -> Value {
    json!({
        "account": {"id": ACCOUNT, "name": "Main", "createdAt": NOON},
        "user": {"id": USER, "name": "Administrator", "role": "admin", "status": "active", "createdAt": NOON},
        "key": key(),
    })
}

pub(crate) fn events() -> EventPage {
    EventPage {
        events: vec![Event {
            seq: 42,
            id: text("697dcefe5f3c2b9d8e4a7068"),
            event_id: text("697dcefe5f3c2b9d8e4a7068"),
            ack: None,
            object: text("number"),
            event: text("number:session"),
            created: 1_769_860_800,
            device: Some(device_ref()),
            by: None,
            data: json!({"status": "online"}),
        }],
        cursor: 42,
        truncated: false,
    }
}

/// A link to a call.
pub(crate) fn meeting_link() -> Value {
    json!({
        "id": "6abf2c1e5d0a4f3b2c1d0e9f",
        "device": {"id": DEVICE},
        "user": {"id": USER},
        "kind": "video",
        "token": "0aEQZwJVKBlz1lK2o5qH2A",
        "url": "https://call.whatsapp.com/video/0aEQZwJVKBlz1lK2o5qH2A",
        "message": "Monday's round",
        "createdAt": "2026-07-01T10:20:30.000Z",
        "expiresAt": "2026-07-08T10:20:30.000Z",
    })
}
