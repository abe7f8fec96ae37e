//! What is measured, in this order, on one server.

mod history;
mod latency;
mod linking;
mod messages;
mod receiver;
mod restart;

pub(crate) use history::History;
pub(crate) use linking::Linking;
pub(crate) use messages::Messages;
pub(crate) use restart::Restart;

use crate::failure::Result;
use crate::machine::Machine;
use crate::options::Options;
use crate::progress::say;
use crate::report::{Report, Settings};
use crate::targets;
use crate::workplace::{Ending, Folder, Workplace};

/// Measures everything that the options ask for.
pub(crate) async fn all(options: &Options) -> Result<Report> {
    let folder = Folder::make(options.folder.as_ref())?;
    let machine = Machine::here(&folder.path);
    say("starting a sandbox and a server");
    let mut place = Workplace::open(options, folder).await?;
    let settings = Settings::of(options);
    let program_kib = place.program_kib();

    let (linking, numbers) = linking::measure(&place, options).await?;
    let mut restarts = Vec::new();
    for ending in [Ending::Asked, Ending::Killed] {
        let (again, restart) = restart::measure(place, ending, &numbers).await?;
        place = again;
        restarts.push(restart);
    }
    let mut report = Report {
        machine,
        settings,
        program_kib,
        linking,
        restarts,
        latencies: Vec::new(),
        messages: None,
        history: None,
        failures: Vec::new(),
        targets: Vec::new(),
    };
    report.targets = targets::all(&report);
    // Latencies first: they are of an idle server. What goes wrong here does
    // not take away what was measured before.
    if options.samples > 0 {
        match latency::measure(&place, &numbers, options.samples).await {
            Ok(latencies) => report.latencies = latencies,
            Err(failure) => report.failures.push(place.explain("latencies", &failure)),
        }
    }
    if options.messages > 0 {
        match messages::measure(&place, &numbers, options).await {
            Ok(messages) => report.messages = Some(messages),
            Err(failure) => report.failures.push(place.explain("messages", &failure)),
        }
    }
    if options.history_chats > 0 {
        match history::measure(&place, options).await {
            Ok(history) => report.history = Some(history),
            Err(failure) => report.failures.push(place.explain("history", &failure)),
        }
        report.targets.extend(targets::of_history(&report));
    }
    Ok(report)
}

/// The phone behind number `n`.
fn owner(n: u32) -> String {
    format!("+1600{:07}", 2_000_000 + n)
}

/// A phone that is linked to nothing.
fn friend(n: u32) -> String {
    format!("+1600{:07}", 8_000_000 + n)
}
