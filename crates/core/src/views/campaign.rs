//! A campaign and its people.

use serde::Serialize;
use sparkbot_store::rows::{CampaignContactRow, CampaignCounts, CampaignRow, ExclusionRow};
use utoipa::ToSchema;

use super::{DeviceRef, Ref};
use crate::campaigns::{Settings, Unsubscribe};
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::outbound::MediaEntry;
use crate::wid::Wid;

/// One message to many people.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Campaign {
    /// 24 hexadecimal digits.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `draft`, `pending` (before its date), `processing`, `paused`, `stopped`, `completed`, `incomplete` (its time was
    /// over) or `failed`.
    pub status: String,
    /// Why it stands still or has ended, `area:code`.
    pub failure_reason: Option<String>,
    /// The same in a sentence.
    pub failure_message: Option<String>,
    /// `single` with one number, `multiple` with several.
    pub mode: &'static str,
    /// Where its people come from: `import` or `contacts`.
    pub source: String,
    /// Who made it.
    pub user: Ref,
    /// Whose business it is.
    pub owner: Ref,
    /// The number that sends it, the first of several.
    pub device: DeviceRef,
    /// All numbers that send it.
    pub devices: Vec<DeviceRef>,
    /// Text or caption, with its variables and choices.
    pub message: Option<String>,
    /// The file that goes with it.
    pub media: Option<MediaEntry>,
    /// Id of that file.
    pub file: Option<Ref>,
    /// When it sends, and how fast.
    pub settings: Settings,
    /// How many times slower than `settings.speed` it goes for now, since delivery has fallen.
    pub slowed: i64,
    /// How people opt out.
    pub unsubscribe: Unsubscribe,
    /// How far it is.
    pub stats: CampaignStats,
    /// When it was made, ISO 8601.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it first started.
    pub started_at: Option<String>,
    /// When it was last paused.
    pub paused_at: Option<String>,
    /// When it was last stopped.
    pub stopped_at: Option<String>,
    /// When everybody had their turn.
    pub completed_at: Option<String>,
}

/// How far a campaign is. `total` is the sum of `pending`, `queued`, `sent`, `failed`, `excluded`, `invalid` and `removed`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignStats {
    /// Everybody.
    pub total: i64,
    /// Those who had their turn: `sent`, `failed`, `excluded`, `invalid` and `removed`.
    pub processed: i64,
    /// Those whose turn has not come.
    pub pending: i64,
    /// Those whose message is in a number's queue.
    pub queued: i64,
    /// Those whose message WhatsApp has taken.
    pub sent: i64,
    /// Of them, those whose phone has it.
    pub delivered: i64,
    /// Of them, those who have read it.
    pub read: i64,
    /// Those whose message was given up.
    pub failed: i64,
    /// Those who were left out: `excluded` and `invalid`.
    pub skipped: i64,
    /// Those who have opted out before, or are blocked.
    pub excluded: i64,
    /// Those who are not on WhatsApp.
    pub invalid: i64,
    /// Those whose message was taken out of the queue by hand.
    pub removed: i64,
    /// Those who have answered.
    pub replied: i64,
    /// Those who have opted out by their answer.
    pub opted_out: i64,
}

impl From<CampaignCounts> for CampaignStats {
    fn from(c: CampaignCounts) -> Self {
        Self {
            total: c.total,
            processed: c.sent + c.failed + c.excluded + c.invalid + c.removed,
            pending: c.pending,
            queued: c.queued,
            sent: c.sent,
            delivered: c.delivered,
            read: c.read,
            failed: c.failed,
            skipped: c.excluded + c.invalid,
            excluded: c.excluded,
            invalid: c.invalid,
            removed: c.removed,
            replied: c.replied,
            opted_out: c.opted_out,
        }
    }
}

impl Campaign {
    /// From its row and its numbers, in their order.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(row: CampaignRow, devices: Vec<DeviceRef>) -> Result<Self> {
        let media: Option<MediaEntry> =
            row.media.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
        let first = row.device_id.to_string();
        let device = devices.iter().find(|device| device.id == first).cloned().unwrap_or_else(|| DeviceRef {
            id: first,
            phone: None,
            alias: String::new(),
            plan: String::new(),
            version: 2,
        });
        Ok(Self {
            id: row.id.to_string(),
            name: row.name,
            status: row.status,
            failure_reason: row.reason_code,
            failure_message: row.reason,
            mode: if devices.len() > 1 { "multiple" } else { "single" },
            source: row.source,
            user: Ref { id: row.created_by },
            owner: Ref { id: row.owner },
            device,
            devices,
            message: row.message,
            file: media.as_ref().and_then(|media| media.file.clone()).map(|id| Ref { id }),
            media,
            settings: serde_json::from_str(&row.settings).map_err(Error::internal)?,
            slowed: row.slowed,
            unsubscribe: serde_json::from_str(&row.unsubscribe).map_err(Error::internal)?,
            stats: row.counts.into(),
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
            started_at: row.started_at.map(iso),
            paused_at: row.paused_at.map(iso),
            stopped_at: row.stopped_at.map(iso),
            completed_at: row.completed_at.map(iso),
        })
    }
}

