//! The report as tables, each under the name that pages refer to it by.

use super::Report;
use super::table::Table;
use crate::footprint::Footprint;
use crate::measure::Rate;
use crate::stats::{Latency, Series};

/// Everything that was measured, in the order in which it is read.
pub(crate) fn all(report: &Report) -> Vec<(&'static str, Table)> {
    let mut tables = vec![("machine", machine(report)), ("targets", targets(report))];
    if report.linking.is_some() {
        tables.push(("memory", memory(report)));
        tables.push(("further", further(report)));
    }
    if !report.restarts.is_empty() {
        tables.push(("starts", starts(report)));
    }
    if !report.latencies.is_empty() {
        tables.push(("latencies", latencies("Latency, ms", &report.latencies)));
    }
    let rates = [
        ("accepted", "Accepted at the API, nothing going out", &report.accepting),
        ("sent", "From the API to the phones", &report.sending),
        ("received", "From the phones to a webhook", &report.receiving),
    ];
    for (name, title, rate) in rates {
        if let Some(rate) = rate {
            tables.push((name, rounds(title, rate)));
        }
    }
    tables.extend(groups(report).map(|table| ("groups", table)));
    if let Some(lists) = &report.lists {
        let title = format!("Lists and searches of an inbox of {:.0} MiB, ms", mib(lists.data_kib));
        tables.push(("lists", latencies(&title, &lists.latencies)));
    }
    if let Some(contest) = &report.rivals {
        tables.push(("rivals", super::contest::figures(contest)));
        tables.push(("ratios", super::contest::ratios(contest)));
    }
    tables.extend(history(report).map(|table| ("history", table)));
    tables
}

fn machine(report: &Report) -> Table {
    let machine = &report.machine;
    let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "unknown".to_owned());
    let sync = machine.sync_ms.map_or("not measured".to_owned(), |ms| format!("{ms:.2} ms"));
    let sizes = &report.sizes;
    let image =
        sizes.image_kib.map_or("not measured: there is none here".to_owned(), |kib| format!("{:.1} MiB", mib(kib)));
    let run = if report.settings.quick { "quick" } else { "full" };
    let mut rows = vec![
        ["date, commit".to_owned(), format!("{}, {}", known(&machine.date), known(&machine.commit))],
        ["machine".to_owned(), format!("{} cores, {}, {} MiB", machine.cores, machine.processor, machine.memory_mib)],
        ["system".to_owned(), format!("Linux {}, {}", machine.kernel, known(&machine.rustc))],
        ["load before the run".to_owned(), format!("{:.2}", machine.load_before)],
        ["4 KiB on disk".to_owned(), sync],
        ["program".to_owned(), format!("{:.1} MiB", mib(sizes.program_kib))],
        ["container image".to_owned(), image],
        ["the run".to_owned(), format!("{run}, {:.1} min", report.seconds / 60.0)],
    ];
    for setting in report.settings.malloc.iter().chain(&report.settings.serve_args) {
        rows.push(["setting".to_owned(), setting.clone()]);
    }
    Table::new("Where and what", &["", ""], rows.into_iter().map(Vec::from).collect())
}

fn targets(report: &Report) -> Table {
    let rows = report.targets.iter().map(|target| {
        let digits = match target.unit.as_str() {
            "" => 0,
            "s" | "×" => 2,
            _ => usize::from(target.measured.abs() < 100.0),
        };
        let sign = if target.at_least { "≥" } else { "≤" };
        vec![
            target.what.clone(),
            format!("{:.digits$} {}", target.measured, target.unit).trim_end().to_owned(),
            format!("{sign} {} {}", short(target.limit), target.unit).trim_end().to_owned(),
            if target.met { "met" } else { "MISSED" }.to_owned(),
        ]
    });
    let mut table = Table::new("Targets", &["", "measured", "limit", ""], rows.collect());
    for failure in &report.failures {
        table = table.note(format!("Not measured: {failure}"));
    }
    table
}

