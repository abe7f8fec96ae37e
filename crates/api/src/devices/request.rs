//! What requests about WhatsApp numbers may say.

use serde::Deserialize;
use serde_json::Value;
use sparkbot_core::assignment::AutoAssignChange;
use sparkbot_core::auto_replies::AutoRepliesChange;
use sparkbot_core::devices::{DeviceChanges, DeviceFilter, Idempotency, NewDevice, OperativeHoursChange, With};
use sparkbot_core::views::Device;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::answer::Paging;
use crate::request::present;
use crate::request::words::words;

const STATUS: &[&str] = &["operative", "pending", "disabled", "removed", "banned", "authorized", "verified"];
const SESSION: &[&str] = &[
    "new",
    "loading",
    "authorize",
    "authorizing",
    "online",
    "offline",
    "timeout",
    "timeout_sync",
    "conflict",
    "blocked",
    "error",
    "offline:panel",
    "offline:modal",
];
const PLANS: &[&str] = &[
    "professional",
    "business",
    "enterprise",
    "gateway-professional",
    "gateway-business",
    "gateway-enterprise",
    "io-professional",
    "io-business",
    "io-enterprise",
];
const REBOOT: &[&str] = &[
    "disabled", "10m", "15m", "20m", "25m", "30m", "45m", "1h", "2h", "3h", "4h", "5h", "6h", "8h", "10h", "12h", "18h",
];
const RETENTION: &[&str] =
    &["plan_defaults", "never", "5m", "15m", "30m", "1h", "12h", "24h", "2d", "3d", "4d", "5d", "6d", "7d", "10d"];
/// Tenths of a message a minute, since schemas compare numbers by value.
const SPEEDS: &[u32] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 400, 500, 600, 700, 800, 900,
    1000, 1200, 1400, 1500,
];

words! {
    DeviceStatus = STATUS;
    SessionStatus = SESSION;
    Plan = PLANS;
    RebootPolicy = REBOOT;
    RetentionPolicy = RETENTION;
    DevicePart = &["agents", "catalog", "quickReplies"];
    ShownPart = &["session", "profile", "stats", "queue"];
}

struct DeliverySpeed;

impl PartialSchema for DeliverySpeed {
    fn schema() -> RefOr<Schema> {
        let values = SPEEDS.iter().map(|tenths| match tenths % 10 {
            0 => Value::from(tenths / 10),
            _ => Value::from(f64::from(*tenths) / 10.0),
        });
        ObjectBuilder::new().schema_type(Type::Number).enum_values(Some(values)).into()
    }
}

impl ToSchema for DeliverySpeed {}

fn size() -> i64 {
    50
}

/// Which numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct DeviceSearch {
    /// Only these ids.
    ids: Option<Vec<String>>,
    /// Only in one of these states.
    #[param(value_type = Vec<DeviceStatus>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// Only with a session in one of these states.
    #[param(value_type = Vec<SessionStatus>, inline)]
    #[serde(default)]
    session_status: Vec<String>,
    /// Only with this text in alias, description, phone number or id.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Numbers a page.
    #[serde(default = "size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl DeviceSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn filter(self) -> DeviceFilter {
        let paging = self.paging();
        DeviceFilter {
            ids: self.ids.unwrap_or_default(),
            status: self.status,
            session_status: self.session_status,
            search: self.search,
            size: paging.size(),
            skip: paging.skip(),
        }
    }
}

/// What to show of a number.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeviceParts {
    /// Show these too.
    #[param(value_type = Vec<DevicePart>, inline)]
    #[serde(default)]
    include: Vec<String>,
    /// Leave these out.
    #[param(value_type = Vec<ShownPart>, inline)]
    #[serde(default)]
    exclude: Vec<String>,
}

impl DeviceParts {
    /// Whether a part is asked for.
    pub(super) fn wants(&self, part: &str) -> bool {
        self.include.iter().any(|wanted| wanted == part)
    }

