//! The one place where the sandbox asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock. The rules never see it: they are told the time by
/// [`crate::world::World::set_now`], in milliseconds since
/// 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock;

impl Clock {
    /// Milliseconds since the epoch.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub(crate) fn now_ms(self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
