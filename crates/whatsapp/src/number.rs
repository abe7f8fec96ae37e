//! One number as all parts of its driver share it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sparkbot_network::clock::SharedClock;
use sparkbot_network::{CodeEnd, Millis, NetworkError, Observer, Report};
use sparkbot_store::ids::DeviceId;
use tokio::sync::{Notify, oneshot, watch};
use tokio_util::sync::CancellationToken;
use url::Url;
use whatsapp_rust::{CacheConfig, Client};

use crate::code::LiveCode;
use crate::errors::scrubbed;
use crate::health::Measures;
use crate::history::Arrivals;
use crate::http::Http;
use crate::reconnect::Reconnect;
use crate::reports::Reports;
use crate::resync::Owed;
use crate::storage::Storage;

/// What all numbers of the process have in common.
pub(crate) struct Settings {
    pub(crate) socket: Option<Url>,
    pub(crate) http: Arc<Http>,
    pub(crate) client_version: Option<(u32, u32, u32)>,
    pub(crate) wanted_prekeys: usize,
    pub(crate) temp_dir: PathBuf,
    pub(crate) device_name: String,
    /// Days of history that a phone is asked for; `None` for no history.
    pub(crate) history: Option<u32>,
    pub(crate) caches: CacheConfig,
    pub(crate) clock: SharedClock,
}

/// How far the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No socket.
    Offline,
    /// A socket; WhatsApp has not said anything yet.
    Connecting,
    /// WhatsApp waits for this device to be linked.
    Linkable,
    /// Logged in.
    LoggedIn,
    /// Messages can be sent.
    Online,
    /// The driver waits to be asked.
    Stopped,
}

/// Why a client came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nobody linked in time; goes on when a code is asked for.
    NotLinked,
    /// Only a new `open` helps: unlinked, replaced, banned.
    Over,
    /// WhatsApp wants a newer client version.
    Outdated,
    /// WhatsApp refused the login for a reason that may pass.
    Refused,
}

/// WhatsApp's word on a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// When WhatsApp got it, where told.
    pub(crate) at: Option<Millis>,
    /// Why WhatsApp did not take it.
    pub(crate) error: Option<u32>,
}

/// One number.
pub(crate) struct Number {
    pub(crate) device: DeviceId,
    pub(crate) settings: Arc<Settings>,
    pub(crate) storage: Arc<Storage>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) reports: Reports,
    pub(crate) measures: Measures,
    /// Changes of app state that were told of and are not here yet.
    pub(crate) owed: Owed,
    /// Parts of the phone's history on their way.
    pub(crate) history: Arrivals,
    pub(crate) phase: watch::Sender<Phase>,
    /// Fires when the number is closed for good.
    pub(crate) closing: CancellationToken,
    /// Wakes a driver that waits to be asked.
    pub(crate) asked: Notify,
    /// One request for a code at a time.
    pub(crate) code_turn: tokio::sync::Mutex<()>,
    pub(crate) live_code: Mutex<Option<LiveCode>>,
    /// Whether WhatsApp wants a passkey before it gives a code out.
    pub(crate) passkey_wanted: watch::Sender<bool>,
    /// The caller is removing the link itself and needs no report of it.
    pub(crate) leaving: AtomicBool,
    client: Mutex<Option<Arc<Client>>>,
    verdict: Mutex<Option<Verdict>>,
    acks: Mutex<HashMap<String, Vec<oneshot::Sender<Taken>>>>,
    qr: Mutex<QrRound>,
    /// The QRs are over, but a link code is still good.
    pub(crate) qr_exhausted: AtomicBool,
    /// Whether messages could be sent since the driver last asked.
    pub(crate) was_online: AtomicBool,
    /// Whether the phone's answer has been told on this connection.
    answered: AtomicBool,
    pub(crate) reconnect: Reconnect,
    /// Sockets opened so far; the newest is the one that counts.
    sockets: AtomicU64,
    /// The socket on which received messages could not be committed; 0 for none.
    uncommitted: AtomicU64,
    /// Whether something was received since session state was last written on purpose.
    unsettled: AtomicBool,
    /// Held while it is written, so that nobody else's message leaves meanwhile.
    settling: tokio::sync::Mutex<()>,
}

