//! A WhatsApp number.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::{DeviceRow, SessionLogRow};
use utoipa::ToSchema;

use super::{AgentRef, CatalogProduct, Profile, Ref};
use crate::assignment::AutoAssign;
use crate::auto_replies::AutoReplies;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::quick_replies::QuickReply;
use crate::team::OperativeHours;

/// A WhatsApp number as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// 24 hexadecimal digits.
    pub id: String,
    /// E.164; null until linked, kept when unlinked.
    pub phone: Option<String>,
    /// WhatsApp id, while linked.
    pub wid: Option<String>,
    /// Private WhatsApp id, while linked.
    pub lid: Option<String>,
    /// What people call it.
    pub alias: String,
    /// Free text.
    pub description: Option<String>,
    /// How it is connected; always `web`.
    pub connector: &'static str,
    /// Version of this object; always 2.
    pub version: u8,
    /// As chosen at creation; nothing depends on it.
    pub plan: String,
    /// Owner.
    pub account: String,
    /// Who made it.
    pub user: Ref,
    /// `operative` when usable.
    pub status: String,
    /// Its link with WhatsApp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// How it behaves.
    pub settings: DeviceSettings,
    /// Whom it gives chats to by itself.
    pub auto_assign: AutoAssign,
    /// What it answers by itself.
    pub auto_replies: AutoReplies,
    /// What WhatsApp shows of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What waits to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueView>,
    /// Honest constants: a self-hosted server bills nobody.
    pub billing: Billing,
    /// The team members with access; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<DeviceAgent>>,
    /// Quick replies; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quick_replies: Option<DeviceQuickReplies>,
    /// The first 100 products of its catalog, as they were last seen; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<Vec<CatalogProduct>>,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
}

/// A member of the team who may use a number.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceAgent {
    /// Who.
    pub user: AgentRef,
    /// Since when they may; administrators since they are there. ISO 8601.
    pub created_at: String,
}

/// Texts that a number's team keeps at hand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeviceQuickReplies {
    /// Those that whoever asks sees, by shortcut, 2,000 at most.
    pub entries: Vec<QuickReply>,
}

/// A number in the short form that events carry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeviceRef {
    /// 24 hexadecimal digits.
    pub id: String,
    /// E.164.
    pub phone: Option<String>,
    /// What people call it.
    pub alias: String,
    /// As chosen at creation.
    pub plan: String,
    /// Version of the full object.
    pub version: u8,
}

/// The link between a number and WhatsApp.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Where it stands.
    pub status: SessionState,
    /// Milliseconds since it came online; 0 while it is not.
    pub uptime: i64,
    /// The link is to another number than before.
    pub new_number: bool,
    /// Why it stands there, in a sentence, when something is wrong.
    pub error: Option<String>,
    /// When it last came online.
    pub last_online_at: Option<String>,
    /// When its state was last compared with WhatsApp's.
    pub last_sync_at: Option<String>,
    /// When it was linked.
    pub linked_at: Option<String>,
    /// A code that is out: its life, not the code itself.
    pub code_expires_at: Option<String>,
    /// What has happened lately, oldest first.
    pub logs: Vec<SessionLog>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum SessionState {
    /// Never linked.
    #[serde(rename = "new")]
    New,
    /// Connecting, or fetching keys and app state.
    #[serde(rename = "loading")]
    Loading,
    /// Waits to be linked.
    #[serde(rename = "authorize")]
    Authorize,
    /// The phone has answered; being linked.
    #[serde(rename = "authorizing")]
    Authorizing,
    /// Messages flow.
    #[serde(rename = "online")]
    Online,
    /// Stopped on purpose.
    #[serde(rename = "offline")]
    Offline,
    /// No connection; being retried.
    #[serde(rename = "timeout")]
    Timeout,
    /// Connected but WhatsApp does not finish the start.
    #[serde(rename = "timeout_sync")]
    TimeoutSync,
    /// Another client has taken the session over.
    #[serde(rename = "conflict")]
    Conflict,
    /// WhatsApp has banned the number.
    #[serde(rename = "blocked")]
    Blocked,
    /// It failed for another reason.
    #[serde(rename = "error")]
    Error,
    /// Stopped by the operative hours.
    #[serde(rename = "offline:panel")]
    OfflinePanel,
    /// Stopped by a person.
    #[serde(rename = "offline:modal")]
    OfflineModal,
}

impl SessionState {
    /// The API's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Loading => "loading",
            Self::Authorize => "authorize",
            Self::Authorizing => "authorizing",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Timeout => "timeout",
            Self::TimeoutSync => "timeout_sync",
            Self::Conflict => "conflict",
            Self::Blocked => "blocked",
            Self::Error => "error",
            Self::OfflinePanel => "offline:panel",
            Self::OfflineModal => "offline:modal",
        }
    }

    /// Reads the API's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        serde_json::from_value(serde_json::Value::from(word)).unwrap_or(Self::Error)
    }
}

/// One line of a session's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionLog {
    /// `session:online` and the like.
    pub event: String,
    /// `info`, `warning`, `error`.
    pub level: String,
    /// A sentence.
    pub message: String,
    /// ISO 8601.
    pub created_at: String,
}

