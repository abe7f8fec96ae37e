//! `sparkbot sandbox …`: runs a sandbox, or drives a running one over its
//! control API.

mod stanza;
mod watch;

use std::io::Read as _;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::device::text;
use crate::cli::sandbox::{FaultArgs, PhoneCommand, SandboxArgs, SandboxCommand};
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::rest::Rest;
use crate::{serve, terminal};

/// Seconds an answer is held back while following an inbox.
const HOLD_MS: u64 = 30_000;

pub(super) async fn run(config: &Config, args: &SandboxArgs, as_json: bool) -> Result<()> {
    match &args.command {
        None => serve::sandbox_alone(config, args, as_json).await,
        Some(command) => {
            let control = Rest::sandbox(&args.control)?;
            match command {
                SandboxCommand::Status => status(&control, as_json).await,
                SandboxCommand::Watch(args) => watch::run(&control, args, as_json).await,
                SandboxCommand::Fault(fault) => self::fault(&control, fault, as_json).await,
                SandboxCommand::Phone(command) => phone(&control, command, as_json).await,
            }
        }
    }
}

/// Answers with the whole JSON, or with a sentence.
fn tell(answer: &Value, as_json: bool, sentence: impl FnOnce(&Value) -> String) {
    if as_json {
        terminal::json(answer);
    } else {
        terminal::line(sentence(answer));
    }
}

async fn status(control: &Rest, as_json: bool) -> Result<()> {
    let answer = control.get(&[], &[]).await?;
    tell(&answer, as_json, |a| {
        format!(
            "control  {}\nsocket   {}\nphones   {}\nroot key {}\nseed     {}",
            text(a, "/controlUrl"),
            text(a, "/socketUrl"),
            a["phones"],
            text(a, "/rootKey"),
            a["seed"]
        )
    });
    Ok(())
}