/// With as many digits as it needs, three after the point at most.
fn short(limit: f64) -> String {
    let text = format!("{limit:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn memory(report: &Report) -> Table {
    let linked = report.linking.iter().flat_map(|linking| &linking.points);
    let linked = linked.map(|point| row(format!("{} linked", count(point.numbers)), &point.footprint, point.numbers));
    let started = report
        .restarts
        .iter()
        .map(|start| row(format!("{}, {}", count(start.numbers), start.after), &start.footprint, start.numbers));
    Table::new(
        "Memory at rest",
        &[
            "numbers",
            "resident MiB",
            "anonymous",
            "files",
            "KiB per number",
            "peak",
            "threads",
            "descriptors",
            "settled",
        ],
        linked.chain(started).collect(),
    )
}

fn row(name: String, footprint: &Footprint, numbers: u32) -> Vec<String> {
    let memory = &footprint.memory;
    let each = if numbers == 0 { "-".to_owned() } else { format!("{:.0}", memory.rss as f64 / f64::from(numbers)) };
    vec![
        name,
        format!("{:.1}", mib(memory.rss)),
        format!("{:.1}", mib(memory.anonymous)),
        format!("{:.1}", mib(memory.file + memory.shared)),
        each,
        format!("{:.1}", mib(memory.peak)),
        footprint.threads.to_string(),
        footprint.descriptors.to_string(),
        if footprint.settled { "yes" } else { "no" }.to_owned(),
    ]
}

fn further(report: &Report) -> Table {
    let started = report.started();
    let mut rows = Vec::new();
    let mut note = String::new();
    if let Some(linking) = &report.linking {
        rows.push(line("resident, linked", &linking.rss));
        rows.push(line("anonymous, linked", &linking.anonymous));
        rows.push(line("files, linked", &linking.file));
        rows.push(line("on disk", &linking.disk));
        let linked = linking.points.last().map_or(0, |point| point.numbers);
        note = format!(
            "Linking {} numbers, {} at a time, took {:.1} s, {:.0} ms of CPU each; the sandbox {:.0} ms.",
            count(linked),
            report.settings.at_once,
            linking.seconds,
            linking.cpu_seconds * 1000.0 / f64::from(linked.max(1)),
            linking.sandbox_cpu_seconds * 1000.0 / f64::from(linked.max(1)),
        );
    }
    if started.points.len() > 1 {
        rows.insert(1.min(rows.len()), line("resident, after a start", &started));
    }
    let head = ["KiB", "slope over all", "200 to 1,000", "1,000 to 2,000", "between the last two", "without any, MiB"];
    Table::new("What one further number adds", &head, rows).note(note)
}

fn line(name: &str, series: &Series) -> Vec<String> {
    let between = |from, to| series.slope_between(from, to).map_or("-".to_owned(), |slope| format!("{slope:.0}"));
    vec![
        name.to_owned(),
        format!("{:.0}", series.slope),
        between(200.0, 1000.0),
        between(1000.0, 2000.0),
        format!("{:.0}", series.last_slope),
        format!("{:.1}", series.intercept / 1024.0),
    ]
}

fn starts(report: &Report) -> Table {
    let rows = report.restarts.iter().map(|start| {
        let seconds = |seconds: f64| format!("{seconds:.2}");
        vec![
            format!("{}, {}", count(start.numbers), start.after),
            seconds(start.ending_seconds),
            start.first_answer_seconds.map_or("-".to_owned(), |answer| format!("{answer:.3}")),
            seconds(start.half_connected_seconds),
            seconds(start.all_connected_seconds),
            seconds(start.all_online_seconds),
            seconds(start.cpu_seconds),
        ]
    });
    let head = ["numbers", "to end", "first answer", "half connected", "all connected", "all online", "CPU s"];
    Table::new("Starts, seconds from the start of the process", &head, rows.collect())
}

fn latencies(title: &str, latencies: &[Latency]) -> Table {
    let rows = latencies.iter().map(|latency| {
        let times = [latency.p50_ms, latency.p95_ms, latency.p99_ms, latency.max_ms].map(|ms| format!("{ms:.1}"));
        [latency.way.clone(), latency.samples.to_string()].into_iter().chain(times).collect()
    });
    Table::new(title, &["way", "samples", "p50", "p95", "p99", "most"], rows.collect())
}

fn rounds(title: &str, rate: &Rate) -> Table {
    let title = format!("{title}: {} numbers, {} chats, {} connections", rate.numbers, rate.chats, rate.connections);
    let rows = rate.rounds.iter().map(|round| {
        let cores = |cpu: f64| format!("{:.2}", cpu / round.seconds);
        vec![
            count(round.messages),
            format!("{:.0}", round.per_second),
            format!("{:.0}", round.accepted_per_second),
            format!("{:.2}", round.cpu_per_thousand()),
            format!("{:.2}", round.cpu.sandbox * 1000.0 / f64::from(round.messages.max(1))),
            format!("{:.2}", round.generator_per_thousand()),
            [round.busy.server, round.busy.sandbox, round.busy.generator].map(cores).join(" "),
            round.missing.to_string(),
            round.doubled.to_string(),
            round.refused.to_string(),
        ]
    });
    let head = [
        "messages",
        "there/s",
        "answered/s",
        "server CPU s/1,000",
        "sandbox",
        "generator",
        "cores busy: server sandbox generator",
        "missing",
        "doubled",
        "refused",
    ];
    let table = Table::new(title, &head, rows.collect()).note(format!(
        "Each further 1,000: {:.2} s, {:.2} CPU seconds, {:.0} KiB on disk; between the last two rounds {:.2} s, {:.2} CPU seconds, {:.0} KiB.",
        rate.seconds.slope * 1000.0,
        rate.cpu.slope * 1000.0,
        rate.disk.slope * 1000.0,
        rate.seconds.last_slope * 1000.0,
        rate.cpu.last_slope * 1000.0,
        rate.disk.last_slope * 1000.0,
    ));
    match rate.rounds.iter().find_map(|round| round.first_refusal.as_ref()) {
        Some(refusal) => table.note(format!("Refused: {refusal}")),
        None => table,
    }
}

fn groups(report: &Report) -> Option<Table> {
    let groups = report.groups.as_ref()?;
    let rows = groups.groups.iter().map(|group| {
        vec![
            count(group.members),
            format!("{:.0}", group.first_ms),
            format!("{:.0}", group.again_ms.median),
            format!("{:.0} to {:.0}", group.again_ms.min, group.again_ms.max),
            format!("{:.2}", group.first_cpu_seconds),
            format!("{:.2}", group.again_cpu_seconds),
            group.missing.to_string(),
        ]
    });
    let head = ["members", "first ms", "further ms", "from, to", "first CPU s", "further CPU s", "phones without"];
    Some(Table::new("One message to a group, until it is on the last phone", &head, rows.collect()))
}

fn history(report: &Report) -> Option<Table> {
    let history = report.history.as_ref()?;
    let title =
        format!("Requests while a history of {} chats and {} messages comes in, ms", history.chats, history.messages);
    let note = format!(
        "All of it was there after {:.1} s (online after {:.1} s), with {:.1} CPU seconds and {:.0} MiB at most; {} chats were compared with the phone, {} differ.",
        history.seconds,
        history.online_seconds,
        history.cpu_seconds,
        mib(history.peak_kib),
        history.compared,
        history.different
    );
    Some(latencies(&title, &history.latencies).note(note))
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// With a comma before each three digits.
pub(crate) fn count(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn large_counts_are_read_in_threes() {
        assert_eq!([0, 999, 1000, 25_000, 1_234_567].map(count), ["0", "999", "1,000", "25,000", "1,234,567"]);
    }
}
