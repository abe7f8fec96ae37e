//! WhatsApp numbers: what an account calls its devices.

mod automatic;
mod idempotency;
mod rules;
mod session_event;

use sparkbot_store::Writing;
pub use sparkbot_store::rows::DeviceFilter;
use sparkbot_store::rows::DeviceRow;

use crate::app::Core;
use crate::assignment::AutoAssignChange;
use crate::auto_replies::AutoRepliesChange;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::page::Page;
use crate::phone::Phone;
use crate::profile;
use crate::queue::queue_view;
use crate::quick_replies::{self, QuickReplyFilter};
use crate::sessions;
use crate::team;
use crate::views::{Device, DeviceQuickReplies, DeviceSettings, SessionFacts, SessionState};
use crate::wid::Wid;

pub use automatic::OperativeHoursChange;
pub use idempotency::Idempotency;
pub use rules::{PLANS, REBOOT_POLICIES, RETENTION_POLICIES};
use rules::{check_alias, check_description, check_word};
pub(crate) use session_event::{session_event, session_event_with};

/// Quick replies shown with a number: as many as one can have.
const QUICK_REPLIES: i64 = 2000;
/// Chats that one request may delete.
const DELETED_CHATS: usize = 10;

/// What `POST /v1/devices` may say.
#[derive(Debug, Clone, Default)]
pub struct NewDevice {
    /// What people will call it, 1 to 60 characters.
    pub alias: String,
    /// Free text, 300 characters at most.
    pub description: Option<String>,
    /// Accepted for compatibility.
    pub plan: Option<String>,
    /// Ids of team members to give access.
    pub agents: Vec<String>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// What `PATCH /v1/devices/{id}` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct DeviceChanges {
    /// Whether it runs.
    pub enable: Option<bool>,
    /// New alias.
    pub alias: Option<String>,
    /// New description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Accepted for compatibility.
    pub plan: Option<String>,
    /// Webhooks that get only this number's events.
    pub webhooks: Option<Vec<String>>,
    /// New settings, each on its own.
    pub reboot_policy: Option<String>,
    /// How long messages are kept.
    pub retention_policy: Option<String>,
    /// Messages a minute.
    pub delivery_speed: Option<f64>,
    /// When its team works.
    pub operative_hours: Option<OperativeHoursChange>,
    /// What it answers by itself.
    pub auto_replies: Option<AutoRepliesChange>,
    /// Whom it gives chats to by itself.
    pub auto_assign: Option<AutoAssignChange>,
}

/// A page of numbers, oldest first.
///
/// # Errors
/// Without the scope `devices:read`.
pub async fn list(core: &Core, caller: &Caller, filter: DeviceFilter) -> Result<Page<Device>> {
    caller.need(Scope::DevicesRead)?;
    let now = core.now();
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_devices(&filter).await?;
    let mut items = Vec::new();
    let rows = scope.devices(&filter).await?;
    let mut profiles = profile::of_devices(&mut scope, &rows).await?;
    for row in rows {
        let counts = scope.queue_counts(&row.id, now).await?;
        let queue = queue_view(&row, &scope.queue(&row.id).await?, counts, now)?;
        let device = Device::of(&row, Vec::new(), queue, now)?;
        items.push(Device { profile: profiles.remove(&row.id), ..device });
    }
    Ok(Page { items, total })
}

/// What to show along with a number.
#[derive(Debug, Clone, Copy, Default)]
pub struct With {
    /// Who may use it.
    pub agents: bool,
    /// The texts that its team keeps at hand.
    pub quick_replies: bool,
}

/// One number.
///
/// # Errors
/// `device:notfound`; without the scope `team:read` for what belongs to the team.
pub async fn get(core: &Core, caller: &Caller, id: &DeviceId, with: With) -> Result<Device> {
    caller.need(Scope::DevicesRead)?;
    let mut device = view(core, &caller.account, id).await?;
    if with.agents {
        device.agents = Some(team::agents_of_number(core, caller, id).await?);
    }
    if with.quick_replies {
        let filter = QuickReplyFilter { size: QUICK_REPLIES, ..QuickReplyFilter::default() };
        let entries = quick_replies::list(core, caller, id, filter).await?.items;
        device.quick_replies = Some(DeviceQuickReplies { entries });
    }
    Ok(device)
}

/// One number, without asking whether the caller may see it.
pub(crate) async fn view(core: &Core, account: &AccountId, id: &DeviceId) -> Result<Device> {
    let now = core.now();
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    let row = scope.device(id).await?.ok_or_else(|| not_found(id))?;
    let logs = scope.session_logs(id, 50).await?;
    let counts = scope.queue_counts(id, now).await?;
    let queue = queue_view(&row, &scope.queue(id).await?, counts, now)?;
    let profile = profile::of_devices(&mut scope, std::slice::from_ref(&row)).await?.remove(id);
    Ok(Device { profile, ..Device::of(&row, logs, queue, now)? })
}

