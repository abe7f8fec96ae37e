//! Changes of app state that the client would miss.
//!
//! WhatsApp tells of each change of a collection with the version it has now.
//! While the client fetches a collection it skips what it is told of it, so that
//! a change made meanwhile is not heard of until the next one. Here the versions
//! told are compared with those fetched, and what stays behind is fetched again.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use whatsapp_rust::Client;
use whatsapp_rust::sync_task::MajorSyncTask;
use whatsapp_rust::traits::AppSyncStore;
use whatsapp_rust::types::events::{Event, EventHandler, EventInterest, EventKind};
use whatsapp_rust::wacore::appstate::patch_decode::WAPatchName;

use crate::number::Number;

/// How long the client's own fetch may take before it is looked at.
const GRACE: Duration = Duration::from_millis(400);
/// Fetches of one collection before the next notice of it is waited for.
const TRIES: u32 = 6;

/// Versions of collections that WhatsApp has told of and that are not here yet.
#[derive(Default)]
pub(crate) struct Owed {
    versions: Mutex<HashMap<String, u64>>,
    told: Notify,
}

impl Owed {
    fn versions(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, name: &str, version: u64) {
        let mut versions = self.versions();
        let known = versions.entry(name.to_owned()).or_default();
        *known = version.max(*known);
        drop(versions);
        self.told.notify_one();
    }
}

/// Hears which versions WhatsApp tells of.
pub(crate) struct Versions(pub(crate) Weak<Number>);

impl EventHandler for Versions {
    fn interest(&self) -> EventInterest {
        EventInterest::of(&[EventKind::RawNode])
    }

    fn handle_event(&self, event: Arc<Event>) {
        let Event::RawNode(node) = &*event else { return };
        let stanza = node.get();
        if stanza.tag != "notification" || stanza.attrs().optional_string("type").as_deref() != Some("server_sync") {
            return;
        }
        let Some(number) = self.0.upgrade() else { return };
        for collection in stanza.children().unwrap_or_default().iter().filter(|child| child.tag == "collection") {
            let name = collection.attrs().optional_string("name");
            let version = collection.attrs().optional_u64("version");
            // A name that the client does not know can't be fetched; so the map stays small.
            if let Some((name, version)) = name.zip(version)
                && WAPatchName::from_str(&name).is_ok_and(|name| name != WAPatchName::Unknown)
            {
                number.owed.note(&name, version);
            }
        }
    }
}

/// Fetches what stays behind, for as long as the client lives.
pub(crate) async fn run(number: Weak<Number>, client: Weak<Client>) {
    loop {
        let Some(strong) = number.upgrade() else { return };
        tokio::select! {
            () = strong.owed.told.notified() => {}
            () = strong.closing.cancelled() => return,
        }
        for _ in 0..TRIES {
            tokio::time::sleep(GRACE).await;
            let Some(client) = client.upgrade() else { return };
            if !behind(&strong, &client).await {
                break;
            }
        }
    }
}

/// Fetches each collection that is behind; whether there was one.
async fn behind(number: &Number, client: &Arc<Client>) -> bool {
    let owed: Vec<(String, u64)> =
        number.owed.versions().iter().map(|(name, version)| (name.clone(), *version)).collect();
    let mut any = false;
    for (name, version) in owed {
        let here = number.storage.get_version(&name).await.map_or(0, |state| state.version);
        if here >= version {
            let mut versions = number.owed.versions();
            if versions.get(&name).is_some_and(|told| *told <= here) {
                versions.remove(&name);
            }
            continue;
        }
        let Ok(collection) = WAPatchName::from_str(&name) else { continue };
        if number.logged_in().is_err() {
            // The next login fetches everything that has changed.
            number.owed.versions().clear();
            return false;
        }
        any = true;
        tracing::debug!(device = %number.device, collection = name, here, told = version, "app state is fetched again");
        client.process_sync_task(MajorSyncTask::AppStateSync { name: collection, full_sync: false }).await;
    }
    any
}
