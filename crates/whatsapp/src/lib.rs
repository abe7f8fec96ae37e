//! One linked WhatsApp number behind core's port.
//!
//! The only crate that names the protocol client, so that nothing else is
//! compiled against it. [`WhatsApp`] opens links; everything it tells goes to
//! the [`Observer`](sparkbot_network::Observer) that was handed to it.
//!
//! What the client does with keys, ratchets and acknowledgements when the
//! process is killed, and what this crate adds, is in the crate's README.
#![recursion_limit = "512"]

mod address;
mod catalog;
mod channels;
mod clock;
mod code;
mod config;
mod content;
mod driver;
mod endpoint;
mod errors;
mod events;
mod groups;
pub mod guard;
mod health;
mod history;
mod hook;
#[doc(hidden)]
pub mod http;
mod inbound;
mod link;
mod looks;
mod media;
mod mex;
mod network;
mod number;
mod outbound;
mod people;
mod profile;
mod reconnect;
mod reports;
mod resync;
mod secrets;
mod socket;
#[doc(hidden)]
pub mod storage;
mod translate;
mod wire;

pub use clock::set_clock;
pub use config::{ConfigError, WhatsAppConfig};
pub use inbound::outline;
pub use network::WhatsApp;
pub use storage::NOT_RESTORED;