/// The row of a number of this account.
pub(crate) async fn row(core: &Core, account: &AccountId, id: &DeviceId) -> Result<DeviceRow> {
    core.store().read().await?.account(account).device(id).await?.ok_or_else(|| not_found(id))
}

pub(crate) fn not_found(id: &DeviceId) -> Error {
    Error::not_found("device:notfound", format!("There is no WhatsApp number {id} in this account."))
        .hint("GET /v1/devices lists the numbers and their ids.")
}

/// For a number of the account that the caller has no access to.
pub(crate) fn forbidden(id: &str) -> Error {
    Error::new(Kind::Forbidden, "device:forbidden", format!("You have no access to the WhatsApp number {id}."))
        .hint("Somebody who manages the team can grant it with PATCH /v1/devices/{id}/team.")
}

/// Makes a number; it is `pending` until it is linked.
///
/// # Errors
/// For an empty or too long alias.
pub async fn create(core: &Core, caller: &Caller, new: NewDevice) -> Result<Device> {
    caller.need(Scope::DevicesManage)?;
    let alias = check_alias(&new.alias)?;
    let description = new.description.as_deref().map(check_description).transpose()?.flatten();
    let plan = check_word("plan", new.plan.as_deref().unwrap_or("professional"), PLANS)?;
    let now = core.now();
    let device = DeviceRow {
        id: DeviceId::new(now),
        account_id: caller.account.clone(),
        alias,
        description,
        plan,
        status: "pending".to_owned(),
        session_status: SessionState::New.word().to_owned(),
        phone: None,
        wid: None,
        lid: None,
        push_name: None,
        wanted: "running".to_owned(),
        settings: serde_json::to_string(&DeviceSettings::default()).map_err(Error::internal)?,
        auto_replies: "{}".to_owned(),
        auto_assign: "{}".to_owned(),
        session: SessionFacts::default().to_column(),
        created_by: caller.user.to_string(),
        created_at: now,
        updated_at: now,
        removed_at: None,
    };
    let account = caller.account.clone();
    let id = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                if let Some(repeat) = &new.idempotency
                    && let Some(id) = repeat.earlier(w, &account).await?
                {
                    return id.parse().map_err(Error::internal);
                }
                w.account(&account).insert_device(&device).await?;
                for agent in &new.agents {
                    let user = team::agent(w, &account, agent).await?;
                    w.account(&account).grant(&user.id, &device.id, now).await?;
                }
                w.touches("device", device.id.as_str(), Some(device.id.as_str()));
                if let Some(repeat) = new.idempotency {
                    repeat.remember(w, &account, device.id.to_string(), now).await?;
                }
                Ok(device.id)
            })
        })
        .await?;
    view(core, &caller.account, &id).await
}

