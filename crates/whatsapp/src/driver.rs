//! The life of one number's client: built, run, and built again.
//!
//! A client is run once per connection. It does not come back from being told
//! to stop, from a QR round that ran out and from a refused login; then a new
//! one is built on the same state.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sparkbot_network::{NetworkError, Report};
use whatsapp_rust::store::persistence_manager::PersistenceManager;
use whatsapp_rust::wacore::store::DevicePropsOverride;
use whatsapp_rust::waproto::whatsapp::device_props::PlatformType;
use whatsapp_rust::{Client, NodeFilter, TokioRuntime};

use crate::errors::scrubbed;
use crate::events::Listener;
use crate::history;
use crate::hook::Hook;
use crate::number::{Number, Phase, Verdict};
use crate::resync::{self, Versions};
use crate::wire::{Keeper, Wire};

/// Wait before a refused login is tried again, doubled each time up to the cap.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// A connection that has lasted so long was good, even without a message.
const STABLE: Duration = Duration::from_secs(30);
/// How long a client may take to close.
const CLOSE_LIMIT: Duration = Duration::from_secs(20);
/// How long closing waits for history that is being fetched.
const FETCH_LIMIT: Duration = Duration::from_secs(10);

/// Reads the stored credentials, or makes new ones.
pub(crate) async fn load(number: &Number) -> Result<Arc<PersistenceManager>, NetworkError> {
    let manager = PersistenceManager::new(number.storage.clone()).await;
    manager.map(Arc::new).map_err(|error| NetworkError::State(error_text(&error)))
}

/// An error with its causes, without phone numbers.
pub(crate) fn error_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    scrubbed(&text)
}

/// Drives the number until it is closed. `manager` is for the first client.
pub(crate) async fn run(number: Arc<Number>, manager: Arc<PersistenceManager>) {
    let mut loaded = Some(manager);
    let mut pause = FIRST_PAUSE;
    while !number.closing.is_cancelled() {
        let manager = match loaded.take() {
            Some(manager) => Ok(manager),
            None => load(&number).await,
        };
        let verdict = match manager {
            Ok(manager) => one_client(&number, manager).await,
            Err(error) => {
                let reason = error.to_string();
                number.reports.say(Report::Offline { reason, retry_in: Some(pause) });
                Some(Verdict::Refused)
            }
        };
        if number.closing.is_cancelled() {
            break;
        }
        if number.was_online.swap(false, Ordering::AcqRel) {
            pause = FIRST_PAUSE;
        }
        match verdict {
            Some(Verdict::NotLinked) => {
                number.enter(Phase::Stopped);
                number.reports.say(Report::QrExhausted);
                tokio::select! {
                    () = number.asked.notified() => {}
                    () = number.closing.cancelled() => {}
                }
            }
            Some(Verdict::Over) => {
                number.enter(Phase::Stopped);
                number.closing.cancelled().await;
            }
            Some(Verdict::Outdated | Verdict::Refused) => {
                wait(&number, pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            // Ended without a word.
            None => wait(&number, Duration::from_secs(5)).await,
        }
    }
    number.enter(Phase::Stopped);
    number.reports.close();
}

async fn wait(number: &Number, pause: Duration) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = number.closing.cancelled() => {}
    }
}

/// Builds a client, runs it to its end, and answers why it ended.
async fn one_client(number: &Arc<Number>, manager: Arc<PersistenceManager>) -> Option<Verdict> {
    let keeper = Arc::new(Keeper::new(manager.clone()));
    let client = match build(number, manager.clone(), keeper.clone()).await {
        Ok(client) => client,
        Err(error) => {
            number.reports.say(Report::Offline { reason: error_text(&error), retry_in: Some(FIRST_PAUSE) });
            return Some(Verdict::Refused);
        }
    };
    number.take_verdict();
    number.qr_exhausted.store(false, Ordering::Release);
    let listening = client.subscribe_handler(Arc::new(Listener { number: Arc::downgrade(number) }));
    // Changes of the list of those blocked are not told in any other way, either.
    let raw = client.acquire_raw_node_forwarding();
    let versions = client.subscribe_handler(Arc::new(Versions(Arc::downgrade(number))));
    let resync = tokio::spawn(resync::run(Arc::downgrade(number), Arc::downgrade(&client)));
    number.set_client(Some(client.clone()));
    let logins = tokio::spawn(watch_logins(Arc::downgrade(number), Arc::downgrade(&client)));
    connections(number, &client).await;
    close(number, &client).await;
    logins.abort();
    resync.abort();
    drop((listening, versions, raw));
    let verdict = number.take_verdict();
    if verdict == Some(Verdict::Outdated) {
        // Makes the next client ask for the current version.
        manager.modify_device(|device| device.app_version_last_fetched_ms = 0).await;
    }
    if let Err(error) = keeper.save().await {
        tracing::error!(device = %number.device, %error, "the number's keys can't be saved");
    }
    verdict
}

