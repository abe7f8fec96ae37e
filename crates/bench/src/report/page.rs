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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::written;
    use crate::report::Report;

    /// A run of a phone's webhook latencies and nothing else.
    fn report(commit: &str, p99: f64) -> Report {
        serde_json::from_value(json!({
            "machine": { "cores": 2, "processor": "a processor", "memoryMib": 1024, "kernel": "6", "loadBefore": 0.1,
                "syncMs": null, "commit": commit, "rustc": null, "date": "2026-01-05" },
            "settings": { "quick": false, "numbers": [1], "atOnce": 4, "messages": 10, "connections": 2,
                "serveArgs": [], "malloc": [] },
            "sizes": { "programKib": 2048, "imageKib": null, "image": "sparkbot" },
            "linking": null, "restarts": [], "accepting": null, "sending": null, "receiving": null, "groups": null,
            "history": null, "lists": null, "rivals": null, "failures": [], "targets": [], "seconds": 60.0,
            "latencies": [{ "way": "phone → webhook at half load", "samples": 100, "p50Ms": 2.0, "p95Ms": 3.0,
                "p99Ms": p99, "maxMs": 90.0 }],
        }))
        .unwrap()
    }

    #[test]
    fn parts_are_written_anew_and_the_rest_stays() {
        let page = "Before.\n<!-- bench:latencies -->\nold\n<!-- /bench -->\nBetween.\n<!-- bench:groups -->\nkept\n<!-- /bench -->\nAfter.\n";
        let new = written(page, &report("abc", 7.0), None).unwrap();
        assert!(new.contains("| phone → webhook at half load | 100 | 2.0 | 3.0 | 7.0 | 90.0 |"), "{new}");
        assert!(!new.contains("old") && new.starts_with("Before.\n<!-- bench:latencies -->\n"));
        assert!(new.contains("Between.\n<!-- bench:groups -->\nkept\n<!-- /bench -->\nAfter.\n"), "{new}");
        assert_eq!(written(&new, &report("abc", 7.0), None).unwrap(), new, "a second time changes nothing");
    }

    #[test]
    fn two_runs_stand_side_by_side() {
        let page = "<!-- bench:changes --><!-- /bench -->";
        let new = written(page, &report("new", 5.0), Some(&report("old", 20.0))).unwrap();
        assert!(new.contains("| before, old | after, new |"), "{new}");
        assert!(new.contains("| phone to webhook at half load, p99 | 20.0 ms | 5.0 ms | × 0.25 |"), "{new}");
    }

    #[test]
    fn a_part_that_does_not_end_is_an_error() {
        assert!(written("<!-- bench:latencies -->\n", &report("abc", 7.0), None).is_err());
    }
}
