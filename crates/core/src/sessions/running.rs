//! The numbers that this node drives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sparkbot_store::session_state::SessionState as ProtocolState;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::observer::SessionObserver;
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::{Link, Millis, Network, NetworkError};
use crate::phone::Phone;
use crate::views::SessionState;

/// A lease lives this long unless it is renewed.
const LEASE: Duration = Duration::from_secs(60);

/// The running numbers of this node.
pub struct Sessions {
    network: Arc<dyn Network>,
    numbers: Mutex<HashMap<DeviceId, Arc<Running>>>,
}

/// A number as this node knows it, running or not.
pub(crate) struct Running {
    pub(crate) device: DeviceId,
    pub(crate) account: AccountId,
    /// Held while the session is started, linked or ended, so that two requests
    /// at once see one another's outcome.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Fires when there may be something to send.
    pub(crate) wake: Notify,
    /// Where that may be.
    pub(crate) fresh: crate::outbound::Fresh,
    /// Fires when there is history to write.
    pub(crate) past: Notify,
    open: Mutex<Option<Open>>,
    live: watch::Sender<Live>,
}

struct Open {
    link: Arc<dyn Link>,
    stop: CancellationToken,
}

/// What changes while a session runs.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) state: SessionState,
    /// The QR to show.
    pub(crate) qr: Option<LiveQr>,
    /// The code that is out.
    pub(crate) code: Option<LiveCode>,
}

#[derive(Debug, Clone)]
pub(crate) struct LiveQr {
    pub(crate) data: String,
    pub(crate) attempt: u32,
    pub(crate) expires_at: Millis,
}

#[derive(Debug, Clone)]
pub(crate) struct LiveCode {
    pub(crate) code: String,
    pub(crate) phone: Phone,
    pub(crate) created_at: Millis,
    pub(crate) expires_at: Millis,
}

impl Sessions {
    pub(crate) fn new(network: Arc<dyn Network>) -> Self {
        Self { network, numbers: Mutex::default() }
    }

    /// The number, made known when it was not.
    pub(crate) fn number(&self, account: &AccountId, device: &DeviceId, state: SessionState) -> Arc<Running> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers
            .entry(device.clone())
            .or_insert_with(|| {
                Arc::new(Running {
                    device: device.clone(),
                    account: account.clone(),
                    turn: tokio::sync::Mutex::default(),
                    wake: Notify::new(),
                    fresh: crate::outbound::Fresh::default(),
                    past: Notify::new(),
                    open: Mutex::default(),
                    live: watch::Sender::new(Live { state, qr: None, code: None }),
                })
            })
            .clone()
    }

    /// The number, when this node has had to do with it.
    pub(crate) fn known(&self, device: &DeviceId) -> Option<Arc<Running>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).get(device).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Running>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Forgets a number that was deleted.
    pub(crate) fn forget(&self, device: &DeviceId) {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).remove(device);
    }

    /// Tells a number's sender that there may be something to send.
    pub fn wake(&self, device: &DeviceId) {
        if let Some(number) = self.known(device) {
            number.fresh.everything();
            number.wake.notify_one();
        }
    }

    /// The same when it can only be for one chat.
    pub(crate) fn wake_for(&self, device: &DeviceId, chat: &str) {
        if let Some(number) = self.known(device) {
            number.fresh.chat(chat);
            number.wake.notify_one();
        }
    }

    /// The numbers that are online here.
    pub(crate) fn all_online(&self) -> Vec<DeviceId> {
        let numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let online = numbers.values().filter(|number| number.live.borrow().state == SessionState::Online);
        online.map(|number| number.device.clone()).collect()
    }

    /// The link of a number that is online.
    pub(crate) fn online(&self, device: &DeviceId) -> Option<Arc<dyn Link>> {
        let number = self.known(device)?;
        let online = number.live.borrow().state == SessionState::Online;
        if online { number.link() } else { None }
    }

    pub(crate) async fn is_linked(&self, state: &ProtocolState) -> Result<bool> {
        self.network.is_linked(state).await.map_err(network_error)
    }
}

impl Running {
    pub(crate) fn live(&self) -> watch::Receiver<Live> {
        self.live.subscribe()
    }

