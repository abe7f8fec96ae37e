//! What tests stand on: a server, its sandbox, phones with names, a webhook's
//! receiver. Nothing sleeps for a fixed time; everything waits for an event with
//! a deadline.

mod clock;
mod phone;
mod place;
mod postgres;
mod process;
mod proxy;
mod receiver;
mod server;

pub(crate) use clock::JumpingClock;
pub(crate) use phone::Phone;
pub(crate) use place::{ANA, BEN, Place};
pub(crate) use postgres::Postgres;
pub(crate) use process::{Process, Sandbox};
pub(crate) use proxy::{Line, Proxy, line_to};
pub(crate) use receiver::{Delivery, Mood, Receiver};
pub(crate) use server::{Answer, Device, Server};

use std::future::Future;
use std::time::Duration;

use serde_json::Value;

/// How long anything may take before a test gives up. Generous: a loaded
/// machine is slow, and waiting ends with the event.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// Asks again and again until `look` has an answer.
pub(crate) async fn eventually<T, F, Fut>(what: &str, mut look: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    match tokio::time::timeout(DEADLINE, asking).await {
        Ok(found) => found,
        Err(_) => panic!("{what} did not happen within {DEADLINE:?}"),
    }
}

/// A field of a JSON answer as text.
#[track_caller]
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} of {value:#}"))
}

/// The id of the chat with a number.
pub(crate) fn chat_id(number: &str) -> String {
    format!("{}@c.us", number.trim_start_matches('+'))
}

/// An HTTP client for plain loopback.
pub(crate) fn http() -> reqwest::Client {
    // The client wants a TLS provider even where it speaks no TLS.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// The time of day, which the server under test has too.
#[expect(clippy::disallowed_methods, reason = "a test from outside has no other clock than the server's")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
