//! What the project promises of itself.

use serde::{Deserialize, Serialize};

use crate::measure::rivals;
use crate::report::Report;
use crate::stats::{Latency, Series};

/// Resident memory of one further idle number, from 200 to 1,000, KiB.
const FURTHER_NUMBER_KIB: f64 = 300.0;
/// By how much that may differ from 1,000 to 2,000, in percent.
const BEND_PERCENT: f64 = 10.0;
/// Between which numbers these are taken.
const FROM_TO: (f64, f64, f64) = (200.0, 1000.0, 2000.0);
/// From the start of the process until so many numbers are online, seconds.
const ALL_ONLINE: (u32, f64) = (1000, 10.0);
/// From the start of the process to the first answer, milliseconds.
const FIRST_ANSWER_MS: f64 = 200.0;
/// Per second.
const ACCEPTED: f64 = 5_000.0;
const TO_PHONES: f64 = 1_500.0;
const TO_WEBHOOK: f64 = 1_500.0;
/// Processor seconds of the server for 1,000 messages to phones.
const CPU_PER_THOUSAND: f64 = 0.7;
/// Phone to webhook at half load, milliseconds: the middle, and 99 of 100.
const HALF_LOAD_MS: (f64, f64) = (10.0, 50.0);
/// How many times as fast as Baileys and whatsmeow, and at which part of their processor time.
const TIMES: (f64, f64) = (8.0, 2.0);
/// At which part of their memory.
const MEMORY_PART: f64 = 1.0 / 3.0;
/// Minutes that a run may take, and a quick one.
const MINUTES: (f64, f64) = (15.0, 2.0);

/// One promise.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    pub(crate) what: String,
    /// Whether `limit` is the least instead of the most.
    pub(crate) at_least: bool,
    pub(crate) limit: f64,
    pub(crate) measured: f64,
    pub(crate) unit: String,
    pub(crate) met: bool,
}

impl Target {
    pub(crate) fn at_most(what: impl Into<String>, limit: f64, measured: f64, unit: &str) -> Self {
        let (what, unit) = (what.into(), unit.to_owned());
        Self { what, at_least: false, limit, measured, unit, met: measured <= limit }
    }

    pub(crate) fn at_least(what: impl Into<String>, limit: f64, measured: f64, unit: &str) -> Self {
        let (what, unit) = (what.into(), unit.to_owned());
        Self { what, at_least: true, limit, measured, unit, met: measured >= limit }
    }
}

/// All of them, for what was measured; a run that is too small for one leaves it out.
pub(crate) fn all(report: &Report) -> Vec<Target> {
    let mut targets = memory(report);
    targets.extend(starts(report));
    targets.extend(messages(report));
    targets.extend(of_history(report));
    targets.extend(rivals(report));
    let minutes = if report.settings.quick { MINUTES.1 } else { MINUTES.0 };
    targets.push(Target::at_most("the whole run", minutes, report.seconds / 60.0, "min"));
    targets
}

fn memory(report: &Report) -> Vec<Target> {
    let (from, middle, to) = FROM_TO;
    let started = report.started();
    let linked = report.linking.as_ref().map(|linking| ("linked", &linking.rss));
    let mut targets = Vec::new();
    for (how, series) in linked.into_iter().chain([("after a start", &started)]) {
        let Some(slope) = Series::slope_between(series, from, middle) else { continue };
        let what = format!("memory of one further number, 200 to 1,000, {how}");
        targets.push(Target::at_most(what, FURTHER_NUMBER_KIB, slope, "KiB"));
        let Some(later) = series.slope_between(middle, to) else { continue };
        let percent = (later / slope - 1.0).abs() * 100.0;
        let what = format!("how far that differs from 1,000 to 2,000, {how}");
        targets.push(Target::at_most(what, BEND_PERCENT, percent, "%"));
    }
    targets
}

