//! What is measured of a link.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering};

use sparkbot_network::Millis;

/// Stands for "never" in the atomics below.
const NEVER: i64 = i64::MIN;

const UNKNOWN: u8 = 0;
const REFUSED: u8 = 1;
const ACCEPTED: u8 = 2;

/// Measurements of one number since its driver started.
pub(crate) struct Measures {
    last_frame: AtomicI64,
    last_send: AtomicI64,
    clock_offset: AtomicI64,
    connects: AtomicU32,
    version: AtomicU8,
    /// When the server's one-time keys were last counted, and how many there were.
    pub(crate) prekeys: Mutex<Option<(Millis, u32)>>,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            last_frame: AtomicI64::new(NEVER),
            last_send: AtomicI64::new(NEVER),
            clock_offset: AtomicI64::new(NEVER),
            connects: AtomicU32::new(0),
            version: AtomicU8::new(UNKNOWN),
            prekeys: Mutex::new(None),
        }
    }
}

fn known(value: &AtomicI64) -> Option<i64> {
    Some(value.load(Ordering::Relaxed)).filter(|value| *value != NEVER)
}

impl Measures {
    pub(crate) fn frame_received(&self, now: Millis) {
        self.last_frame.store(now, Ordering::Relaxed);
    }

    pub(crate) fn send_acknowledged(&self, now: Millis) {
        self.last_send.store(now, Ordering::Relaxed);
    }

    /// WhatsApp tells whole seconds; its half is the best guess.
    pub(crate) fn server_time(&self, seconds: i64, now: Millis) {
        self.clock_offset.store(seconds * 1000 + 500 - now, Ordering::Relaxed);
    }

    pub(crate) fn connecting(&self) {
        self.connects.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn version_answered(&self, accepted: bool) {
        self.version.store(if accepted { ACCEPTED } else { REFUSED }, Ordering::Relaxed);
    }

    pub(crate) fn last_frame_at(&self) -> Option<Millis> {
        known(&self.last_frame)
    }

    pub(crate) fn last_send_at(&self) -> Option<Millis> {
        known(&self.last_send)
    }

    pub(crate) fn clock_offset_ms(&self) -> Option<i64> {
        known(&self.clock_offset)
    }

    pub(crate) fn reconnects(&self) -> u32 {
        self.connects.load(Ordering::Relaxed).saturating_sub(1)
    }

    pub(crate) fn version_accepted(&self) -> Option<bool> {
        match self.version.load(Ordering::Relaxed) {
            UNKNOWN => None,
            answer => Some(answer == ACCEPTED),
        }
    }
}
