//! What the protocol client must not forget, on core's [`SessionState`].
//!
//! One file per trait of the client's `Backend`. Nothing is cached here: the
//! client has caches of its own, and every number pays for ours in memory.

mod app_sync;
mod book;
mod device;
mod expiry;
mod keys;
mod message_secret;
mod posts;
mod protocol;
mod signal;

use std::sync::OnceLock;

use futures_util::future::BoxFuture;
use sparkbot_network::clock::SharedClock;
use sparkbot_network::session_state::{Namespace, SessionState};
use tokio::sync::{Mutex, RwLock};
use whatsapp_rust::traits::LidPnMappingEntry;
use whatsapp_rust::wacore::store::error::{Result, StoreError};

/// The client's `Device` as JSON, under the empty key.
const DEVICE: Namespace = Namespace(1);
/// Address → 32 bytes.
const IDENTITY: Namespace = Namespace(2);
/// Address → session record.
const SESSION: Namespace = Namespace(3);
/// Big-endian id → record; one-time keys.
const PREKEY: Namespace = Namespace(4);
/// Big-endian id → record.
const SIGNED_PREKEY: Namespace = Namespace(5);
/// Group and sender → record.
const SENDER_KEY: Namespace = Namespace(6);
/// Key id → key as JSON.
const SYNC_KEY: Namespace = Namespace(7);
/// The empty key → id of the newest sync key.
const SYNC_KEY_LATEST: Namespace = Namespace(8);
/// Collection → version and hash as JSON.
const SYNC_VERSION: Namespace = Namespace(9);
/// Collection and index MAC → value MAC.
const MUTATION_MAC: Namespace = Namespace(10);
/// Group → JSON object from device to whether it has our sender key.
const SENDER_KEY_DEVICES: Namespace = Namespace(11);
/// Private id → mapping as JSON.
const LID: Namespace = Namespace(12);
/// Phone number → private id.
const PHONE: Namespace = Namespace(13);
/// Address and message id → base key.
const BASE_KEY: Namespace = Namespace(14);
/// User → device list as JSON.
const DEVICE_LIST: Namespace = Namespace(15);
/// Group → the client's own snapshot.
const GROUP: Namespace = Namespace(16);
/// Contact → privacy token as JSON.
const TC_TOKEN: Namespace = Namespace(17);
/// Chat and message id → second of sending and payload.
const SENT: Namespace = Namespace(18);
/// Index of [`SENT`], oldest last.
const SENT_BY_AGE: Namespace = Namespace(19);
/// Chat, sender and message id → second of arrival and message.
const PENDING: Namespace = Namespace(20);
/// Chat, sender and message id → secret, deadline and message time.
const SECRET: Namespace = Namespace(21);
/// Index of [`SECRET`], next to expire last.
const SECRET_BY_DEADLINE: Namespace = Namespace(22);
/// Channel and message id → deadline and the server's number of the post.
const POST: Namespace = Namespace(23);
/// Index of [`POST`], next to expire last.
const POST_BY_DEADLINE: Namespace = Namespace(24);
/// MAC of an index of the address book's collection → address.
const BOOK_ENTRY: Namespace = Namespace(25);

pub use book::EntriesRemoved;

/// What must not come back with a backup: ratchets that have moved on since (a
/// receiver drops what is encrypted under a number that it has seen), what is
/// known of who has them, and lists that are asked for again. WhatsApp makes new
/// sessions where there are none.
pub const NOT_RESTORED: &[Namespace] = &[SESSION, SENDER_KEY, SENDER_KEY_DEVICES, BASE_KEY, DEVICE_LIST, GROUP];

/// Told of each pair of addresses when it is learnt or has changed.
pub type AddressesLearnt = Box<dyn Fn(&LidPnMappingEntry) + Send + Sync>;

/// Waits until the parts of the history that these senders have announced, one
/// each, are kept; `false` when the announcements are to come again.
pub type HistoryAnnounced = Box<dyn Fn(Vec<String>) -> BoxFuture<'static, bool> + Send + Sync>;

/// One number's state as the client's `Backend`.
pub struct Storage {
    state: SessionState,
    clock: SharedClock,
    /// Held over every read-modify-write: the traits promise that they are
    /// atomic, and the state is only ever written by the one owner of the
    /// number's lease.
    turn: Mutex<()>,
    /// Shared by whoever writes received messages. Ratchets are written behind them: one that was moved on by a message
    /// that is not kept yet would make a stranger of it when it is delivered again.
    received: RwLock<()>,
    addresses_learnt: OnceLock<AddressesLearnt>,
    history_announced: OnceLock<HistoryAnnounced>,
    entries_removed: OnceLock<EntriesRemoved>,
}

impl Storage {
    /// The state of one number.
    #[must_use]
    pub fn new(state: SessionState, clock: SharedClock) -> Self {
        Self {
            state,
            clock,
            turn: Mutex::new(()),
            received: RwLock::new(()),
            addresses_learnt: OnceLock::new(),
            history_announced: OnceLock::new(),
            entries_removed: OnceLock::new(),
        }
    }

    /// Names who is told of newly learnt addresses. The first call counts.
    pub fn on_addresses_learnt(&self, told: AddressesLearnt) {
        let _ = self.addresses_learnt.set(told);
    }

    /// Names who waits for parts of the history. The first call counts.
    pub fn on_history_announced(&self, waits: HistoryAnnounced) {
        let _ = self.history_announced.set(waits);
    }

    /// Waits until the received messages that are being written are kept.
    async fn behind_received(&self) {
        drop(self.received.write().await);
    }

    /// Seconds since the Unix epoch.
    fn now_seconds(&self) -> i64 {
        self.clock.now() / 1000
    }
}

/// The store's error as the client knows errors.
fn failed(error: sparkbot_network::session_state::StoreError) -> StoreError {
    StoreError::Database(Box::new(error))
}

fn encode<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| StoreError::Serialization(Box::new(error)))
}

fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Serialization(Box::new(error)))
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| StoreError::Serialization(Box::new(error)))
}

/// Values that were written shorter than this program writes them.
fn damaged(what: &str) -> StoreError {
    StoreError::Validation(format!("stored {what} is damaged"))
}