/// How a number behaves. Durations are the API's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceSettings {
    /// Reconnects by the clock.
    pub reboot_policy: String,
    /// How long messages are kept.
    pub retention_policy: String,
    /// Messages a minute; 0 is as fast as WhatsApp takes them.
    pub delivery_speed: f64,
    /// When its team works.
    pub operative_hours: OperativeHours,
}

impl Default for DeviceSettings {
    fn default() -> Self {
        Self {
            reboot_policy: "disabled".to_owned(),
            retention_policy: "plan_defaults".to_owned(),
            delivery_speed: 0.0,
            operative_hours: OperativeHours::default(),
        }
    }
}

/// What waits to be sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueView {
    /// `active` takes and sends, `pause` takes and does not send, `reject` sends and takes no more, `freeze` does
    /// neither.
    pub status: String,
    /// When a person last changed it.
    pub status_updated_at: Option<String>,
    /// Messages waiting or on their way.
    pub messages: i64,
    /// Of these, for a later time.
    pub scheduled: i64,
    /// Of these, on their way right now.
    pub processing: i64,
    /// Same as `messages`, as older clients read it.
    pub size: i64,
    /// Why nothing, or not everything, leaves right now.
    pub reason: Option<String>,
    /// Until when WhatsApp's refusals hold it back.
    pub held_until: Option<String>,
}

/// What clients read to see that a number is usable.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Billing {
    /// The subscription.
    pub subscription: Subscription,
}

/// Honest constants: everything is included and never ends.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// As chosen at creation.
    pub plan: String,
    /// Always `io`, the one that includes everything.
    pub product: &'static str,
    /// Always `active`.
    pub status: &'static str,
    /// Always false.
    pub is_trial: bool,
}

/// A URL to something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Link {
    /// HTTP method.
    pub method: &'static str,
    /// Path on this server.
    pub url: String,
}

/// What is remembered of a session besides its state, in the `session` column.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionFacts {
    /// The link is to another number than before.
    pub new_number: bool,
    /// Why it stands where it stands.
    pub error: Option<String>,
    /// When it last came online.
    pub online_at: Option<i64>,
    /// When it was last compared with WhatsApp.
    pub synced_at: Option<i64>,
    /// How long that took, milliseconds.
    pub synced_ms: Option<i64>,
    /// When it was linked.
    pub linked_at: Option<i64>,
    /// End of the code or QR that is out.
    pub code_expires_at: Option<i64>,
    /// What WhatsApp does not let the account do right now.
    pub restriction: Option<String>,
    /// When a ban ends by itself.
    pub banned_until: Option<i64>,
}

impl SessionFacts {
    /// From a row.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(row: &DeviceRow) -> Result<Self> {
        serde_json::from_str(&row.session).map_err(Error::internal)
    }

    /// Into a row's column.
    #[must_use]
    pub fn to_column(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

impl DeviceRef {
    /// The short form of a row.
    #[must_use]
    pub fn of(row: &DeviceRow) -> Self {
        Self {
            id: row.id.to_string(),
            phone: row.phone.clone(),
            alias: row.alias.clone(),
            plan: row.plan.clone(),
            version: 2,
        }
    }
}

impl Device {
    /// Joins a row with what belongs to it.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(row: &DeviceRow, logs: Vec<SessionLogRow>, queue: QueueView, now: i64) -> Result<Self> {
        let facts = SessionFacts::of(row)?;
        let settings: DeviceSettings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
        let state = SessionState::from_word(&row.session_status);
        let uptime = match (state, facts.online_at) {
            (SessionState::Online, Some(since)) => (now - since).max(0),
            _ => 0,
        };
        Ok(Self {
            id: row.id.to_string(),
            phone: row.phone.clone(),
            wid: row.wid.clone(),
            lid: row.lid.clone(),
            alias: row.alias.clone(),
            description: row.description.clone(),
            connector: "web",
            version: 2,
            plan: row.plan.clone(),
            account: row.account_id.to_string(),
            user: Ref { id: row.created_by.clone() },
            status: row.status.clone(),
            session: Some(Session {
                status: state,
                uptime,
                new_number: facts.new_number,
                error: facts.error,
                last_online_at: facts.online_at.map(iso),
                last_sync_at: facts.synced_at.map(iso),
                linked_at: facts.linked_at.map(iso),
                code_expires_at: facts.code_expires_at.filter(|at| *at > now).map(iso),
                logs: logs
                    .into_iter()
                    .map(|l| SessionLog {
                        event: l.event,
                        level: l.level,
                        message: l.message,
                        created_at: iso(l.created_at),
                    })
                    .collect(),
            }),
            settings,
            auto_assign: AutoAssign::of(row)?,
            auto_replies: AutoReplies::of(row)?,
            profile: Some(Profile { name: row.push_name.clone(), ..Profile::default() }),
            queue: Some(queue),
            billing: Billing {
                subscription: Subscription { plan: row.plan.clone(), product: "io", status: "active", is_trial: false },
            },
            agents: None,
            quick_replies: None,
            catalog: None,
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
        })
    }
}