/// Somebody whom a campaign is for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignContact {
    /// 24 hexadecimal digits.
    pub id: String,
    /// The campaign.
    pub campaign: Ref,
    /// Their WhatsApp id.
    pub wid: String,
    /// How they are named: number, group or channel.
    pub target: String,
    /// `user`, `group` or `channel`.
    pub kind: String,
    /// Their number, when it is a person.
    pub phone: Option<String>,
    /// The group, when it is one.
    pub group: Option<String>,
    /// The channel, when it is one.
    pub channel: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// The caller's own id.
    pub reference: Option<String>,
    /// A text of their own, in place of the campaign's.
    pub message: Option<String>,
    /// What is put into the text.
    pub variables: Vec<Variable>,
    /// `pending`, `processing` (in a number's queue), `delivered` (WhatsApp has it; `ack` tells how far it came), `failed`,
    /// `excluded`, `invalid` or `removed`.
    pub status: String,
    /// How far the message came: `pending`, `sent`, `delivered`, `read` or `failed`.
    pub ack: String,
    /// Why not, `area:code`.
    pub error: Option<String>,
    /// The same in a sentence.
    pub error_message: Option<String>,
    /// The number that sent it, or whose turn it was.
    pub device: Option<Ref>,
    /// Their message in the queue, for `GET /v1/messages/{id}`.
    pub message_id: Option<String>,
    /// Tries after the first.
    pub retries: i64,
    /// WhatsApp id of the first answer.
    pub reply: Option<String>,
    /// When their state last changed, ISO 8601.
    pub date: String,
    /// When they were added.
    pub created_at: String,
    /// When the message entered the queue.
    pub queued_at: Option<String>,
    /// When WhatsApp took it.
    pub sent_at: Option<String>,
    /// When their phone had it.
    pub delivered_at: Option<String>,
    /// When they read it.
    pub read_at: Option<String>,
    /// When it was given up.
    pub failed_at: Option<String>,
    /// When they first answered.
    pub replied_at: Option<String>,
    /// When they opted out.
    pub opted_out_at: Option<String>,
}

/// What is put into a text for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignVariable)]
pub struct Variable {
    /// Its name in the text, 1 to 40 letters, digits, spaces, `_`, `-` and `.`; case does not matter.
    #[schema(min_length = 1, max_length = 40)]
    pub key: String,
    /// What stands there, 1,000 characters at most.
    #[schema(max_length = 1000)]
    pub value: String,
}

impl CampaignContact {
    /// From its row.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(row: CampaignContactRow) -> Result<Self> {
        let wid: Wid = row.wid.parse().map_err(Error::internal)?;
        let phone = wid.phone().map(String::from);
        Ok(Self {
            id: row.id.to_string(),
            campaign: Ref { id: row.campaign_id.to_string() },
            target: phone.clone().unwrap_or_else(|| row.wid.clone()),
            phone,
            group: (row.kind == "group").then(|| row.wid.clone()),
            channel: (row.kind == "channel").then(|| row.wid.clone()),
            kind: row.kind,
            wid: row.wid,
            name: row.name,
            reference: row.reference,
            message: row.message,
            variables: serde_json::from_str(&row.variables).map_err(Error::internal)?,
            status: row.status,
            ack: row.ack,
            error: row.error,
            error_message: row.error_message,
            device: row.device_id.map(|id| Ref { id }),
            message_id: row.message_id,
            retries: row.retries,
            reply: row.reply,
            date: iso(row.date),
            created_at: iso(row.created_at),
            queued_at: row.queued_at.map(iso),
            sent_at: row.sent_at.map(iso),
            delivered_at: row.delivered_at.map(iso),
            read_at: row.read_at.map(iso),
            failed_at: row.failed_at.map(iso),
            replied_at: row.replied_at.map(iso),
            opted_out_at: row.opted_out_at.map(iso),
        })
    }
}

/// Somebody who gets no campaign any more.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignExclusion {
    /// Their WhatsApp id.
    pub wid: String,
    /// Their number.
    pub phone: Option<String>,
    /// The campaign that they have opted out of; none when somebody of the team has put them here.
    pub campaign: Option<Ref>,
    /// That member of the team.
    pub user: Option<Ref>,
    /// Since when, ISO 8601.
    pub created_at: String,
}

impl From<ExclusionRow> for CampaignExclusion {
    fn from(row: ExclusionRow) -> Self {
        let wid: Option<Wid> = row.wid.parse().ok();
        Self {
            phone: wid.and_then(|wid| wid.phone().map(String::from)),
            wid: row.wid,
            campaign: row.campaign_id.map(|id| Ref { id }),
            user: row.created_by.map(|id| Ref { id }),
            created_at: iso(row.created_at),
        }
    }
}
