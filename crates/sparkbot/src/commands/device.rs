//! `sparkbot device …`, through the REST API.

use std::io::{BufRead, IsTerminal};

use reqwest::Method;
use serde_json::{Value, json};

use super::link;
use crate::cli::resources::DeviceCommand;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::rest::Rest;
use crate::terminal;

/// Numbers asked for at a time.
const PAGE: usize = 100;

pub(super) async fn run(config: &Config, command: DeviceCommand, as_json: bool) -> Result<()> {
    match command {
        DeviceCommand::List { server } => list(&Rest::server(&server, config)?, as_json).await,
        DeviceCommand::Create { alias, server } => {
            let device =
                Rest::server(&server, config)?.post(&["v1", "devices"], Some(json!({ "alias": alias }))).await?;
            if as_json {
                terminal::json(&device);
            } else {
                let id = text(&device, "/id");
                terminal::line(format_args!("Device {id} ({alias}) is made. Link it to a number:\n"));
                terminal::line(format_args!("  sparkbot device link {id} --phone +…     by a code typed on the phone"));
                terminal::line(format_args!("  sparkbot device link {id} --qr           by a QR"));
            }
            Ok(())
        }
        DeviceCommand::Link(args) => link::run(config, &args, as_json).await,
        DeviceCommand::Unlink { device, server } => {
            let rest = Rest::server(&server, config)?;
            let id = find(&rest, &device).await?;
            let device = rest.post(&["v1", "devices", &id, "reset"], None).await?;
            if as_json {
                terminal::json(&device);
            } else {
                terminal::line(format_args!("Device {id} is no longer linked; its chats are kept."));
            }
            Ok(())
        }
        DeviceCommand::Delete { device, yes, server } => {
            let rest = Rest::server(&server, config)?;
            let id = find(&rest, &device).await?;
            if !yes {
                confirm(&device)?;
            }
            rest.delete(&["v1", "devices", &id]).await?;
            if as_json {
                terminal::json(&json!({ "deleted": id }));
            } else {
                terminal::line(format_args!("Device {id} is deleted."));
            }
            Ok(())
        }
    }
}

/// The id of the device that is meant by an id, an alias or a phone number.
///
/// # Errors
/// When none or several are meant.
pub(super) async fn find(rest: &Rest, wanted: &str) -> Result<String> {
    if wanted.len() == 24 && wanted.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(wanted.to_ascii_lowercase());
    }
    let devices = all(rest).await?;
    let meant =
        |device: &&Value| text(device, "/alias").eq_ignore_ascii_case(wanted) || text(device, "/phone") == wanted;
    match devices.iter().filter(meant).collect::<Vec<_>>()[..] {
        [device] => Ok(text(device, "/id").to_owned()),
        [] => Err(Failure::new(format!("there is no device '{wanted}'"))
            .hint("`sparkbot device list` shows them; `sparkbot device create <alias>` makes one.")),
        _ => Err(Failure::usage(format!("several devices are called '{wanted}'"))
            .hint("Name it by its id: `sparkbot device list`.")),
    }
}

async fn all(rest: &Rest) -> Result<Vec<Value>> {
    let mut devices = Vec::new();
    for page in 0.. {
        let query = [("size", PAGE.to_string()), ("page", page.to_string())];
        let answer = rest.get(&["v1", "devices"], &query).await?;
        let Value::Array(some) = answer else { break };
        let last = some.len() < PAGE;
        devices.extend(some);
        if last {
            break;
        }
    }
    Ok(devices)
}

async fn list(rest: &Rest, as_json: bool) -> Result<()> {
    let devices = all(rest).await?;
    if as_json {
        terminal::json(&devices);
        return Ok(());
    }
    if devices.is_empty() {
        terminal::line("There is no device yet: sparkbot device create <alias>");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = devices
        .iter()
        .map(|device| {
            let waiting = device.pointer("/queue/size").and_then(Value::as_i64).unwrap_or(0);
            let mut row: Vec<_> = ["/id", "/alias", "/phone", "/status", "/session/status"]
                .iter()
                .map(|at| text(device, at).to_owned())
                .collect();
            row.push(waiting.to_string());
            row
        })
        .collect();
    terminal::line(terminal::table(&["ID", "ALIAS", "PHONE", "STATUS", "SESSION", "QUEUE"], &rows));
    Ok(())
}

fn confirm(device: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("deleting asks first, and nobody is there to answer").hint("Add --yes."));
    }
    terminal::remark(format_args!("Delete '{device}' with its chats and messages? Type yes:"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::new(error.to_string()))?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new("nothing was deleted")) }
}

/// A text in an answer, `-` when there is none.
pub(super) fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or("-")
}

/// A request that has side effects and no body of its own.
///
/// # Errors
/// As [`Rest::call`].
pub(super) async fn post_with(rest: &Rest, path: &[&str], query: &[(&str, String)], body: Value) -> Result<Value> {
    rest.call(Method::POST, path, query, Some(body), None).await
}
