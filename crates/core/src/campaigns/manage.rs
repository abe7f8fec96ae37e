//! What people do with campaigns.

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignCounts, CampaignRow};

use super::release::{TAKEN_BACK, set, take_back};
use super::settings::{Settings, Unsubscribe};
use super::state::{self, Action, Status};
use super::tell::{News, tell};
use super::template::Template;
use super::{CampaignChanges, CampaignFilter, Import, ImportReport, NUMBERS, NewCampaign, held, import, seen};
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{AccountId, CampaignId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::outbound::{self, MediaEntry};
use crate::page::Page;
use crate::team;
use crate::views::{Campaign, DeviceRef};

/// Characters of a name at most.
const NAME: usize = 60;

/// A page of campaigns, newest first unless asked otherwise.
///
/// # Errors
/// Without the scope `campaigns:read`.
pub async fn list(core: &Core, caller: &Caller, filter: CampaignFilter) -> Result<Page<Campaign>> {
    caller.need(Scope::CampaignsRead)?;
    let Some(devices) = caller.numbers_of(filter.devices) else { return Ok(Page { items: Vec::new(), total: 0 }) };
    let filter = CampaignFilter { devices, ..filter };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_campaigns(&filter).await?;
    let mut items = Vec::new();
    for row in scope.campaigns(&filter).await? {
        items.push(shown(&mut scope, caller, row).await?);
    }
    Ok(Page { items, total })
}

/// One campaign.
///
/// # Errors
/// `campaign:notfound`, `device:forbidden`.
pub async fn get(core: &Core, caller: &Caller, id: &CampaignId) -> Result<Campaign> {
    caller.need(Scope::CampaignsRead)?;
    now_of(core, caller, id).await
}

/// A campaign as it is now, for whoever has changed it, too.
async fn now_of(core: &Core, caller: &Caller, id: &CampaignId) -> Result<Campaign> {
    let (row, _) = seen(core, caller, id).await?;
    let mut reading = core.store().read().await?;
    shown(&mut reading.account(&caller.account), caller, row).await
}

/// With those of its numbers that the caller may use.
async fn shown(scope: &mut sparkbot_store::rows::Account<'_>, caller: &Caller, row: CampaignRow) -> Result<Campaign> {
    let mut refs = Vec::new();
    for place in scope.campaign_devices(&row.id).await? {
        if place.position >= 0
            && caller.numbers.has(&place.device_id)
            && let Some(device) = scope.device(&place.device_id).await?
        {
            refs.push(DeviceRef::of(&device));
        }
    }
    Campaign::of(row, refs)
}

/// Makes a campaign, a draft until it is started, and fills it.
///
/// # Errors
/// For every value out of range, with the value; `device:notfound`,
/// `agent:notfound`; as for [`import`](super::import()).
pub async fn create(core: &Core, caller: &Caller, new: NewCampaign) -> Result<(Campaign, Option<ImportReport>)> {
    caller.need(Scope::CampaignsWrite)?;
    let now = core.now();
    let name = name(&new.name)?;
    numbers(&new.devices)?;
    new.settings.check(now)?;
    new.unsubscribe.check()?;
    let message = text(new.message);
    let mut media = new.media;
    said(message.as_deref(), media.as_ref())?;
    let rows = new.contacts.as_ref().map(import::read).transpose()?;
    if let Some(media) = &mut media {
        outbound::keep_media(core, caller, media).await?;
    }
    let first = new.devices.first().cloned().ok_or_else(|| Error::internal("a campaign without numbers"))?;
    let row = CampaignRow {
        id: CampaignId::new(now),
        account_id: caller.account.clone(),
        created_by: caller.user.to_string(),
        owner: caller.user.to_string(),
        device_id: first,
        name,
        source: if matches!(new.contacts, Some(Import::Pick(_))) { "contacts" } else { "import" }.to_owned(),
        status: Status::Draft.word().to_owned(),
        reason_code: None,
        reason: None,
        message,
        media: media.map(|media| column(&media)).transpose()?,
        settings: column(&new.settings)?,
        unsubscribe: column(&new.unsubscribe)?,
        slowed: 1,
        next_at: None,
        checked_at: 0,
        healthy_since: 0,
        counts: CampaignCounts::default(),
        started_at: None,
        paused_at: None,
        stopped_at: None,
        completed_at: None,
        removed_at: None,
        created_at: now,
        updated_at: now,
    };
    let (account, devices) = (caller.account.clone(), new.devices);
    let id = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                if let Some(repeat) = &new.idempotency
                    && let Some(id) = repeat.earlier(w, &account).await?
                {
                    return id.parse().map_err(Error::internal);
                }
                let mut row = row;
                if let Some(owner) = &new.owner {
                    row.owner = team::agent(w, &account, owner).await?.id.to_string();
                }
                known(w, &account, &devices).await?;
                w.account(&account).insert_campaign(&row).await?;
                w.account(&account).set_campaign_devices(&row.id, &devices).await?;
                tell(w, &row, News { changes: &["created"], ..News::default() }, now).await?;
                if let Some(repeat) = new.idempotency {
                    repeat.remember(w, &account, row.id.to_string(), now).await?;
                }
                Ok::<_, Error>(row.id)
            })
        })
        .await?;
    let report = match (rows, new.contacts) {
        (Some(rows), _) => Some(import::add(core, caller, &id, rows).await?),
        _ => None,
    };
    Ok((now_of(core, caller, &id).await?, report))
}

