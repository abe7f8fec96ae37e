//! `sandbox watch`: what passes between clients and the sandbox, as it passes.

use serde_json::Value;

use super::stanza::{Paint, parse};
use super::{HOLD_MS, list};
use crate::cli::sandbox::WatchArgs;
use crate::commands::device::text;
use crate::failure::Result;
use crate::rest::Rest;
use crate::terminal;

/// The most stanzas asked for at once.
const BATCH: u64 = 1_000;

/// Shows stanzas until it is stopped.
pub(super) async fn run(control: &Rest, args: &WatchArgs, as_json: bool) -> Result<()> {
    let paint = Paint(terminal::is_watched() && std::env::var_os("NO_COLOR").is_none());
    let mut after = if args.past { 0 } else { newest(control).await? };
    if !as_json {
        terminal::remark("→ from a client, ← to it. Stop with Ctrl+C.");
    }
    loop {
        let mut query = vec![("after", after.to_string()), ("wait", HOLD_MS.to_string()), ("limit", BATCH.to_string())];
        query.extend(args.phone.as_ref().map(|phone| ("phone", phone.clone())));
        query.extend(args.device.map(|device| ("device", device.to_string())));
        let answer = control.get(&["traffic"], &query).await?;
        for passed in list(&answer, "stanzas") {
            if as_json {
                terminal::json(passed);
            } else {
                terminal::line(shown(passed, args.full, paint));
            }
        }
        after = answer["last"].as_u64().unwrap_or(after);
    }
}

/// The number of the newest stanza there is.
async fn newest(control: &Rest) -> Result<u64> {
    let answer = control.get(&["traffic"], &[("after", u64::MAX.to_string())]).await?;
    Ok(answer["last"].as_u64().unwrap_or(0))
}

fn shown(passed: &Value, full: bool, paint: Paint) -> String {
    let at = passed["at"].as_i64().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let time = at.map(|at| at.strftime("%H:%M:%S%.3f").to_string()).unwrap_or_default();
    let who = match (text(passed, "/phone"), passed["device"].as_u64()) {
        ("-" | "", _) | (_, None) => format!("connection {}", passed["connection"]),
        (phone, Some(device)) => format!("{phone}:{device}"),
    };
    let (arrow, style) = if passed["direction"] == "in" { ("→", "32") } else { ("←", "34") };
    let head = format!(
        "{} {} {}",
        paint.paint("2", &time),
        paint.paint("2", &format!("{who:<18}")),
        paint.paint(style, arrow)
    );
    let raw = text(passed, "/stanza");
    match parse(raw) {
        Some(element) if full => format!("{head}{}", element.tree(paint)),
        Some(element) => format!("{head} {}", element.line(paint)),
        None => format!("{head} {}", raw.chars().filter(|c| !c.is_control()).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_when_who_which_way_and_what() {
        let passed = json!({"seq": 1, "at": 1_800_000_000_123_i64, "connection": 3, "phone": "+16001234560", "device": 1,
            "direction": "in", "stanza": "<iq type=\"get\" xmlns=\"w:p\" id=\"7\"><ping/></iq>"});
        assert_eq!(
            shown(&passed, false, Paint(false)),
            "08:00:00.123 +16001234560:1     → iq type=get xmlns=w:p id=7 [ping]"
        );
    }

    #[test]
    fn a_client_that_is_not_linked_yet_has_the_number_of_its_connection() {
        let passed = json!({"at": 0, "connection": 3, "phone": null, "device": null, "direction": "out", "stanza": "<success/>"});
        assert_eq!(shown(&passed, false, Paint(false)), "00:00:00.000 connection 3       ← success");
    }
}
