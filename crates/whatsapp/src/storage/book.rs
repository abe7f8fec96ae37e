//! Where the entries of the phone's address book stand in app state.
//!
//! The client tells of entries that are written. Of one that is taken away it
//! only drops the MAC of its index, from which nobody can tell whose it was: so
//! each entry that is written is noted under that MAC.

use std::collections::HashSet;

use sparkbot_network::session_state::Batch;
use whatsapp_rust::traits::AppStateSyncKey;
use whatsapp_rust::wacore::appstate::expand_app_state_keys;
use whatsapp_rust::wacore::appstate::hash::generate_index_mac;
use whatsapp_rust::wacore::store::error::Result;

use super::keys::{compound, prefix};
use super::{BOOK_ENTRY, MUTATION_MAC, SYNC_KEY, Storage, decode, encode, failed, text};

/// The collection that address books are kept in.
pub(super) const COLLECTION: &str = "critical_unblock_low";

/// Told of the addresses whose entries were taken away.
pub type EntriesRemoved = Box<dyn Fn(Vec<String>) + Send + Sync>;

impl Storage {
    /// Names who is told of entries that were taken away. The first call counts.
    pub fn on_entries_removed(&self, told: EntriesRemoved) {
        let _ = self.entries_removed.set(told);
    }

    /// Notes whose entries have been written, by their addresses as the wire shows
    /// them.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn note_entries(&self, jids: &[String]) -> Result<()> {
        if jids.is_empty() {
            return Ok(());
        }
        let mut macs = Vec::new();
        for (_, bytes) in self.state.scan(SYNC_KEY, &[]).await.map_err(failed)? {
            let key: AppStateSyncKey = decode(&bytes)?;
            let key = expand_app_state_keys(&key.key_data).index;
            for jid in jids {
                let mac = generate_index_mac(&encode(&["contact", jid.as_str()])?, &key);
                macs.push((compound(&[COLLECTION], &mac), jid));
            }
        }
        // Of the keys there are, the one that an entry was written with is the one
        // whose MAC is known.
        let names: Vec<Vec<u8>> = macs.iter().map(|(name, _)| name.clone()).collect();
        let there = self.known_macs(&names).await?;
        let start = prefix(&[COLLECTION]).len();
        let mut batch = Batch::new();
        for (name, jid) in macs.iter().filter(|(name, _)| there.contains(name)) {
            batch.put(BOOK_ENTRY, name.get(start..).unwrap_or_default(), jid.as_bytes());
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.state.write(batch).await.map_err(failed)
    }

    async fn known_macs(&self, names: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
        let found = self.state.get_many(MUTATION_MAC, names).await.map_err(failed)?;
        Ok(found.into_iter().map(|(name, _)| name).collect())
    }

    /// Entries were taken away: forgets them, and tells whose they were.
    pub(super) async fn entries_gone(&self, macs: &[Vec<u8>]) -> Result<()> {
        let found = self.state.get_many(BOOK_ENTRY, macs).await.map_err(failed)?;
        if found.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new();
        let mut gone = Vec::with_capacity(found.len());
        for (mac, jid) in found {
            batch.delete(BOOK_ENTRY, mac);
            gone.push(text(jid)?);
        }
        self.state.write(batch).await.map_err(failed)?;
        if let Some(told) = self.entries_removed.get() {
            told(gone);
        }
        Ok(())
    }
}