/// Changes a campaign. While it runs only its name and owner can change.
///
/// # Errors
/// `campaign:notfound`, `campaign:running`; as for a new one.
pub async fn update(core: &Core, caller: &Caller, id: &CampaignId, changes: CampaignChanges) -> Result<Campaign> {
    caller.need(Scope::CampaignsWrite)?;
    let now = core.now();
    let name = changes.name.as_deref().map(name).transpose()?;
    changes.devices.as_deref().map_or(Ok(()), numbers)?;
    changes.unsubscribe.as_ref().map_or(Ok(()), Unsubscribe::check)?;
    seen(core, caller, id).await?;
    let media = match changes.media {
        Some(Some(mut media)) => {
            said(None, Some(&media))?;
            outbound::keep_media(core, caller, &mut media).await?;
            Some(Some(media))
        }
        other => other,
    };
    let (caller, account, id) = (caller.clone(), caller.account.clone(), id.clone());
    let asker = caller.clone();
    let shown = id.clone();
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = held(w, &caller, &account, &id).await?;
                let status: Status = row.status.parse()?;
                let mut words = Vec::new();
                if let Some(name) = name {
                    row.name = name;
                    words.push("name");
                }
                if let Some(owner) = &changes.owner {
                    row.owner = team::agent(w, &account, owner).await?.id.to_string();
                    words.push("owner");
                }
                let harmless = words.len();
                if let Some(devices) = &changes.devices {
                    known(w, &account, devices).await?;
                    row.device_id.clone_from(&devices[0]);
                    words.push("devices");
                }
                if let Some(message) = changes.message {
                    row.message = text(message);
                    words.push("message");
                }
                let mut entry: Option<MediaEntry> =
                    row.media.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
                if let Some(media) = media {
                    entry = media;
                    words.push("media");
                }
                said(row.message.as_deref(), entry.as_ref())?;
                row.media = entry.map(|media| column(&media)).transpose()?;
                let mut settings: Settings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
                let before = settings.clone();
                settings.speed = changes.speed.unwrap_or(settings.speed);
                settings.date = changes.date.unwrap_or(settings.date);
                settings.expiration = changes.expiration.unwrap_or(settings.expiration);
                settings.timezone = changes.timezone.unwrap_or(settings.timezone);
                settings.hours = changes.hours.unwrap_or(settings.hours);
                if settings != before {
                    settings.check(now)?;
                    row.settings = column(&settings)?;
                    words.push("settings");
                }
                if let Some(unsubscribe) = &changes.unsubscribe {
                    row.unsubscribe = column(unsubscribe)?;
                    words.push("unsubscribe");
                }
                if words.len() > harmless && status == Status::Processing {
                    return Err(Error::conflict(
                        "campaign:running",
                        format!(
                            "The campaign {id} is sending; {} can't change meanwhile.",
                            words[harmless..].join(", ")
                        ),
                    )
                    .hint("Pause it first with PUT /v1/campaigns/{id}/status {\"action\": \"pause\"}.")
                    .with("status", row.status.as_str()));
                }
                if words.is_empty() {
                    return Ok(());
                }
                if status.runs() {
                    row.next_at = Some(now);
                }
                row.updated_at = now;
                w.account(&account).update_campaign(&row).await?;
                if let Some(devices) = &changes.devices {
                    w.account(&account).set_campaign_devices(&id, devices).await?;
                }
                tell(w, &row, News { changes: &words, ..News::default() }, now).await
            })
        })
        .await?;
    core.campaigns().wake();
    now_of(core, &asker, &shown).await
}

