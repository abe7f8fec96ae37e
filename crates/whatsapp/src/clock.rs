//! The protocol client's clock.

use sparkbot_network::clock::SharedClock;
use whatsapp_rust::wacore::time::{TimeProvider, set_time_provider};

struct Given(SharedClock);

impl TimeProvider for Given {
    fn now_millis(&self) -> i64 {
        self.0.now()
    }
}

/// Has every protocol client of this process go by `clock`, which has to be
/// said before the first of them asks for the time.
pub fn set_clock(clock: SharedClock) {
    if let Err(error) = set_time_provider(Given(clock)) {
        tracing::error!(error, "the protocol client keeps the machine's clock");
    }
}
