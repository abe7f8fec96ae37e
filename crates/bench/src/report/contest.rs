//! SparkBot beside the others, as tables.

use super::table::Table;
use crate::measure::Contest;
use crate::measure::rivals::Runs;
use crate::stats::Spread;

/// What each of them needs.
pub(super) fn figures(contest: &Contest) -> Table {
    let rows: [(&str, Runs, usize); 6] = [
        ("messages on phones per second", |c| &c.per_second, 0),
        ("CPU s for 1,000 of them", |c| &c.cpu_per_thousand, 2),
        ("KiB of a further idle number", |c| &c.idle_kib, 0),
        ("messages of active numbers per second", |c| &c.active_per_second, 0),
        ("CPU s for 1,000 of them", |c| &c.active_cpu_per_thousand, 2),
        ("KiB of a further active number", |c| &c.active_kib, 0),
    ];
    let rows = rows.into_iter().map(|(what, of, digits)| {
        let each = contest.contestants.iter().map(|contestant| spread(Spread::of(of(contestant).clone()), digits));
        std::iter::once(what.to_owned()).chain(each).collect()
    });
    let names: Vec<String> = contest.contestants.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
    let head: Vec<&str> = std::iter::once("").chain(names.iter().map(String::as_str)).collect();
    let (numbers, chats, messages) = contest.active;
    let runs = contest.contestants.first().map_or(0, |own| own.per_second.len());
    let missing: Vec<String> = contest.contestants.iter().map(|one| format!("{} {}", one.name, one.missing)).collect();
    Table::new("Median of the runs (least to most)", &head, rows.collect()).note(format!(
        "{runs} runs in turn on one sandbox; {} messages a run from 16 numbers to 128 chats, 64 under way; idle memory between {} and {} \
         numbers, each time after a start; {numbers} active numbers with {chats} chats and {messages} messages each. \
         Messages that did not arrive: {}.",
        contest.messages,
        contest.numbers.0,
        contest.numbers.1,
        missing.join(", ")
    ))
}

/// SparkBot's figures as multiples of theirs.
pub(super) fn ratios(contest: &Contest) -> Table {
    let rows = contest.ratios.iter().map(|ratio| {
        let Spread { min, median, max, .. } = ratio.spread;
        let mut row = vec![ratio.what.clone(), ratio.rival.clone()];
        row.extend(
            [min, median, max].map(|times| if times < 0.995 { format!("{times:.3}") } else { format!("{times:.1}") }),
        );
        row
    });
    Table::new("SparkBot's figure divided by theirs", &["", "", "least", "median", "most"], rows.collect())
}

fn spread(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or("-".to_owned(), |s| format!("{:.digits$} ({:.digits$} to {:.digits$})", s.median, s.min, s.max))
}