/// Starts, pauses, resumes or stops a campaign. When it pauses or stops, what
/// nobody has tried yet is taken back out of the queues, and those people wait
/// again.
///
/// # Errors
/// `campaign:notfound`; `campaign:action` for an unknown action;
/// `campaign:status` for one that is not possible now.
pub async fn act(core: &Core, caller: &Caller, id: &CampaignId, action: &str) -> Result<Campaign> {
    caller.need(Scope::CampaignsWrite)?;
    let action: Action = action.parse()?;
    let now = core.now();
    let (caller, account, id) = (caller.clone(), caller.account.clone(), id.clone());
    let (asker, shown) = (caller.clone(), id.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = held(w, &caller, &account, &id).await?;
                let status: Status = row.status.parse()?;
                let settings: Settings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
                let later = settings.starts_at().is_some_and(|date| date > now);
                let refuse = |sentence: String| {
                    Error::conflict("campaign:status", format!("The campaign {id} can't do that now. {sentence}"))
                        .hint("GET /v1/campaigns/{id} shows how it stands.")
                        .with("status", status.word())
                };
                let Some(next) = state::after(status, action, row.counts.pending, later).map_err(refuse)? else {
                    return Ok(());
                };
                if next.runs() {
                    if settings.ends_at().is_some_and(|end| end <= now) {
                        let end = settings.expiration.unwrap_or_default();
                        return Err(refuse(format!("Its settings.expiration {end} has passed.")));
                    }
                    // A person has looked: it begins anew with the speed it was asked for.
                    row.slowed = 1;
                    row.healthy_since = now;
                    row.checked_at = now;
                    row.next_at = Some(now);
                    w.account(&account).forgive_campaign(&id).await?;
                } else {
                    row.next_at = None;
                    let at = if next == Status::Paused { &mut row.paused_at } else { &mut row.stopped_at };
                    *at = Some(now);
                }
                set(w, &mut row, next, None, now).await?;
                if !next.runs() {
                    while take_back(w, &row, &[], TAKEN_BACK, now).await? == TAKEN_BACK.unsigned_abs() {}
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    core.campaigns().wake();
    now_of(core, &asker, &shown).await
}

/// Deletes a campaign with its people. What is in the queues and was not tried
/// goes with it; who has opted out stays excluded.
///
/// # Errors
/// `campaign:notfound`.
pub async fn delete(core: &Core, caller: &Caller, id: &CampaignId) -> Result<()> {
    caller.need(Scope::CampaignsWrite)?;
    let now = core.now();
    let (caller, account, id) = (caller.clone(), caller.account.clone(), id.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = held(w, &caller, &account, &id).await?;
                while take_back(w, &row, &[], TAKEN_BACK, now).await? == TAKEN_BACK.unsigned_abs() {}
                row.status = Status::Removed.word().to_owned();
                row.updated_at = now;
                w.account(&account).update_campaign(&row).await?;
                tell(w, &row, News { changes: &["removed"], ..News::default() }, now).await?;
                // Its people are many: the runner deletes them little by little.
                row.removed_at = Some(now);
                row.next_at = Some(now);
                w.account(&account).update_campaign(&row).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    core.campaigns().wake();
    Ok(())
}

/// Its numbers must be there, and the caller's.
async fn known(w: &mut Writing, account: &AccountId, devices: &[DeviceId]) -> Result<()> {
    for device in devices {
        w.account(account).device(device).await?.ok_or_else(|| devices::not_found(device))?;
    }
    Ok(())
}

fn numbers(devices: &[DeviceId]) -> Result<()> {
    let refuse = |sentence: String| Err(Error::invalid("campaign:devices", sentence));
    if devices.is_empty() || devices.len() > NUMBERS {
        return refuse(format!("The campaign has {} numbers; it needs 1 to {NUMBERS}.", devices.len()));
    }
    for (i, device) in devices.iter().enumerate() {
        if devices[..i].contains(device) {
            return refuse(format!("The number {device} is named twice in 'devices'."));
        }
    }
    Ok(())
}

fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > NAME {
        let sentence = format!("The name has {length} characters; a campaign's has 1 to {NAME}.");
        return Err(Error::invalid("campaign:name", sentence));
    }
    Ok(text.to_owned())
}

fn text(message: Option<String>) -> Option<String> {
    message.filter(|text| !text.trim().is_empty())
}

/// Refuses a text and a file that make no message, or a text that can't be read.
fn said(message: Option<&str>, media: Option<&MediaEntry>) -> Result<()> {
    if let Some(text) = message {
        Template::parse(text)?;
    }
    if message.is_none() && media.is_none() {
        // Its people may have texts of their own.
        return Ok(());
    }
    outbound::check_own(message, media)
}

fn column(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
