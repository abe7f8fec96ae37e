//! Where files are worked on: beside the server's own threads, a few at once.

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};

use crate::error::{Error, Kind, Result};
use sparkbot_media::MediaError;

/// Runs work on files, so much at once and no more.
#[derive(Debug)]
pub struct Workshop {
    places: Arc<Semaphore>,
    sweep: Notify,
}

impl Workshop {
    pub(crate) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places.max(1))), sweep: Notify::new() }
    }

    /// Has bytes that nobody refers to any more removed without waiting for the
    /// next round.
    pub(crate) fn sweep_soon(&self) {
        self.sweep.notify_one();
    }

    pub(super) async fn swept_soon(&self) {
        self.sweep.notified().await;
    }

    /// Runs `work` once there is a place for it.
    ///
    /// # Errors
    /// What `work` answers; `error:internal` when it panics.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> sparkbot_media::Result<T> + Send + 'static,
    {
        let place = self.places.clone().acquire_owned().await.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work, not by who waits for it: one who goes away
            // would otherwise let the next one in too early.
            let _place = place;
            work()
        })
        .await;
        match done {
            Ok(done) => done.map_err(explain),
            // Decoders are fed what strangers made; a panic is their mistake and stays here.
            Err(error) => {
                tracing::error!(%error, "work on a file panicked");
                Err(Error::invalid("media:damaged", "The file can't be read: it is damaged.")
                    .hint("Send it as a document, or make it anew."))
            }
        }
    }
}

fn explain(error: MediaError) -> Error {
    match error {
        MediaError::Io(error) => Error::internal(error),
        MediaError::TooLarge(why) => Error::new(Kind::Invalid, "media:too_large", sentence(&why)),
        MediaError::Damaged(why) => Error::invalid("media:damaged", sentence(&format!("The file is damaged: {why}")))
            .hint("Send it as a document, or make it anew."),
        other => Error::invalid("media:unsupported", sentence(&other.to_string()))
            .hint("Send it as a document, or turn it into JPEG, PNG, MP4, MP3, WAV or OGG first."),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}
