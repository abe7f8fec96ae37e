//! whatsapp-rust's own public client on the sandbox: what it calls must have the
//! effect it names, seen on somebody else's phone.
//!
//! One file per area; `support` starts a sandbox and links clients to it.

#![expect(clippy::unwrap_used, reason = "a test may stop where something is not as it should be")]

mod app_state;
mod business;
mod catalog;
mod channels;
mod community;
mod connection;
mod coverage;
mod documents;
mod faults;
mod group_kinds;
mod group_messages;
mod groups;
mod history;
mod identities;
mod kinds;
mod linking;
mod media;
mod media_faults;
mod message_faults;
mod people;
mod polls;
mod sessions;
mod status;
mod support;
mod texts;
