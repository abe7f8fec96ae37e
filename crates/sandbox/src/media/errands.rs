//! Fetching files for the phones, beside the rules: deciphering a large one
//! takes longer than anybody should have to wait for the world.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use super::cipher::{self, Wanted};
use crate::hub::Hub;

/// How many files are fetched at once.
const AT_ONCE: usize = 4;
/// How many may wait for their turn.
pub(crate) const WAITING: usize = 10_000;

/// Fetches what phones want until the sandbox stops.
pub(crate) async fn run(hub: Arc<Hub>, mut wanted: mpsc::Receiver<Box<Wanted>>) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let store = hub.with(|world| Arc::clone(&world.media));
    loop {
        let wanted = tokio::select! {
            wanted = wanted.recv() => match wanted {
                Some(wanted) => wanted,
                None => return,
            },
            () = hub.stop.cancelled() => return,
        };
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let (hub, store) = (Arc::clone(&hub), Arc::clone(&store));
        tokio::task::spawn_blocking(move || {
            let result = cipher::fetch(&store, &wanted, hub.clock.now_ms());
            hub.with(|world| crate::phone::files::fetched(world, &wanted, result));
            drop(slot);
        });
    }
}
