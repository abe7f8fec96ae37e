//! `sparkbot send`.

use std::io::Read as _;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::device::{find, text};
use crate::cli::resources::SendArgs;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::rest::Rest;
use crate::terminal::{self, Progress};

/// How often the server is asked what became of a message.
const ASK_EVERY: Duration = Duration::from_millis(300);

pub(super) async fn run(config: &Config, args: &SendArgs, as_json: bool) -> Result<()> {
    let rest = Rest::server(&args.server, config)?;
    let device = find(&rest, &args.device).await?;
    let message = if args.text == "-" { standard_input()? } else { args.text.clone() };
    let target = if args.to.ends_with("@g.us") {
        "group"
    } else if args.to.ends_with("@newsletter") {
        "channel"
    } else {
        "phone"
    };
    let body = json!({ "device": device, target: args.to, "message": message });
    // Sent along always: should the answer get lost on the way, nothing is sent twice.
    let key = args.idempotency_key.clone().unwrap_or_else(|| hex::encode(rand::random::<[u8; 16]>()));
    let sent = rest.call(Method::POST, &["v1", "messages"], &[], Some(body), Some(&key)).await?;
    let id = text(&sent, "/id").to_owned();
    if !args.wait {
        if as_json {
            terminal::json(&sent);
        } else {
            terminal::line(format_args!("Message {id} is {}.", text(&sent, "/status")));
        }
        return Ok(());
    }
    let progress = Progress::start("queued…", as_json);
    let deadline = Instant::now() + args.timeout.duration();
    loop {
        let message = rest.get(&["v1", "messages", &id], &[]).await?;
        let state = text(&message, "/deliveryStatus");
        progress.say(format!("{state}…"));
        if let Some(outcome) = outcome(&message) {
            drop(progress);
            if as_json {
                terminal::json(&message);
            } else if outcome.is_ok() {
                terminal::line(format_args!("Message {id} is {state}."));
            }
            return outcome;
        }
        if Instant::now() >= deadline {
            return Err(Failure::new(format!("message {id} is {state} after {}", args.timeout))
                .hint("It stays in the queue or on its way; ask again with GET /v1/messages/{id}."));
        }
        sleep(ASK_EVERY).await;
    }
}

/// Where a message ended, `None` while it is on its way.
fn outcome(message: &Value) -> Option<Result<()>> {
    match (text(message, "/status"), text(message, "/deliveryStatus")) {
        (_, "delivered" | "read" | "played") => Some(Ok(())),
        ("failed" | "expired" | "removed", _) | (_, "failed" | "cancelled") => {
            Some(Err(Failure::new(format!("the message was not delivered: {}", text(message, "/failureReason")))))
        }
        _ => None,
    }
}

fn standard_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(format!("standard input can't be read: {error}")))?;
    Ok(text.trim_end_matches('\n').to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_message_is_followed_to_its_end() {
        let at =
            |status: &str, delivery: &str| super::outcome(&json!({ "status": status, "deliveryStatus": delivery }));
        assert!(at("queued", "queued").is_none());
        assert!(at("processed", "sent").is_none());
        assert!(at("processed", "delivered").is_some_and(|o| o.is_ok()));
        assert!(at("failed", "failed").is_some_and(|o| o.is_err()));
        assert!(at("expired", "queued").is_some_and(|o| o.is_err()));
    }
}
