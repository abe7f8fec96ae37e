//! The keys of an account's app state: its phone makes them, its companions get
//! them, the server never sees one.

use std::sync::Arc;

use rand::Rng as _;
use rand::rngs::StdRng;
use wacore_appstate::{ExpandedAppStateKeys, expand_app_state_keys};

/// How often a phone may change its key; older ones stay readable.
const MAX_KEYS: usize = 64;

/// A key a phone shares with its companions.
#[derive(Debug, Clone)]
pub(crate) struct SyncKey {
    /// Device index (two bytes, the phone's 0) and epoch (four bytes).
    pub(crate) id: [u8; 6],
    pub(crate) data: [u8; 32],
    /// Milliseconds since the epoch.
    pub(crate) created_at_ms: i64,
}

impl SyncKey {
    pub(crate) fn generate(rng: &mut StdRng, now_secs: u64) -> Self {
        let epoch = rng.next_u32() >> 8;
        Self::of_epoch(epoch, rng, now_secs)
    }

    fn of_epoch(epoch: u32, rng: &mut StdRng, now_secs: u64) -> Self {
        let mut data = [0; 32];
        rng.fill_bytes(&mut data);
        let mut id = [0; 6];
        id[2..].copy_from_slice(&epoch.to_be_bytes());
        Self { id, data, created_at_ms: i64::try_from(now_secs * 1000).unwrap_or(0) }
    }

    fn epoch(&self) -> u32 {
        u32::from_be_bytes([self.id[2], self.id[3], self.id[4], self.id[5]])
    }
}

/// All keys of an account, the one in use last.
#[derive(Debug)]
pub(crate) struct KeyRing {
    keys: Vec<(SyncKey, Arc<ExpandedAppStateKeys>)>,
    newest: (SyncKey, Arc<ExpandedAppStateKeys>),
}

impl KeyRing {
    pub(super) fn new(key: SyncKey) -> Self {
        let expanded = Arc::new(expand_app_state_keys(&key.data));
        Self { keys: Vec::new(), newest: (key, expanded) }
    }

    /// The key new changes are sealed with.
    pub(super) fn newest(&self) -> (&SyncKey, &Arc<ExpandedAppStateKeys>) {
        (&self.newest.0, &self.newest.1)
    }

    /// Keys of earlier epochs, oldest first.
    pub(super) fn earlier(&self) -> impl Iterator<Item = (&SyncKey, &Arc<ExpandedAppStateKeys>)> {
        self.keys.iter().map(|(key, expanded)| (key, expanded))
    }

    /// A key by its id.
    pub(super) fn get(&self, id: &[u8]) -> Option<Arc<ExpandedAppStateKeys>> {
        std::iter::once(&self.newest)
            .chain(&self.keys)
            .find(|(key, _)| key.id == id)
            .map(|(_, expanded)| Arc::clone(expanded))
    }

    /// All keys as they are shared, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SyncKey> {
        self.keys.iter().chain(std::iter::once(&self.newest)).map(|(key, _)| key)
    }

    /// A key of the next epoch; the ones before stay readable. `false` when
    /// there were too many.
    pub(super) fn rotate(&mut self, rng: &mut StdRng, now_secs: u64) -> bool {
        if self.keys.len() + 1 >= MAX_KEYS {
            return false;
        }
        let key = SyncKey::of_epoch(self.newest.0.epoch().wrapping_add(1), rng, now_secs);
        let expanded = Arc::new(expand_app_state_keys(&key.data));
        let before = std::mem::replace(&mut self.newest, (key, expanded));
        self.keys.push(before);
        true
    }
}
