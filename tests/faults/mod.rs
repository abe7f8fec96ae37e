//! What happens to messages when things break. Every fault is an ordinary test
//! with a short form; `make test-faults` runs the long one. What must be true
//! in the end is in one place, [`invariants`], and is seen on the phones and at
//! the webhook's receiver.

mod clock;
mod invariants;
mod kill;
mod memory;
mod migration;
mod network;
mod postgres;
mod receiver;
mod report;
mod servers;
mod stop;
mod storage;
mod traffic;
mod whatsapp;
mod world;

/// A number from the environment. None of these names begin with `SPARKBOT_`,
/// which are settings.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Where a run's random moments come from.
fn seed() -> u64 {
    setting("FAULT_SEED", 1)
}

/// How often a test does what it does: `FAULT_CYCLES` in the long form.
fn cycles(short: u64) -> u64 {
    setting("FAULT_CYCLES", short)
}
