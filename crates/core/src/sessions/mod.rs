//! The link between a number and WhatsApp: linking by code and QR, running,
//! stopping, health.
//!
//! [`running`] holds the numbers that this node drives, [`observer`] writes what
//! they report, [`linking`] gives out codes and QRs, [`lifecycle`] starts and
//! ends sessions, [`health`] measures them, [`policy`] reboots by the clock.

mod answers;
mod health;
mod lifecycle;
mod linking;
mod observer;
mod policy;
mod running;

pub use answers::{AuthCode, Health, QrCode, Reboot, Reset, SyncReport};
pub(crate) use health::offline;
pub use health::{health, sync};
pub(crate) use lifecycle::{destroy, resume, start_all, stop_all, suspend};
pub use lifecycle::{nobody_is_online, reboot, reset, start};
pub use linking::{auth_code, qr};
pub use running::Sessions;
pub(crate) use running::{Running, network_error};
