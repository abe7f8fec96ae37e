//! Campaigns: one message to many people, each exactly once.
//!
//! * [`manage`], [`contacts`], [`import`]: what people do with them. [`state`]: what they may do when.
//! * [`settings`], [`hours`], [`pace`]: when and how fast. [`template`]: what each person reads.
//! * [`runner`] looks at campaigns that run, [`release`] puts the next people into the queues of their numbers as [`maker`]
//!   makes their messages, [`numbers`] says which of them can take some.
//! * [`follow`] writes what became of a message, [`replies`] what people answer, [`exclusions`] who gets none any more.
//! * [`statistics`] keeps the figures, [`tell`] tells of changes.
//!
//! A campaign uses the ordinary queue: its people become messages of the number
//! that sends them, few at a time. The message and the person's new state are
//! written in one transaction, and the message's reference, made of campaign and
//! person, is unique in the database: whenever the server dies, everybody is
//! either still waiting or has exactly one message.

mod contacts;
mod exclusions;
mod follow;
mod hours;
mod import;
mod maker;
mod manage;
mod numbers;
mod pace;
mod release;
mod replies;
mod runner;
mod settings;
mod state;
mod statistics;
mod tell;
mod template;

use sparkbot_store::Writing;
pub use sparkbot_store::rows::{CampaignContactFilter, CampaignFilter, ExclusionFilter};
use sparkbot_store::rows::{CampaignDeviceRow, CampaignRow};

use crate::app::Core;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{AccountId, CampaignId, DeviceId};
use crate::keys::Caller;
use crate::outbound::MediaEntry;

pub use contacts::{Removal, Removed, contacts, named, remove};
pub use exclusions::{exclude, excluded, include};
pub(crate) use follow::follow;
pub use import::{Import, ImportReport, NewContact, Pick, Rejected, import};
pub use manage::{act, create, delete, get, list, update};
pub(crate) use replies::heard;
pub(crate) use runner::{Campaigns, start};
pub use settings::{Hours, Settings, Unsubscribe};
pub use state::{ACTIONS, STATUSES};

/// `source` of the messages of campaigns.
pub(crate) const SOURCE: &str = "campaign";
/// Numbers of one campaign at most.
const NUMBERS: usize = 50;

/// What `POST /v1/campaigns` says.
#[derive(Debug, Clone, Default)]
pub struct NewCampaign {
    /// 1 to 60 characters.
    pub name: String,
    /// The numbers that send it, 1 to 50.
    pub devices: Vec<DeviceId>,
    /// Whose business it is, by id or email; who asks when absent.
    pub owner: Option<String>,
    /// Text or caption.
    pub message: Option<String>,
    /// A file.
    pub media: Option<MediaEntry>,
    /// When and how fast.
    pub settings: Settings,
    /// How people opt out.
    pub unsubscribe: Unsubscribe,
    /// Who gets it.
    pub contacts: Option<Import>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<devices::Idempotency>,
}

/// What `PATCH /v1/campaigns/{id}` may change; absent stays, `Some(None)` removes.
#[derive(Debug, Clone, Default)]
pub struct CampaignChanges {
    /// New name.
    pub name: Option<String>,
    /// Other numbers.
    pub devices: Option<Vec<DeviceId>>,
    /// Somebody else's business.
    pub owner: Option<String>,
    /// New text.
    pub message: Option<Option<String>>,
    /// New file.
    pub media: Option<Option<MediaEntry>>,
    /// New pace.
    pub speed: Option<f64>,
    /// New start.
    pub date: Option<Option<String>>,
    /// New end.
    pub expiration: Option<Option<String>>,
    /// New time zone.
    pub timezone: Option<String>,
    /// New hours.
    pub hours: Option<Option<Hours>>,
    /// How people opt out, as a whole.
    pub unsubscribe: Option<Unsubscribe>,
}

fn not_found(id: &CampaignId) -> Error {
    Error::not_found("campaign:notfound", format!("There is no campaign {id} in this account."))
        .hint("GET /v1/campaigns lists the campaigns and their ids.")
}

/// A campaign and its numbers, for somebody who may use one of them.
async fn seen(core: &Core, caller: &Caller, id: &CampaignId) -> Result<(CampaignRow, Vec<CampaignDeviceRow>)> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let row = scope.campaign(id).await?.ok_or_else(|| not_found(id))?;
    let devices = scope.campaign_devices(id).await?;
    if !devices.iter().any(|device| caller.numbers.has(&device.device_id)) {
        caller.need_number(&row.device_id)?;
    }
    Ok((row, devices))
}

/// A campaign to be changed, by somebody who may use all of its numbers.
async fn held(w: &mut Writing, caller: &Caller, account: &AccountId, id: &CampaignId) -> Result<CampaignRow> {
    let row = w.account(account).campaign(id).await?.ok_or_else(|| not_found(id))?;
    for device in w.account(account).campaign_devices(id).await? {
        caller.need_number(&device.device_id)?;
    }
    w.touches("campaign", id.as_str(), Some(row.device_id.as_str()));
    Ok(row)
}
