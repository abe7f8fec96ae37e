//! A Markdown page whose figures come from a report: what stands between
//! `<!-- bench:name -->` and `<!-- /bench -->` is written by this program only.

use super::table::Table;
use super::{Report, views};
use crate::failure::{Failure, Result};
use crate::stats::Latency;

const OPEN: &str = "<!-- bench:";
const CLOSE: &str = "<!-- /bench -->";

/// The page with its parts written anew.
pub(super) fn written(page: &str, report: &Report, before: Option<&Report>) -> Result<String> {
    let mut tables = views::all(report);
    if let Some(before) = before {
        tables.push(("changes", changes(before, report)));
    }
    let (mut text, mut rest) = (String::new(), page);
    while let Some((ahead, part)) = rest.split_once(OPEN) {
        let unclosed = || Failure::new(format!("a part of the page begins with {OPEN} and does not end"));
        let (name, part) = part.split_once(" -->").ok_or_else(unclosed)?;
        let (old, behind) = part.split_once(CLOSE).ok_or_else(unclosed)?;
        text += &format!("{ahead}{OPEN}{name} -->");
        match tables.iter().find(|(known, _)| *known == name) {
            Some((_, table)) => text += &format!("\n{}", table.markdown()),
            // What this run did not measure stays as an earlier one has left it.
            None => text += old,
        }
        text += CLOSE;
        rest = behind;
    }
    Ok(text + rest)
}

/// What one run has in one figure.
type Figure = (&'static str, &'static str, usize, fn(&Report) -> Option<f64>);

const FIGURES: [Figure; 13] = [
    ("one further idle number, linked, 200 to 1,000", "KiB", 0, |r| {
        r.linking.as_ref()?.rss.slope_between(200.0, 1000.0)
    }),
    ("the same after a start", "KiB", 0, |r| r.started().slope_between(200.0, 1000.0)),
    ("1,000 numbers online", "s", 2, |r| Some(r.restarts.iter().find(|s| s.numbers == 1000)?.all_online_seconds)),
    ("accepted at the API", "/s", 0, |r| Some(r.accepting.as_ref()?.largest()?.per_second)),
    ("CPU for 1,000 of them", "s", 2, |r| Some(r.accepting.as_ref()?.largest()?.cpu_per_thousand())),
    ("API to phones", "/s", 0, |r| Some(r.sending.as_ref()?.largest()?.per_second)),
    ("CPU for 1,000 of them", "s", 2, |r| Some(r.sending.as_ref()?.largest()?.cpu_per_thousand())),
    ("on disk for 1,000 of them", "KiB", 0, |r| Some(r.sending.as_ref()?.disk.slope * 1000.0)),
    ("phones to a webhook", "/s", 0, |r| Some(r.receiving.as_ref()?.largest()?.per_second)),
    ("CPU for 1,000 of them", "s", 2, |r| Some(r.receiving.as_ref()?.largest()?.cpu_per_thousand())),
    ("API to phone at idle, median", "ms", 1, |r| Some(way(r, "API → phone")?.p50_ms)),
    ("phone to webhook at half load, median", "ms", 1, |r| Some(way(r, Latency::IN_AT_HALF_LOAD)?.p50_ms)),
    ("phone to webhook at half load, p99", "ms", 1, |r| Some(way(r, Latency::IN_AT_HALF_LOAD)?.p99_ms)),
];

fn way<'r>(report: &'r Report, way: &str) -> Option<&'r Latency> {
    report.latencies.iter().find(|latency| latency.way == way)
}

/// The most telling figures of two runs side by side.
fn changes(before: &Report, after: &Report) -> Table {
    let rows = FIGURES.iter().filter_map(|(what, unit, digits, of)| {
        let (then, now) = (of(before)?, of(after)?);
        let digits = *digits;
        Some(vec![
            (*what).to_owned(),
            format!("{then:.digits$} {unit}"),
            format!("{now:.digits$} {unit}"),
            format!("× {:.2}", now / then),
        ])
    });
    let commit = |report: &Report| report.machine.commit.clone().unwrap_or_else(|| "unknown".to_owned());
    let (then, now) = (format!("before, {}", commit(before)), format!("after, {}", commit(after)));
    Table::new("Before and after", &["", &then, &now, ""], rows.collect())
}
