//! What the person who runs the server may set about received files.

use std::time::Duration;

/// How received files are fetched and kept.
#[derive(Debug, Clone)]
pub struct ChatFileSettings {
    /// Files up to this many bytes are fetched by themselves; 0 fetches none.
    pub automatic: u64,
    /// Bytes of a file at most, also when it is asked for.
    pub most: u64,
    /// Files fetched at once, over all numbers.
    pub at_once: usize,
    /// How long a file is kept here; it can be fetched again as long as WhatsApp
    /// or the phone has it.
    pub keep: Duration,
}

impl Default for ChatFileSettings {
    fn default() -> Self {
        Self {
            automatic: 100 * 1024 * 1024,
            most: 2 * 1024 * 1024 * 1024,
            at_once: 4,
            keep: Duration::from_secs(30 * 24 * 3600),
        }
    }
}
