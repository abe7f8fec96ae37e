//! `sparkbot device link`: shows a code or QR and waits until the number is online.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::device::{find, post_with, text};
use crate::cli::resources::LinkArgs;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::rest::Rest;
use crate::terminal::{self, Progress};

/// How often the server is asked how far the phone is.
const ASK_EVERY: Duration = Duration::from_millis(700);

pub(super) async fn run(config: &Config, args: &LinkArgs, as_json: bool) -> Result<()> {
    let rest = Rest::server(&args.server, config)?;
    let id = find(&rest, &args.device).await?;
    let progress = Progress::start("Asking WhatsApp…", as_json);
    let mut shown = show(&rest, &id, args, &progress, as_json, true).await?;
    if args.no_wait {
        return Ok(());
    }
    let deadline = Instant::now() + args.timeout.duration();
    loop {
        if Instant::now() >= deadline {
            return Err(Failure::new(format!("the phone has not linked the device within {}", args.timeout))
                .hint("Run the command again for a fresh code, or with --timeout 10m to wait longer."));
        }
        sleep(ASK_EVERY).await;
        let device = rest.get(&["v1", "devices", &id], &[]).await?;
        match text(&device, "/session/status") {
            "online" => {
                drop(progress);
                return done(&device, &id, as_json);
            }
            "authorizing" => progress.say("The phone has answered; exchanging keys…"),
            "loading" => progress.say("Linked; loading…"),
            "blocked" | "error" => {
                return Err(Failure::new(format!("linking failed: {}", text(&device, "/session/error")))
                    .hint("The device's session log tells more: GET /v1/devices/{id}."));
            }
            // What is out may have run down, or been replaced by the next QR.
            "authorize" | "new" | "timeout" if Instant::now() >= shown.until => {
                shown = show(&rest, &id, args, &progress, as_json, false).await?;
            }
            _ => {}
        }
    }
}

/// A code or QR that is out.
struct Shown {
    until: Instant,
}

async fn show(
    rest: &Rest,
    id: &str,
    args: &LinkArgs,
    progress: &Progress,
    as_json: bool,
    first: bool,
) -> Result<Shown> {
    let force = if args.force && first { vec![("force", "true".to_owned())] } else { Vec::new() };
    let answer = if args.qr {
        let query: Vec<_> = std::iter::once(("encoding", "json".to_owned())).chain(force).collect();
        rest.get(&["v1", "devices", id, "scan"], &query).await?
    } else {
        let body = args.phone.as_ref().map_or_else(|| json!({}), |phone| json!({ "phone": phone }));
        post_with(rest, &["v1", "devices", id, "authcode"], &force, body).await?
    };
    let life = answer["expiresIn"].as_u64().unwrap_or(20).max(1);
    let shown = Shown { until: Instant::now() + Duration::from_secs(life) };
    if as_json {
        let mut line = answer;
        if let Some(map) = line.as_object_mut() {
            map.insert("event".to_owned(), json!(if args.qr { "qr" } else { "code" }));
            map.insert("device".to_owned(), json!(id));
        }
        terminal::json(&line);
    } else if args.qr {
        show_qr(&answer, life)?;
    } else {
        show_code(&answer, life);
    }
    progress.say("Waiting for the phone…");
    Ok(shown)
}

fn show_qr(answer: &Value, life: u64) -> Result<()> {
    let code = terminal::qr(text(answer, "/data"))?;
    // The next one takes the place of the last, so that nobody scans a dead one.
    let clear = if terminal::is_watched() { "\x1b[2J\x1b[H" } else { "" };
    terminal::line(format_args!(
        "{clear}{code}\n\nOn the phone: WhatsApp → Linked devices → Link a device. Good for {life} s; the next one follows by itself."
    ));
    Ok(())
}

fn show_code(answer: &Value, life: u64) {
    let code = text(answer, "/code");
    let drawn = if terminal::is_watched() { terminal::big(code) } else { None };
    let (minutes, seconds) = (life / 60, life % 60);
    terminal::line(format_args!("\n{}\n", drawn.as_deref().unwrap_or(code)));
    terminal::line(format_args!(
        "On the phone {}: WhatsApp → Linked devices → Link with phone number, then type {code}. Good for {minutes}:{seconds:02} min.",
        text(answer, "/phone")
    ));
    if cfg!(feature = "sandbox") {
        terminal::line(format_args!(
            "A sandbox phone types it with: sparkbot sandbox phone link {} {code}",
            text(answer, "/phone")
        ));
    }
}

fn done(device: &Value, id: &str, as_json: bool) -> Result<()> {
    if as_json {
        terminal::json(&json!({ "event": "online", "device": device }));
        return Ok(());
    }
    terminal::line(format_args!(
        "Online: {} is linked as {}. Send with:\n",
        text(device, "/phone"),
        text(device, "/alias")
    ));
    terminal::line(format_args!("  sparkbot send {id} +… \"hello\" --wait"));
    Ok(())
}