/// Changes a number.
///
/// # Errors
/// `device:notfound`, or for values out of range.
pub async fn update(core: &Core, caller: &Caller, id: &DeviceId, changes: DeviceChanges) -> Result<Device> {
    caller.need(Scope::DevicesWrite)?;
    let alias = changes.alias.as_deref().map(check_alias).transpose()?;
    let description = match &changes.description {
        Some(Some(text)) => Some(check_description(text)?),
        Some(None) => Some(None),
        None => None,
    };
    let plan = changes.plan.as_deref().map(|p| check_word("plan", p, PLANS)).transpose()?;
    let reboot = changes
        .reboot_policy
        .as_deref()
        .map(|p| check_word("settings.rebootPolicy", p, REBOOT_POLICIES))
        .transpose()?;
    let retention = changes
        .retention_policy
        .as_deref()
        .map(|p| check_word("settings.retentionPolicy", p, RETENTION_POLICIES))
        .transpose()?;
    if let Some(speed) = changes.delivery_speed
        && !(0.0..=150.0).contains(&speed)
    {
        return Err(Error::invalid(
            "device:settings",
            format!("settings.deliverySpeed is {speed}; it is messages a minute from 0.1 to 150, or 0 for no limit."),
        ));
    }
    let automatic = automatic::Automatic {
        hours: changes.operative_hours,
        replies: changes.auto_replies,
        assign: changes.auto_assign,
    };
    let user = caller.user.to_string();
    let (account, device, now, enable) = (caller.account.clone(), id.clone(), core.now(), changes.enable);
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                if let Some(alias) = alias {
                    row.alias = alias;
                }
                if let Some(description) = description {
                    row.description = description;
                }
                if let Some(plan) = plan {
                    row.plan = plan;
                }
                let mut settings: DeviceSettings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
                settings.reboot_policy = reboot.unwrap_or(settings.reboot_policy);
                settings.retention_policy = retention.unwrap_or(settings.retention_policy);
                settings.delivery_speed = changes.delivery_speed.unwrap_or(settings.delivery_speed);
                automatic.put(w, &mut row, &mut settings.operative_hours, &user, now).await?;
                row.settings = serde_json::to_string(&settings).map_err(Error::internal)?;
                match changes.enable {
                    Some(true) if row.status == "disabled" => {
                        row.status = if row.wid.is_some() { "operative" } else { "pending" }.to_owned();
                        row.wanted = "running".to_owned();
                    }
                    Some(false) if row.status != "disabled" => {
                        row.status = "disabled".to_owned();
                        row.wanted = "stopped".to_owned();
                    }
                    _ => {}
                }
                row.updated_at = now;
                w.account(&account).update_device(&row).await?;
                for webhook in changes.webhooks.unwrap_or_default() {
                    bind_webhook(w, &account, &device, &webhook, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    match enable {
        Some(true) => sessions::resume(core, &caller.account, id).await?,
        Some(false) => sessions::suspend(core, &caller.account, id, SessionState::OfflineModal, "disabled").await?,
        None => {}
    }
    core.sessions().wake(id);
    view(core, &caller.account, id).await
}

/// Deletes a number: it is unlinked on the phone, its session destroyed.
///
/// # Errors
/// `device:notfound`.
pub async fn delete(core: &Core, caller: &Caller, id: &DeviceId) -> Result<()> {
    caller.need(Scope::DevicesManage)?;
    row(core, &caller.account, id).await?;
    sessions::destroy(core, &caller.account, id, "deleted").await?;
    let (account, device, now) = (caller.account.clone(), id.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                row.status = "removed".to_owned();
                row.wanted = "stopped".to_owned();
                row.removed_at = Some(now);
                row.updated_at = now;
                w.account(&account).update_device(&row).await?;
                crate::outbound::remove_waiting(w, &row, "The number was deleted.", now).await?;
                crate::chats::forget_all(w, &account, &device, now).await?;
                w.account(&account).delete_contacts(&device).await?;
                w.account(&account).delete_groups(&device).await?;
                w.account(&account).delete_channels(&device).await?;
                w.account(&account).delete_profile(&device).await?;
                w.account(&account).delete_catalogs(&device).await?;
                w.account(&account).delete_labels(&device).await?;
                w.account(&account).delete_status_audiences(&device).await?;
                session_event(w, &row, "removed", "The number was deleted.", now).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    core.sessions().forget(id);
    Ok(())
}

/// Deletes the chats with these phone numbers, on this server only; how many there were.
///
/// # Errors
/// `device:notfound`, `phone:invalid`.
pub async fn delete_chats(core: &Core, caller: &Caller, id: &DeviceId, phones: &[String]) -> Result<u64> {
    caller.need(Scope::DevicesWrite)?;
    if phones.is_empty() || phones.len() > DELETED_CHATS {
        return Err(Error::invalid(
            "chats:count",
            format!("{} phone numbers were given; one request deletes 1 to {DELETED_CHATS} chats.", phones.len()),
        ));
    }
    let mut chats = Vec::with_capacity(phones.len());
    for text in phones {
        let wid = match text.parse::<Wid>() {
            Ok(wid) => wid,
            Err(_) => Wid::user(&Phone::parse(text).map_err(|e| Error::invalid("phone:invalid", format!("{e}.")))?),
        };
        chats.push(wid.to_string());
    }
    row(core, &caller.account, id).await?;
    let mut deleted = 0;
    for chat in chats {
        let (account, device, now) = (caller.account.clone(), id.clone(), core.now());
        let by = crate::chats::By::user(&caller.user);
        deleted += core
            .store()
            .write(move |w| {
                Box::pin(
                    async move { crate::chats::forget(w, &account, &device, &chat, &by, now).await.map(u64::from) },
                )
            })
            .await?;
    }
    Ok(deleted)
}

async fn bind_webhook(w: &mut Writing, account: &AccountId, device: &DeviceId, webhook: &str, now: i64) -> Result<()> {
    let missing = || Error::invalid("webhook:notfound", format!("There is no webhook '{webhook}' in this account."));
    let id = webhook.parse().map_err(|_| missing())?;
    let mut row = w.account(account).webhook(&id).await?.ok_or_else(missing)?;
    row.device_id = Some(device.to_string());
    row.updated_at = now;
    w.account(account).update_webhook(&row).await?;
    Ok(())
}