/// Runs a client, connection after connection, until there is a verdict on it
/// or it does not connect any more.
async fn connections(number: &Number, client: &Arc<Client>) {
    // When to connect again is decided here.
    client.enable_auto_reconnect.store(false, Ordering::Relaxed);
    while !number.closing.is_cancelled() {
        let (sockets, began, was_linked) = (number.sockets(), Instant::now(), client.pn().is_some());
        tokio::select! {
            () = client.run() => {}
            () = number.closing.cancelled() => return,
        }
        if number.is_judged() || number.sockets() == sockets {
            return;
        }
        if began.elapsed() >= STABLE {
            number.reconnect.good();
        }
        // WhatsApp ends the connection that has linked, for a login.
        if was_linked || !number.is_answered() {
            wait(number, number.reconnect.jittered()).await;
        }
    }
}

async fn build(
    number: &Arc<Number>,
    manager: Arc<PersistenceManager>,
    keeper: Arc<Keeper>,
) -> Result<Arc<Client>, whatsapp_rust::ClientBuilderError> {
    let settings = &number.settings;
    let mut builder = Client::builder()
        .with_runtime(TokioRuntime)
        .with_persistence_manager(manager)
        .with_transport_factory(Wire::new(number.clone(), keeper))
        .with_http_client_arc(settings.http.clone())
        .with_cache_config(settings.caches.clone())
        .with_inbound_durability_hook(Hook { number: Arc::downgrade(number) })
        .with_wanted_pre_key_count(settings.wanted_prekeys)
        .with_skip_history_sync(settings.history.is_none());
    if let Some(version) = settings.client_version {
        builder = builder.with_version_override(version);
    }
    let client = builder.build().await?.into_client();
    let mut shown = DevicePropsOverride::new().with_os(&settings.device_name).with_platform_type(PlatformType::CHROME);
    if let Some(days) = settings.history {
        let (full, config) = history::wanted(days);
        shown = shown.with_require_full_sync(full).with_history_sync_config(config);
    }
    if client.pn().is_none() {
        client.set_device_props(shown).await;
    }
    Ok(client)
}

/// Tells of each login; the client has no event for it.
async fn watch_logins(number: std::sync::Weak<Number>, client: std::sync::Weak<Client>) {
    loop {
        let Some(login) = client.upgrade().map(|client| client.wait_for_node(NodeFilter::tag("success"))) else {
            return;
        };
        let Ok(success) = login.await else { return };
        let Some(number) = number.upgrade() else { return };
        let server_time = success.get().get_attr("t").and_then(|t| t.as_str().parse().ok());
        if let Some(seconds) = server_time {
            number.measures.server_time(seconds, number.now());
        }
        number.logged_in_now();
    }
}

/// Closes a client, with everything it knows in the state.
async fn close(number: &Number, client: &Arc<Client>) {
    let closing = async {
        // What is being fetched could not be fetched again: the ratchet it was
        // announced under is written below.
        number.history.settled(FETCH_LIMIT).await;
        if let Err(error) = client.flush_pending_signal_state().await {
            tracing::warn!(device = %number.device, %error, "ratchets are written when the socket is closed");
        }
        client.disconnect().await;
    };
    if tokio::time::timeout(CLOSE_LIMIT, closing).await.is_err() {
        tracing::error!(device = %number.device, "the client did not close in time");
        client.signal_shutdown_sync();
    }
}

/// Ends a client that nobody linked in time.
pub(crate) async fn stop_unlinked(number: &Number, client: &Arc<Client>) {
    number.judge(Verdict::NotLinked);
    client.disconnect().await;
}
