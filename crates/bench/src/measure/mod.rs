//! What is measured, in this order, on one server: memory while numbers are
//! linked, restarts with fewer and fewer of them, then messages.

mod accepting;
mod cast;
mod groups;
mod history;
mod latency;
mod linking;
mod lists;
mod receiving;
mod restart;
pub(crate) mod rivals;
mod rounds;
mod sending;

pub(crate) use groups::Groups;
pub(crate) use history::History;
pub(crate) use linking::Linking;
pub(crate) use lists::Lists;
pub(crate) use restart::Restart;
pub(crate) use rivals::Contest;
pub(crate) use rounds::Rate;

use std::time::Instant;

use crate::failure::Result;
use crate::machine::Machine;
use crate::options::{Options, Part};
use crate::progress::say;
use crate::report::{Report, Settings};
use crate::sizes;
use crate::stats::Latency;
use crate::targets;
use crate::workplace::{Ending, Folder, Number, Workplace};
use cast::Cast;

/// Numbers that are online while messages are measured, at most.
const ONLINE: u32 = 200;
/// With so many numbers the server is also killed.
const KILLED_WITH: u32 = 1000;

/// Measures everything that the options ask for.
pub(crate) async fn all(options: &Options) -> Result<Report> {
    let began = Instant::now();
    let folder = Folder::make(options.folder.as_ref())?;
    let machine = Machine::here(&folder.path);
    say("starting a sandbox and a server");
    let mut place = Workplace::open(options, folder).await?;
    let mut report = Report {
        machine,
        settings: Settings::of(options),
        sizes: sizes::of(place.program(), &options.image),
        linking: None,
        restarts: Vec::new(),
        latencies: Vec::new(),
        accepting: None,
        sending: None,
        receiving: None,
        groups: None,
        history: None,
        lists: None,
        rivals: None,
        failures: Vec::new(),
        targets: Vec::new(),
        seconds: 0.0,
    };
    let (linking, mut numbers) = linking::measure(&place, options).await?;
    report.linking = Some(linking);
    if options.wants(Part::Restarts) {
        (place, numbers) = restarts(place, numbers, options, &mut report).await?;
    }
    let numbers = restart::leave(&place, numbers, ONLINE).await?;
    if [Part::Latency, Part::Send, Part::Receive, Part::Groups, Part::Accept].iter().any(|part| options.wants(*part)) {
        match Cast::of(&numbers) {
            Ok(cast) => messages(&place, &cast, options, &mut report).await,
            Err(failure) => report.failures.push(failure.to_string()),
        }
    }
    if options.history_chats > 0 && options.wants(Part::History) {
        let history = history::measure(&place, options).await;
        report.history = kept(&place, "history", history, &mut report);
    }
    if let Some(folder) = options.filled.as_ref().filter(|_| options.wants(Part::Lists)) {
        let lists = lists::measure(&place, folder, options.samples()).await;
        report.lists = kept(&place, "lists and searches", lists, &mut report);
    }
    // A quick run does without, unless they are asked for by name.
    if options.only.contains(&Part::Rivals) || (!options.quick && options.wants(Part::Rivals)) {
        match rivals::measure(place, &options.rivals.join("rival"), options).await {
            Ok(contest) => report.rivals = Some(contest),
            Err(failure) => report.failures.push(format!("rivals: {failure}")),
        }
    }
    report.seconds = began.elapsed().as_secs_f64();
    report.targets = targets::all(&report);
    Ok(report)
}

/// With all numbers first, then with fewer.
async fn restarts(
    mut place: Workplace,
    mut numbers: Vec<Number>,
    options: &Options,
    report: &mut Report,
) -> Result<(Workplace, Vec<Number>)> {
    let sizes = options.restarts();
    let killed_with = sizes.iter().copied().find(|n| *n <= KILLED_WITH);
    for size in sizes {
        numbers = restart::leave(&place, numbers, size).await?;
        let endings: &[Ending] =
            if killed_with == Some(size) { &[Ending::Asked, Ending::Killed] } else { &[Ending::Asked] };
        for ending in endings {
            let (again, restart) = restart::measure(place, *ending, &numbers).await?;
            place = again;
            report.restarts.push(restart);
        }
    }
    Ok((place, numbers))
}

/// What goes wrong here does not take away what was measured before.
async fn messages(place: &Workplace, cast: &Cast, options: &Options, report: &mut Report) {
    // First, since they are of a server that has done nothing else.
    if options.wants(Part::Latency) {
        let idle = latency::at_idle(place, cast, options.samples()).await;
        let idle = kept(place, "latencies at idle", idle, report);
        report.latencies.extend(idle.into_iter().flatten());
    }
    if options.wants(Part::Send) {
        let sending = sending::measure(place, cast, options).await;
        report.sending = kept(place, "messages to phones", sending, report);
    }
    if options.wants(Part::Receive) {
        let receiving = receiving::measure(place, cast, options).await;
        report.receiving = kept(place, "messages to a webhook", receiving, report);
    }
    if options.wants(Part::Latency) {
        half_load(place, cast, options, report).await;
    }
    if options.wants(Part::Groups) {
        let groups = groups::measure(place, cast, options).await;
        report.groups = kept(place, "groups", groups, report);
    }
    if options.wants(Part::Accept) {
        let accepting = accepting::measure(place, cast, options).await;
        report.accepting = kept(place, "messages accepted", accepting, report);
    }
}

/// Half of what the largest rounds have kept up.
async fn half_load(place: &Workplace, cast: &Cast, options: &Options, report: &mut Report) {
    let half = |rate: &Option<Rate>| Some(rate.as_ref()?.largest()?.per_second / 2.0).filter(|rate| *rate >= 1.0);
    let mut latencies: Vec<(&str, Result<Latency>)> = Vec::new();
    if let Some(rate) = half(&report.sending) {
        latencies.push(("latency to phones", latency::out_at_half_load(place, cast, options, rate).await));
    }
    if let Some(rate) = half(&report.receiving) {
        latencies.push(("latency to a webhook", latency::in_at_half_load(place, cast, options, rate).await));
    }
    for (what, latency) in latencies {
        let latency = kept(place, what, latency, report);
        report.latencies.extend(latency);
    }
}

/// What was measured, or a line in the report about why not.
fn kept<T>(place: &Workplace, what: &str, measured: Result<T>, report: &mut Report) -> Option<T> {
    measured.map_err(|failure| report.failures.push(place.explain(what, &failure))).ok()
}

/// The phone behind number `n`.
fn owner(n: u32) -> String {
    format!("+1600{:07}", 2_000_000 + n)
}

/// A phone that is linked to nothing.
fn friend(n: u32) -> String {
    format!("+1600{:07}", 8_000_000 + n)
}
