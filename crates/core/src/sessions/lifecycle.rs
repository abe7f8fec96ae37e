//! Starting, stopping and destroying sessions.

use std::sync::Arc;
use std::time::Duration;

use super::answers::{Reboot, Reset};
use super::observer::settle;
use super::running::{Running, protocol_state, renew_leases};
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::views::{Device, SessionState};

/// How long `wait` holds the answer of start and reboot.
const START_WAIT: Duration = Duration::from_secs(90);
/// How long `wait` holds the answer of reset.
const RESET_WAIT: Duration = Duration::from_secs(120);
/// How long the phone may take to drop a companion.
const LOGOUT_WAIT: Duration = Duration::from_secs(10);

/// Starts a stopped session.
///
/// # Errors
/// `device:notfound`, `device:disabled`.
pub async fn start(core: &Core, caller: &Caller, device: &DeviceId, wait: bool) -> Result<Device> {
    caller.need(Scope::DevicesWrite)?;
    let row = devices::row(core, &caller.account, device).await?;
    if row.status == "disabled" {
        return Err(Error::conflict("device:disabled", format!("The WhatsApp number {device} is disabled."))
            .hint("Enable it with PATCH /v1/devices/{id} {\"enable\": true}."));
    }
    let number = known(core, &caller.account, device).await?;
    {
        let _turn = number.turn.lock().await;
        wanted(core, &number, "running").await?;
        begin(core, &number).await?;
    }
    if wait {
        number.wait_for(START_WAIT, |live| settled(live.state)).await;
    }
    devices::view(core, &caller.account, device).await
}

/// Closes and reopens the socket; everything is kept.
///
/// # Errors
/// `device:notfound`; `session:not_running` without `force`.
pub async fn reboot(core: &Core, caller: &Caller, device: &DeviceId, options: Reboot) -> Result<Device> {
    caller.need(Scope::DevicesWrite)?;
    let number = known(core, &caller.account, device).await?;
    {
        let _turn = number.turn.lock().await;
        if number.link().is_none() && !options.force {
            return Err(Error::conflict("session:not_running", "This session is not running.")
                .hint("Start it with POST /v1/devices/{id}/start, or pass force=true."));
        }
        restart(core, &number).await?;
    }
    if options.wait || options.sync {
        number.wait_for(START_WAIT, |live| settled(live.state)).await;
    }
    if options.sync && number.now().state == SessionState::Online {
        super::health::compare(core, &number).await?;
    }
    devices::view(core, &caller.account, device).await
}

/// Destroys the session: the number must be linked anew.
///
/// # Errors
/// `device:notfound`.
pub async fn reset(core: &Core, caller: &Caller, device: &DeviceId, options: Reset) -> Result<Device> {
    caller.need(Scope::DevicesWrite)?;
    let number = known(core, &caller.account, device).await?;
    let work = async {
        let _turn = number.turn.lock().await;
        unlink(core, &number, "the session was reset").await?;
        let (account, id, now) = (caller.account.clone(), device.clone(), core.now());
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    let row = w.account(&account).device(&id).await?.ok_or_else(|| devices::not_found(&id))?;
                    if options.empty_queue {
                        crate::outbound::remove_waiting(w, &row, "The session was reset with its queue.", now).await?;
                    }
                    if options.data {
                        crate::chats::forget_all(w, &account, &id, now).await?;
                        w.account(&account).delete_contacts(&id).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await
    };
    if options.wait {
        tokio::time::timeout(RESET_WAIT, work)
            .await
            .map_err(|_| Error::internal("a reset took more than two minutes"))??;
    } else {
        work.await?;
    }
    devices::view(core, &caller.account, device).await
}

/// Whether waiting any longer is pointless.
fn settled(state: SessionState) -> bool {
    !matches!(state, SessionState::Loading | SessionState::Authorizing | SessionState::New | SessionState::Timeout)
}

async fn known(core: &Core, account: &AccountId, device: &DeviceId) -> Result<Arc<Running>> {
    let row = devices::row(core, account, device).await?;
    Ok(core.sessions().number(account, device, SessionState::from_word(&row.session_status)))
}

/// Opens a session whose turn is ours.
async fn begin(core: &Core, number: &Arc<Running>) -> Result<()> {
    if number.link().is_none() {
        settle(core, number, SessionState::Loading, "start", "The session is starting.".to_owned(), |_, _| {}).await?;
        number.open(core).await?;
    }
    Ok(())
}

async fn restart(core: &Core, number: &Arc<Running>) -> Result<()> {
    number.close().await;
    settle(core, number, SessionState::Loading, "reboot", "The session is being rebooted.".to_owned(), |_, _| {})
        .await?;
    number.open(core).await?;
    Ok(())
}

/// Reboots a session that runs, as its policy asks.
pub(super) async fn reboot_by_policy(core: &Core, number: &Arc<Running>) -> Result<()> {
    let _turn = number.turn.lock().await;
    if number.link().is_some() { restart(core, number).await } else { Ok(()) }
}

/// Starts a session again whose ban is over.
pub(super) async fn after_ban(core: &Core, number: &Arc<Running>) -> Result<()> {
    let _turn = number.turn.lock().await;
    if number.link().is_some() {
        return Ok(());
    }
    let text = "WhatsApp's ban is over; the session is starting.".to_owned();
    settle(core, number, SessionState::Loading, "ban_over", text, |row, facts| {
        facts.banned_until = None;
        facts.error = None;
        "authorized".clone_into(&mut row.status);
    })
    .await?;
    number.open(core).await.map(drop)
}

/// Removes this companion from the phone's list, as far as the phone can be
/// reached, and destroys the protocol state. Chats stay. The caller holds the
/// turn.
pub(super) async fn unlink(core: &Core, number: &Arc<Running>, why: &'static str) -> Result<()> {
    let linked = devices::row(core, &number.account, &number.device).await?.wid.is_some();
    if linked {
        let farewell = async {
            let link = number.open(core).await?;
            number.wait_for(LOGOUT_WAIT, |live| live.state == SessionState::Online).await;
            link.logout().await.map_err(super::running::network_error)
        };
        match tokio::time::timeout(LOGOUT_WAIT * 2, farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(device = %number.device, error = %error, "the phone could not be told; it shows the companion until it expires");
            }
            Err(_) => {
                tracing::warn!(device = %number.device, "the phone did not answer; it shows the companion until it expires");
            }
        }
    }
    number.close().await;
    protocol_state(core, &number.device).await?.clear().await?;
    let text = format!("The session was destroyed: {why}.");
    settle(core, number, SessionState::New, "reset", text, |row, facts| {
        row.wid = None;
        row.lid = None;
        if row.status != "disabled" {
            row.status = "pending".to_owned();
        }
        facts.error = None;
        facts.online_at = None;
        facts.linked_at = None;
        facts.code_expires_at = None;
        facts.restriction = None;
    })
    .await
}