    /// What has to be read besides the number.
    pub(super) fn with(&self) -> With {
        With { agents: self.wants("agents"), quick_replies: self.wants("quickReplies") }
    }

    /// The number with what was asked for.
    pub(super) fn of(&self, mut device: Device) -> Device {
        for part in &self.exclude {
            match part.as_str() {
                "session" => device.session = None,
                "profile" => device.profile = None,
                "queue" => device.queue = None,
                _ => {}
            }
        }
        device
    }
}

/// A new WhatsApp number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"alias": "Support", "description": "Opening hours 9 to 17"}))]
pub(crate) struct CreateDevice {
    /// What people will call it.
    #[schema(min_length = 1, max_length = 60)]
    alias: String,
    /// Shown as the number's plan; nothing depends on it.
    #[schema(value_type = Option<Plan>, inline)]
    billing_plan: Option<String>,
    /// Another word for `billingPlan`.
    #[schema(value_type = Option<Plan>, inline)]
    plan: Option<String>,
    /// Free text.
    #[schema(max_length = 300)]
    description: Option<String>,
    /// Ids of team members to give access.
    agents: Option<Vec<String>>,
    /// Accepted from clients of hosted services; nothing is paid here.
    #[serde(rename = "paymentIntent")]
    _payment_intent: Option<String>,
}

impl CreateDevice {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> NewDevice {
        NewDevice {
            alias: self.alias,
            description: self.description.filter(|text| !text.is_empty()),
            plan: self.billing_plan.or(self.plan),
            agents: self.agents.unwrap_or_default(),
            idempotency,
        }
    }
}

/// Changes of a WhatsApp number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"alias": "Support", "settings": {"deliverySpeed": 20, "rebootPolicy": "12h"}}))]
pub(crate) struct ChangeDevice {
    /// Whether it runs.
    enable: Option<bool>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 60)]
    alias: Option<String>,
    /// Free text; empty or null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 300)]
    description: Option<Option<String>>,
    /// Shown as the number's plan; nothing depends on it.
    #[schema(value_type = Option<Plan>, inline)]
    plan: Option<String>,
    /// Ids of webhooks that shall get only this number's events.
    webhooks: Option<Vec<String>>,
    /// How it behaves.
    settings: Option<ChangeSettings>,
    /// What it answers by itself.
    auto_replies: Option<AutoRepliesChange>,
    /// Whom it gives chats to by itself.
    auto_assign: Option<AutoAssignChange>,
}

/// Changes of how a WhatsApp number behaves.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeSettings {
    /// Reconnect this often.
    #[schema(value_type = Option<RebootPolicy>, inline)]
    reboot_policy: Option<String>,
    /// Keep messages this long.
    #[schema(value_type = Option<RetentionPolicy>, inline)]
    retention_policy: Option<String>,
    /// Messages a minute; 0 is as fast as WhatsApp takes them.
    #[schema(value_type = Option<DeliverySpeed>, inline)]
    delivery_speed: Option<f64>,
    /// When its team works.
    operative_hours: Option<OperativeHoursChange>,
}

impl ChangeDevice {
    pub(super) fn into_changes(self) -> DeviceChanges {
        let settings = self.settings.unwrap_or_default();
        DeviceChanges {
            enable: self.enable,
            alias: self.alias,
            description: self.description.map(|text| text.filter(|text| !text.is_empty())),
            plan: self.plan,
            webhooks: self.webhooks,
            reboot_policy: settings.reboot_policy,
            retention_policy: settings.retention_policy,
            delivery_speed: settings.delivery_speed,
            operative_hours: settings.operative_hours,
            auto_replies: self.auto_replies,
            auto_assign: self.auto_assign,
        }
    }
}

/// Phone numbers in E.164.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(min_items = 1, max_items = 10, example = json!(["+16001234560", "+16001234561"]))]
pub(crate) struct PhoneNumbers(pub(super) Vec<String>);