fn starts(report: &Report) -> Vec<Target> {
    let mut targets = Vec::new();
    for restart in report.restarts.iter().filter(|restart| restart.numbers == ALL_ONLINE.0) {
        let what = format!("1,000 numbers online {}", restart.after);
        targets.push(Target::at_most(what, ALL_ONLINE.1, restart.all_online_seconds, "s"));
    }
    let slowest = report.restarts.iter().filter_map(|restart| restart.first_answer_seconds).reduce(f64::max);
    let slowest =
        slowest.map(|seconds| Target::at_most("first answer of a start", FIRST_ANSWER_MS, seconds * 1000.0, "ms"));
    targets.extend(slowest);
    targets
}

fn messages(report: &Report) -> Vec<Target> {
    let mut targets = Vec::new();
    if let Some(round) = report.accepting.as_ref().and_then(|rate| rate.largest()) {
        targets.push(Target::at_least("accepted at the API", ACCEPTED, round.per_second, "/s"));
    }
    if let Some(round) = report.sending.as_ref().and_then(|rate| rate.largest()) {
        targets.push(Target::at_least("from the API to the phones", TO_PHONES, round.per_second, "/s"));
        let what = "CPU of the server for 1,000 of these";
        targets.push(Target::at_most(what, CPU_PER_THOUSAND, round.cpu_per_thousand(), "s"));
    }
    if let Some(round) = report.receiving.as_ref().and_then(|rate| rate.largest()) {
        targets.push(Target::at_least("from the phones to a webhook", TO_WEBHOOK, round.per_second, "/s"));
    }
    let lost: u32 = [&report.sending, &report.receiving]
        .into_iter()
        .flatten()
        .flat_map(|rate| &rate.rounds)
        .map(|round| round.missing)
        .sum();
    if report.sending.is_some() || report.receiving.is_some() {
        targets.push(Target::at_most("messages that did not arrive", 0.0, f64::from(lost), ""));
    }
    if let Some(latency) = report.latencies.iter().find(|latency| latency.way == Latency::IN_AT_HALF_LOAD) {
        targets.push(Target::at_most(format!("{}, median", latency.way), HALF_LOAD_MS.0, latency.p50_ms, "ms"));
        targets.push(Target::at_most(format!("{}, p99", latency.way), HALF_LOAD_MS.1, latency.p99_ms, "ms"));
    }
    targets
}

/// SparkBot against each of the others, in the middle of the runs.
fn rivals(report: &Report) -> Vec<Target> {
    let ratios = report.rivals.iter().flat_map(|contest| &contest.ratios);
    ratios
        .filter_map(|ratio| {
            let baileys = ratio.rival == "Baileys";
            let what = format!("{}, against {}", ratio.what, ratio.rival);
            let measured = ratio.spread.median;
            Some(match ratio.what.as_str() {
                rivals::RATE | rivals::ACTIVE_RATE => {
                    Target::at_least(what, if baileys { TIMES.0 } else { TIMES.1 }, measured, "×")
                }
                rivals::CPU | rivals::ACTIVE_CPU => {
                    Target::at_most(what, if baileys { 1.0 / TIMES.0 } else { 1.0 / TIMES.1 }, measured, "×")
                }
                rivals::IDLE | rivals::ACTIVE => Target::at_most(what, MEMORY_PART, measured, "×"),
                _ => return None,
            })
        })
        .collect()
}

/// Chats and messages of a history that the promise is made for.
const HISTORY: (u32, u64) = (500, 50_000);
/// From the request for a QR until all of it is in the inbox, seconds.
const HISTORY_SECONDS: f64 = 60.0;
/// Median of a request meanwhile, milliseconds.
const HISTORY_MEDIAN_MS: f64 = 50.0;

/// Those for a phone's history; none when it was too short.
fn of_history(report: &Report) -> Vec<Target> {
    let Some(history) = report.history.as_ref().filter(|h| (h.chats, h.messages) >= HISTORY) else { return Vec::new() };
    let mut targets = vec![Target::at_most("history in the inbox", HISTORY_SECONDS, history.seconds, "s")];
    targets.push(Target::at_most("chats that differ from the phone's", 0.0, history.different as f64, ""));
    targets.extend(history.latencies.iter().map(|latency| {
        Target::at_most(format!("median of {} meanwhile", latency.way), HISTORY_MEDIAN_MS, latency.p50_ms, "ms")
    }));
    targets
}