/// Destroys a session for good, for a number that is being deleted.
pub(crate) async fn destroy(core: &Core, account: &AccountId, device: &DeviceId, why: &'static str) -> Result<()> {
    let number = known(core, account, device).await?;
    let _turn = number.turn.lock().await;
    unlink(core, &number, why).await
}

/// Starts a number that was enabled, if it is linked.
pub(crate) async fn resume(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let number = known(core, account, device).await?;
    let _turn = number.turn.lock().await;
    if devices::row(core, account, device).await?.wid.is_some() {
        begin(core, &number).await?;
    }
    Ok(())
}

/// Stops a number without destroying anything.
pub(crate) async fn suspend(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    state: SessionState,
    why: &'static str,
) -> Result<()> {
    let number = known(core, account, device).await?;
    let _turn = number.turn.lock().await;
    if number.link().is_none() && number.now().state == state {
        return Ok(());
    }
    number.close().await;
    settle(core, &number, state, "stopped", format!("The session was stopped: {why}."), |_, _| {}).await
}

async fn wanted(core: &Core, number: &Arc<Running>, wanted: &'static str) -> Result<()> {
    let (account, device) = (number.account.clone(), number.device.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = w.account(&account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                wanted.clone_into(&mut row.wanted);
                w.account(&account).update_device(&row).await.map_err(Error::from)
            })
        })
        .await
}

/// Before anybody is answered: what a server that died has left as online is
/// not. That it is being connected is told when it is.
///
/// # Errors
/// As the database answers.
pub async fn nobody_is_online(core: &Core) -> Result<()> {
    let (node, now) = (core.settings().node.clone(), core.now());
    let left = core
        .store()
        .write(move |w| Box::pin(async move { w.server().nobody_is_online(&node, now).await.map_err(Error::from) }))
        .await?;
    if left > 0 {
        tracing::info!(numbers = left, "numbers that were online when the server ended are connected again");
    }
    Ok(())
}

/// Brings every number up that is linked and wanted.
pub(crate) async fn start_all(core: &Core) -> Result<()> {
    core.spawn(renew_leases(core.clone()));
    core.spawn(super::policy::follow_the_clock(core.clone()));
    let rows = core.store().read().await?.server().all_devices().await?;
    for row in rows {
        let number = core.sessions().number(&row.account_id, &row.id, SessionState::from_word(&row.session_status));
        let (id, node, now) = (row.id.clone(), core.settings().node.clone(), core.now());
        // What was on its way when the server died goes again, under the same id.
        core.store()
            .write(move |w| {
                Box::pin(async move { w.server().requeue_processing(&id, &node, now).await.map_err(Error::from) })
            })
            .await?;
        if row.wanted != "running" {
            continue;
        }
        let core = core.clone();
        core.clone().spawn(async move {
            if let Err(error) = bring_up(&core, &number).await {
                tracing::error!(device = %number.device, error = %error, "a number could not be started");
            }
        });
    }
    Ok(())
}

async fn bring_up(core: &Core, number: &Arc<Running>) -> Result<()> {
    let _turn = number.turn.lock().await;
    if core.stopping().is_cancelled() || number.link().is_some() {
        return Ok(());
    }
    let row = devices::row(core, &number.account, &number.device).await?;
    let ended = matches!(number.now().state, SessionState::Conflict | SessionState::Blocked);
    if ended {
        return Ok(());
    }
    // The server may have died between the phone's word and its row.
    let linked = row.wid.is_some() || has_credentials(core, number).await?;
    if linked {
        number.open(core).await?;
    } else if matches!(number.now().state, SessionState::Authorize | SessionState::Authorizing | SessionState::Loading)
    {
        // A code or QR that was out went down with the server.
        let text = "Linking was interrupted by a restart; ask for a new code.".to_owned();
        settle(core, number, SessionState::New, "interrupted", text, |_, facts| facts.code_expires_at = None).await?;
    }
    Ok(())
}

async fn has_credentials(core: &Core, number: &Arc<Running>) -> Result<bool> {
    // The reading ends here: a task that holds one and waits for the writer can
    // stop everybody.
    let any = core.store().read().await?.server().has_session_state(&number.device).await?;
    if !any {
        return Ok(false);
    }
    core.sessions().is_linked(&protocol_state(core, &number.device).await?).await
}

/// Closes every session; they come up again at the next start.
pub(crate) async fn stop_all(core: &Core) {
    let numbers = core.sessions().all();
    futures_util::future::join_all(numbers.iter().map(|number| async {
        let _turn = number.turn.lock().await;
        number.close().await;
    }))
    .await;
}