    pub(crate) fn now(&self) -> Live {
        self.live.borrow().clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Live)) {
        self.live.send_modify(change);
    }

    pub(crate) fn link(&self) -> Option<Arc<dyn Link>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|open| open.link.clone())
    }

    /// Opens the link unless it is open; the caller holds the turn.
    pub(crate) async fn open(self: &Arc<Self>, core: &Core) -> Result<Arc<dyn Link>> {
        if let Some(link) = self.link() {
            return Ok(link);
        }
        let state = protocol_state(core, &self.device).await?;
        let stop = core.stopping().child_token();
        let observer = Arc::new(SessionObserver::new(core.clone(), self.clone()));
        let link = core.sessions().network.open(self.device.clone(), state, observer).await.map_err(network_error)?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Open { link: link.clone(), stop: stop.clone() });
        core.spawn(crate::history::write_all(core.clone(), self.clone(), link.clone(), stop.clone()));
        core.spawn(crate::outbound::send_all(core.clone(), self.clone(), link.clone(), stop));
        Ok(link)
    }

    /// Closes the link if it is open; the caller holds the turn.
    pub(crate) async fn close(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(open) = open {
            open.stop.cancel();
            open.link.close().await;
        }
        self.change(|live| {
            live.qr = None;
            live.code = None;
        });
    }

    /// Waits until the session's state pleases `enough`, at most `limit`.
    pub(crate) async fn wait_for(&self, limit: Duration, mut enough: impl FnMut(&Live) -> bool) -> bool {
        let mut live = self.live();
        let reached = live.wait_for(|live| enough(live));
        tokio::time::timeout(limit, reached).await.is_ok_and(|reached| reached.is_ok())
    }
}

/// The protocol state of a device, under a lease that is ours.
pub(crate) async fn protocol_state(core: &Core, device: &DeviceId) -> Result<ProtocolState> {
    let (id, node, now) = (device.clone(), core.settings().node.clone(), core.now());
    let until = now + i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
    let fence = core
        .store()
        .write(move |w| {
            Box::pin(async move { w.server().acquire_lease(&id, &node, now, until).await.map_err(Error::from) })
        })
        .await?
        .ok_or_else(|| {
            Error::new(Kind::Unavailable, "device:elsewhere", format!("The number {device} is driven by another node."))
                .hint("Ask that node, or wait a minute after it has gone down.")
        })?;
    Ok(ProtocolState::new(core.store().clone(), device.clone(), fence))
}

/// Keeps the leases of this node alive until the server stops.
pub(crate) async fn renew_leases(core: Core) {
    let stop = core.stopping();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LEASE / 3) => {}
        }
        let until = core.now() + i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let node = core.settings().node.clone();
        let renewed = core
            .store()
            .write(move |w| Box::pin(async move { w.server().renew_leases(&node, until).await.map_err(Error::from) }))
            .await;
        if let Err(error) = renewed {
            tracing::warn!(error = %error, "leases could not be renewed; another node may take over in a minute");
        }
    }
}

/// What a failure of the network means to a caller.
pub(crate) fn network_error(error: NetworkError) -> Error {
    let sentence = format!("{error}.");
    match error {
        NetworkError::Unreachable(_) | NetworkError::Timeout | NetworkError::Interrupted | NetworkError::Closed => {
            Error::new(
                Kind::Unavailable,
                "session:unreachable",
                format!("WhatsApp can't be reached right now: {sentence}"),
            )
            .hint("Try again in a few seconds; `sparkbot doctor` checks the way to WhatsApp.")
        }
        NetworkError::NotLinked => Error::conflict("session:not_linked", "This WhatsApp number is not linked.")
            .hint("Link it with POST /v1/devices/{id}/authcode or GET /v1/devices/{id}/scan."),
        NetworkError::AlreadyLinked => already_linked(),
        NetworkError::TooManyAttempts { retry_after } => Error::new(
            Kind::TooMany,
            "session:too_many_attempts",
            "WhatsApp refuses to give out another code for this number for now: there were too many attempts.",
        )
        .hint("Wait before asking again, or link by QR.")
        .after(retry_after.unwrap_or(Duration::from_secs(300))),
        NetworkError::PasskeyRequired => passkey(),
        NetworkError::Refused { code, reason } => {
            Error::invalid("session:refused", format!("WhatsApp refused the request: {reason} ({code})."))
        }
        NetworkError::NoSuchReceiver(who) => Error::not_found("number:notfound", format!("{who} is not on WhatsApp.")),
        NetworkError::Invalid(why) => Error::invalid("message:invalid", format!("{why}.")),
        NetworkError::Gone(_) => Error::not_found("file:gone", sentence),
        NetworkError::TooLarge { .. } => Error::invalid("file:too_large", sentence),
        NetworkError::State(_) => Error::internal(sentence),
    }
}

pub(crate) fn already_linked() -> Error {
    Error::conflict("session:already_linked", "This WhatsApp number is already linked.")
        .hint("Pass force=true to destroy the old session and link anew, or reset the session first.")
}

pub(crate) fn passkey() -> Error {
    Error::conflict("session:passkey_required", "This WhatsApp account is protected by a passkey.")
        .hint("On the phone, open Settings > Account > Passkeys and confirm, then link again by QR while the phone is at hand.")
}
