//! What the project promises of itself.

use serde::Serialize;

use crate::report::Report;

/// How many numbers the promises are made for; what a server needs without any
/// would weigh too much on fewer.
const NUMBERS: u32 = 200;
/// Resident memory of the whole server divided by its numbers, KiB.
const MEMORY_PER_NUMBER_KIB: f64 = 1024.0;
/// From the start of the process until all are online, seconds.
const ALL_ONLINE_SECONDS: f64 = 10.0;

/// One promise.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) limit: f64,
    pub(crate) measured: f64,
    pub(crate) unit: &'static str,
    pub(crate) met: bool,
}

impl Target {
    fn at_most(what: String, limit: f64, measured: f64, unit: &'static str) -> Self {
        Self { what, limit, measured, unit, met: measured <= limit }
    }
}

/// Chats and messages of a history that the promise is made for.
const HISTORY: (u32, u64) = (500, 50_000);
/// From the request for a code until all of it is in the inbox, seconds.
const HISTORY_SECONDS: f64 = 60.0;
/// Median of a request meanwhile, milliseconds.
const HISTORY_MEDIAN_MS: f64 = 50.0;

/// Those for a phone's history; none when it was too short.
pub(crate) fn of_history(report: &Report) -> Vec<Target> {
    let Some(history) = report.history.as_ref().filter(|h| (h.chats, h.messages) >= HISTORY) else { return Vec::new() };
    let mut targets = vec![Target::at_most("history in the inbox".to_owned(), HISTORY_SECONDS, history.seconds, "s")];
    targets.push(Target::at_most("chats that differ from the phone's".to_owned(), 0.0, history.different as f64, ""));
    targets.extend(history.latencies.iter().map(|latency| {
        Target::at_most(format!("median of {} meanwhile", latency.way), HISTORY_MEDIAN_MS, latency.p50_ms, "ms")
    }));
    targets
}

/// All of them, for what was measured; none for a run that is too small.
pub(crate) fn all(report: &Report) -> Vec<Target> {
    let mut targets = Vec::new();
    if report.settings.numbers < NUMBERS {
        return targets;
    }
    let numbers = f64::from(report.settings.numbers);
    let mut memory = |when: &str, rss: u64| {
        let what = format!("resident memory per number, everything counted, {when}");
        targets.push(Target::at_most(what, MEMORY_PER_NUMBER_KIB, rss as f64 / numbers, "KiB"));
    };
    if let Some(last) = report.linking.points.last() {
        memory("after linking", last.footprint.memory.rss);
    }
    for restart in &report.restarts {
        memory(restart.after, restart.footprint.memory.rss);
    }
    for restart in &report.restarts {
        let what = format!("all online {}", restart.after);
        targets.push(Target::at_most(what, ALL_ONLINE_SECONDS, restart.all_online_seconds, "s"));
    }
    targets
}