async fn fault(control: &Rest, args: &FaultArgs, as_json: bool) -> Result<()> {
    if args.clear {
        control.delete(&["faults"]).await?;
        tell(&json!({ "cleared": true }), as_json, |_| "No faults are pending.".to_owned());
        return Ok(());
    }
    let Some(kind) = &args.kind else {
        let answer = control.get(&["faults"], &[]).await?;
        tell(&answer, as_json, |a| {
            let rows = list(a, "faults").iter().map(|f| {
                vec![
                    f["id"].to_string(),
                    text(f, "/kind").to_owned(),
                    text(f, "/phone").to_owned(),
                    f["left"].to_string(),
                    f["struck"].to_string(),
                ]
            });
            terminal::table(&["ID", "KIND", "PHONE", "LEFT", "STRUCK"], &rows.collect::<Vec<_>>())
        });
        return Ok(());
    };
    let settings = [
        ("phone", args.phone.as_ref().map(|v| json!(v))),
        ("device", args.device.map(Value::from)),
        ("code", args.code.map(Value::from)),
        ("count", args.count.map(Value::from)),
        ("ms", args.ms.map(Value::from)),
        ("forMs", args.for_ms.map(Value::from)),
        ("skewMs", args.skew_ms.map(Value::from)),
        ("xmlns", args.xmlns.as_ref().map(|v| json!(v))),
        ("seed", args.seed.map(Value::from)),
        ("probability", args.probability.map(Value::from)),
    ];
    let mut body = Map::from_iter([("kind".to_owned(), json!(kind))]);
    body.extend(settings.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let answer = control.post(&["faults"], Some(body.into())).await?;
    tell(&answer, as_json, |a| {
        format!("Fault {} ({kind}) is set; connections struck at once: {}.", a["id"], a["struck"])
    });
    Ok(())
}

async fn phone(control: &Rest, command: &PhoneCommand, as_json: bool) -> Result<()> {
    match command {
        PhoneCommand::Create { phone, name } => {
            let mut body = json!({ "phone": phone });
            if let (Some(name), Some(map)) = (name, body.as_object_mut()) {
                map.insert("name".to_owned(), json!(name));
            }
            let answer = control.post(&["phones"], Some(body)).await?;
            tell(&answer, as_json, |a| format!("Phone {} ({}) is there.", text(a, "/phone"), text(a, "/name")));
        }
        PhoneCommand::List => {
            let answer = control.get(&["phones"], &[]).await?;
            tell(&answer, as_json, phones);
        }
        PhoneCommand::Link { phone, code } => {
            let answer = control.post(&["phones", phone, "link"], Some(json!({ "code": code }))).await?;
            tell(&answer, as_json, |a| linked(a, phone));
        }
        PhoneCommand::Scan { phone, qr } => {
            let answer = control.post(&["phones", phone, "scan"], Some(json!({ "qr": read_qr(qr)? }))).await?;
            tell(&answer, as_json, |a| linked(a, phone));
        }
        PhoneCommand::Send { phone, to, text: said } => {
            let answer = control.post(&["phones", phone, "messages"], Some(json!({ "to": to, "text": said }))).await?;
            tell(&answer, as_json, |a| format!("Sent as {}.", text(a, "/id")));
        }
        PhoneCommand::Inbox { phone, chat, after, follow, wait } => {
            let hold = match wait {
                Some(span) => u64::try_from(span.duration().as_millis()).unwrap_or(HOLD_MS),
                None if *follow => HOLD_MS,
                None => 0,
            };
            inbox(control, phone, chat.as_deref(), *after, *follow, hold, as_json).await?;
        }
        PhoneCommand::Unlink { phone, device } => unlink(control, phone, *device, as_json).await?,
        PhoneCommand::Offline { phone } => {
            let answer = control.post(&["phones", phone, "offline"], None).await?;
            tell(&answer, as_json, |_| format!("Phone {phone} is off the network."));
        }
        PhoneCommand::Online { phone } => {
            let answer = control.post(&["phones", phone, "online"], None).await?;
            tell(&answer, as_json, |_| format!("Phone {phone} is back."));
        }
    }
    Ok(())
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().map_or(&[], Vec::as_slice)
}

fn linked(answer: &Value, phone: &str) -> String {
    format!("Linked: device {} of {phone} is {}.", answer["device"]["id"], text(answer, "/device/jid"))
}

fn phones(answer: &Value) -> String {
    let rows: Vec<Vec<String>> = list(answer, "phones")
        .iter()
        .map(|phone| {
            let devices: Vec<_> = list(phone, "devices")
                .iter()
                .map(|d| format!("{}{}", d["id"], if d["online"] == true { "" } else { " (offline)" }))
                .collect();
            vec![
                text(phone, "/phone").to_owned(),
                text(phone, "/name").to_owned(),
                if phone["online"] == true { "online" } else { "offline" }.to_owned(),
                if devices.is_empty() { "-".to_owned() } else { devices.join(", ") },
                phone["messages"].to_string(),
            ]
        })
        .collect();
    terminal::table(&["PHONE", "NAME", "STATE", "LINKED DEVICES", "MESSAGES"], &rows)
}

async fn inbox(
    control: &Rest,
    phone: &str,
    chat: Option<&str>,
    mut after: u64,
    follow: bool,
    hold: u64,
    as_json: bool,
) -> Result<()> {
    loop {
        let mut query = vec![("after", after.to_string()), ("wait", hold.to_string())];
        query.extend(chat.map(|chat| ("chat", chat.to_owned())));
        let answer = control.get(&["phones", phone, "messages"], &query).await?;
        let messages = list(&answer, "messages");
        if as_json && !follow {
            terminal::json(&answer);
            return Ok(());
        }
        for message in messages {
            if as_json {
                terminal::json(message);
            } else {
                terminal::line(message_line(message));
            }
        }
        if !follow {
            if messages.is_empty() {
                terminal::remark(format_args!("{phone} has nothing{}.", if after > 0 { " newer" } else { " yet" }));
            }
            return Ok(());
        }
        after = answer["last"].as_u64().unwrap_or(after);
    }
}

fn message_line(message: &Value) -> String {
    let (other, arrow) = if message["fromMe"] == true { ("/chat", "→") } else { ("/from", "←") };
    let what = match text(message, "/kind") {
        "text" | "-" => String::new(),
        kind => format!("[{kind}] "),
    };
    format!("{:>4}  {arrow} {}  {what}{}", message["seq"].to_string(), text(message, other), text(message, "/text"))
}

async fn unlink(control: &Rest, phone: &str, device: Option<u32>, as_json: bool) -> Result<()> {
    let devices = match device {
        Some(device) => vec![device.to_string()],
        None => {
            let shown = control.get(&["phones", phone], &[]).await?;
            list(&shown, "devices").iter().map(|device| device["id"].to_string()).collect()
        }
    };
    if devices.is_empty() {
        return Err(Failure::new(format!("{phone} has no linked devices")));
    }
    for device in &devices {
        control.call(Method::DELETE, &["phones", phone, "devices", device], &[], None, None).await?;
    }
    tell(&json!({ "unlinked": devices }), as_json, |_| format!("Removed from {phone}: device {}.", devices.join(", ")));
    Ok(())
}

/// What a QR says: the argument itself, a file, or standard input.
fn read_qr(argument: &str) -> Result<String> {
    let read = |error: std::io::Error| Failure::usage(format!("the QR can't be read: {error}"));
    let said = match (argument, argument.strip_prefix('@')) {
        ("-", _) => {
            let mut said = String::new();
            std::io::stdin().lock().read_to_string(&mut said).map_err(read)?;
            said
        }
        // A QR itself begins with a digit and an @, never with an @.
        (_, Some(file)) => std::fs::read_to_string(file).map_err(read)?,
        _ => argument.to_owned(),
    };
    Ok(said.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_line_of_an_inbox_shows_who_and_what() {
        let message = json!({ "seq": 3, "from": "+16001234560", "chat": "+16001234560", "fromMe": false, "kind": "text", "text": "hi" });
        assert_eq!(super::message_line(&message), "   3  ← +16001234560  hi");
    }

    #[test]
    fn a_qr_is_given_or_read_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("qr");
        std::fs::write(&file, "2@abc\n").unwrap();
        assert_eq!(super::read_qr(&format!("@{}", file.display())).unwrap(), "2@abc");
        assert_eq!(super::read_qr("2@abc").unwrap(), "2@abc");
    }
}
