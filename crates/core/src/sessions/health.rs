//! What is measured of a session, and comparing it with WhatsApp.

use std::sync::Arc;

use super::answers::{Health, SyncReport};
use super::observer::settle;
use super::running::{Running, network_error};
use crate::app::Core;
use crate::clock::iso;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::views::{DeviceRef, SessionFacts, SessionState};

/// A live connection hears from WhatsApp at least this often (pings are every
/// 15 to 30 s).
const SILENCE_MS: i64 = 90_000;
/// A clock that is further off than this breaks codes and signatures.
const CLOCK_MS: i64 = 60_000;
/// WhatsApp hands one out per new conversation partner and device.
const FEW_KEYS: u32 = 5;

/// What is measured right now.
///
/// # Errors
/// `device:notfound`.
pub async fn health(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Health> {
    caller.need(Scope::DevicesRead)?;
    let now = core.now();
    let row = devices::row(core, &caller.account, device).await?;
    let facts = SessionFacts::of(&row)?;
    let queue = core.store().read().await?.account(&caller.account).queue_counts(device, now).await?;
    let state = SessionState::from_word(&row.session_status);
    let link = core.sessions().known(device).and_then(|number| number.link());
    let measured = match &link {
        Some(link) => link.health().await,
        None => crate::network::LinkHealth::default(),
    };

    let mut reasons = Vec::new();
    let mut down = false;
    if link.is_none() {
        down = true;
        reasons.push(format!("The session is not running (it is '{}').", state.word()));
    } else if !measured.connected {
        down = true;
        reasons.push("There is no connection to WhatsApp; it is being retried.".to_owned());
    }
    if row.wid.is_none() {
        reasons.push("The number is not linked.".to_owned());
    }
    if let Some(at) = measured.last_frame_at
        && now - at > SILENCE_MS
    {
        reasons.push(format!("Nothing was heard from WhatsApp for {} seconds.", (now - at) / 1000));
    }
    if let Some(offset) = measured.clock_offset_ms
        && offset.abs() > CLOCK_MS
    {
        reasons.push(format!("This machine's clock is off by {} seconds.", offset / 1000));
    }
    if let Some(keys) = measured.server_prekeys
        && keys < FEW_KEYS
    {
        reasons.push(format!("Only {keys} one-time keys are left on WhatsApp's server."));
    }
    if measured.client_version_accepted == Some(false) {
        reasons.push("WhatsApp no longer accepts this client version.".to_owned());
    }
    let restrictions: Vec<String> = facts.restriction.into_iter().collect();
    reasons.extend(restrictions.iter().cloned());
    if let Some(error) = facts.error {
        reasons.push(error);
    }
    Ok(Health {
        status: match (down, reasons.is_empty()) {
            (true, _) => "down",
            (false, true) => "healthy",
            (false, false) => "degraded",
        },
        reasons,
        session: state,
        socket_alive: measured.connected,
        last_frame_at: measured.last_frame_at.map(iso),
        last_sent_at: measured.last_send_at.map(iso),
        queue_length: queue.queued + queue.processing,
        clock_offset_ms: measured.clock_offset_ms,
        server_keys: measured.server_prekeys,
        client_version: measured.client_version,
        client_version_accepted: measured.client_version_accepted,
        restrictions,
        reconnects: measured.reconnects,
        checked_at: iso(now),
    })
}

/// Compares with WhatsApp now.
///
/// # Errors
/// `device:notfound`; `session:offline`.
pub async fn sync(core: &Core, caller: &Caller, device: &DeviceId) -> Result<SyncReport> {
    caller.need(Scope::DevicesRead)?;
    let row = devices::row(core, &caller.account, device).await?;
    let number = core.sessions().number(&caller.account, device, SessionState::from_word(&row.session_status));
    if core.sessions().online(device).is_none() {
        return Err(offline(device, &row.session_status));
    }
    compare(core, &number).await?;
    let row = devices::row(core, &caller.account, device).await?;
    let facts = SessionFacts::of(&row)?;
    Ok(SyncReport {
        status: SessionState::from_word(&row.session_status),
        last_sync_at: facts.synced_at.map(iso),
        last_sync_seconds: facts
            .synced_ms
            .map(|ms| std::time::Duration::from_millis(u64::try_from(ms).unwrap_or(0)).as_secs_f64()),
        device: DeviceRef::of(&row),
    })
}

/// A number that is not online can't do what was asked.
pub(crate) fn offline(device: &DeviceId, state: &str) -> Error {
    Error::new(
        Kind::Unavailable,
        "session:offline",
        format!("The WhatsApp number {device} is not online (its session is '{state}')."),
    )
    .hint("Start it with POST /v1/devices/{id}/start, or link it if it is not linked.")
}

pub(super) async fn compare(core: &Core, number: &Arc<Running>) -> Result<()> {
    let link =
        core.sessions().online(&number.device).ok_or_else(|| offline(&number.device, number.now().state.word()))?;
    let began = core.now();
    link.sync().await.map_err(network_error)?;
    let ended = core.now();
    let state = number.now().state;
    settle(core, number, state, "sync", "Compared with WhatsApp.".to_owned(), move |_, facts| {
        facts.synced_at = Some(ended);
        facts.synced_ms = Some(ended - began);
    })
    .await
}