/// The QR on show.
#[derive(Default)]
struct QrRound {
    reference: String,
    attempt: u32,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Number {
    pub(crate) fn new(
        device: DeviceId,
        settings: Arc<Settings>,
        storage: Arc<Storage>,
        observer: Arc<dyn Observer>,
        reports: Reports,
    ) -> Self {
        Self {
            device,
            settings,
            storage,
            observer,
            reports,
            measures: Measures::default(),
            owed: Owed::default(),
            history: Arrivals::default(),
            phase: watch::Sender::new(Phase::Offline),
            closing: CancellationToken::new(),
            asked: Notify::new(),
            code_turn: tokio::sync::Mutex::new(()),
            live_code: Mutex::new(None),
            passkey_wanted: watch::Sender::new(false),
            leaving: AtomicBool::new(false),
            client: Mutex::new(None),
            verdict: Mutex::new(None),
            acks: Mutex::new(HashMap::new()),
            qr: Mutex::new(QrRound::default()),
            qr_exhausted: AtomicBool::new(false),
            was_online: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            reconnect: Reconnect::default(),
            sockets: AtomicU64::new(0),
            uncommitted: AtomicU64::new(0),
            unsettled: AtomicBool::new(false),
            settling: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.settings.clock.now()
    }

    pub(crate) fn client(&self) -> Option<Arc<Client>> {
        locked(&self.client).clone()
    }

    pub(crate) fn set_client(&self, client: Option<Arc<Client>>) {
        *locked(&self.client) = client;
    }

    /// The client when it is logged in.
    pub(crate) fn logged_in(&self) -> Result<Arc<Client>, NetworkError> {
        if self.closing.is_cancelled() {
            return Err(NetworkError::Closed);
        }
        let client = self.client().ok_or_else(|| NetworkError::Unreachable("not connected".to_owned()))?;
        if client.pn().is_none() {
            return Err(NetworkError::NotLinked);
        }
        if !client.is_connected() || !client.is_logged_in() {
            return Err(NetworkError::Unreachable("not connected".to_owned()));
        }
        Ok(client)
    }

    /// Something was received, and with it a key to answer with, which the client writes a moment later.
    pub(crate) fn received_now(&self) {
        self.unsettled.store(true, Ordering::Release);
    }

    /// Writes session state that received messages have changed. A message must not leave before: who has it answers
    /// with a key that follows from it, and after a crash in between that answer could not be opened.
    pub(crate) async fn settle(&self, client: &Client) -> Result<(), NetworkError> {
        let _turn = self.settling.lock().await;
        if self.unsettled.swap(false, Ordering::AcqRel)
            && let Err(error) = client.flush_pending_signal_state().await
        {
            self.unsettled.store(true, Ordering::Release);
            return Err(NetworkError::State(scrubbed(&error.to_string())));
        }
        Ok(())
    }

    /// Whether that is news.
    pub(crate) fn enter(&self, phase: Phase) -> bool {
        self.phase.send_if_modified(|current| std::mem::replace(current, phase) != phase)
    }

    /// The first verdict on a client counts: what follows is its fall-out.
    pub(crate) fn judge(&self, verdict: Verdict) {
        locked(&self.verdict).get_or_insert(verdict);
    }

    /// Whether the link has ended for good.
    pub(crate) fn is_over(&self) -> bool {
        *locked(&self.verdict) == Some(Verdict::Over)
    }

    /// Whether the client has come to its end.
    pub(crate) fn is_judged(&self) -> bool {
        locked(&self.verdict).is_some()
    }

    pub(crate) fn take_verdict(&self) -> Option<Verdict> {
        locked(&self.verdict).take()
    }

    /// Sockets opened so far.
    pub(crate) fn sockets(&self) -> u64 {
        self.sockets.load(Ordering::Acquire)
    }

    /// Something that came on this socket is not committed and comes again on the
    /// next one: what follows it must not come before it.
    pub(crate) fn not_committed(&self) {
        self.uncommitted.store(self.sockets(), Ordering::Release);
    }

    /// Whether everything that came on this socket so far is committed.
    pub(crate) fn commits(&self) -> bool {
        let socket = self.sockets();
        socket == 0 || self.uncommitted.load(Ordering::Acquire) != socket
    }

    /// A socket is being opened; answers its number.
    pub(crate) fn connecting(&self) -> u64 {
        let socket = self.sockets.fetch_add(1, Ordering::AcqRel) + 1;
        self.measures.connecting();
        self.reconnect.trying();
        *locked(&self.qr) = QrRound::default();
        self.qr_exhausted.store(false, Ordering::Release);
        self.answered.store(false, Ordering::Release);
        self.enter(Phase::Connecting);
        self.reports.say(Report::Connecting);
        socket
    }

    /// No socket could be opened.
    pub(crate) fn unreachable(&self, reason: &str) {
        self.enter(Phase::Offline);
        self.reports.say(Report::Offline { reason: scrubbed(reason), retry_in: Some(self.reconnect.wait()) });
    }

    /// A code was typed; perhaps wrongly, and then again.
    pub(crate) fn code_typed(&self) {
        self.answered.store(true, Ordering::Release);
        self.reports.say(Report::Authorizing);
    }

    /// Whether the phone has answered on this connection.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    /// The phone has signed. For a scan this is the first that is heard of it.
    pub(crate) fn phone_signed(&self) {
        if !self.answered.swap(true, Ordering::AcqRel) {
            self.reports.say(Report::Authorizing);
        }
    }

    /// WhatsApp has let the client in.
    pub(crate) fn logged_in_now(&self) {
        self.measures.version_answered(true);
        if self.enter(Phase::LoggedIn) {
            self.reports.say(Report::Loading);
        }
    }

    /// A socket has ended. What the client says about ends of its own accord is
    /// reported from its events; it is silent when a login never came to words.
    pub(crate) fn socket_closed(&self, socket: u64, reason: &str) {
        if socket != self.sockets.load(Ordering::Acquire) {
            // The next one is up already.
            return;
        }
        let was = self.phase.send_replace(Phase::Offline);
        self.forget_acks();
        if let Some(code) = locked(&self.live_code).take() {
            // The server keeps a code with the connection that asked for it. One
            // that was typed is not lost: this may be the link's own last step.
            code.end();
            if !self.is_answered() {
                self.reports.say(Report::CodeEnded { why: CodeEnd::Expired });
            }
        }
        if was == Phase::Connecting && !self.closing.is_cancelled() {
            self.unreachable(&format!("closed before the login: {reason}"));
        }
    }

    /// The place of a QR in its round. The same reference may be rendered again.
    pub(crate) fn qr_attempt(&self, code: &str) -> u32 {
        let reference = code.split(',').next().unwrap_or_default();
        let mut round = locked(&self.qr);
        if round.reference != reference {
            reference.clone_into(&mut round.reference);
            round.attempt += 1;
        }
        round.attempt
    }

    /// Resolves with WhatsApp's word on a message, or fails when the connection
    /// ends first.
    pub(crate) fn expect_ack(&self, id: &str) -> oneshot::Receiver<Taken> {
        let (sender, receiver) = oneshot::channel();
        let mut acks = locked(&self.acks);
        acks.retain(|_, waiting| {
            waiting.retain(|sender| !sender.is_closed());
            !waiting.is_empty()
        });
        acks.entry(id.to_owned()).or_default().push(sender);
        receiver
    }

    /// Tells who waits for it what became of a message; `false` when nobody does.
    pub(crate) fn acknowledge(&self, id: &str, taken: Taken) -> bool {
        let Some(waiting) = locked(&self.acks).remove(id) else { return false };
        waiting.into_iter().map(|sender| sender.send(taken)).filter(Result::is_ok).count() > 0
    }

    fn forget_acks(&self) {
        locked(&self.acks).clear();
    }
}
