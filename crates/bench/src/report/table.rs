//! The report for people.

use super::Report;
use crate::footprint::Footprint;
use crate::stats::Series;

/// Prints all of it.
pub(crate) fn print(report: &Report) {
    machine(report);
    memory(report);
    restarts(report);
    latencies(report);
    messages(report);
    history(report);
    targets(report);
}

fn machine(report: &Report) {
    let machine = &report.machine;
    println!(
        "\nMachine   {} cores, {}, {} MiB, Linux {}",
        machine.cores, machine.processor, machine.memory_mib, machine.kernel
    );
    println!("          load before {:.2}, 4 KiB on disk in {:.2} ms", machine.load_before, machine.sync_ms);
    let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "unknown".to_owned());
    println!(
        "Program   commit {}, {}, {:.1} MiB",
        known(&machine.commit),
        known(&machine.rustc),
        mib(report.program_kib)
    );
    println!("Run       {}, {} numbers", known(&machine.date), report.settings.numbers);
    for further in report.settings.malloc.iter().chain(&report.settings.serve_args) {
        println!("          {further}");
    }
}

fn memory(report: &Report) {
    let rows =
        report.linking.points.iter().map(|point| row(point.numbers.to_string(), &point.footprint, point.numbers));
    let restarted = report.restarts.iter().map(|r| row(r.after.to_owned(), &r.footprint, report.settings.numbers));
    table(
        "Memory at rest",
        &["numbers", "RSS MiB", "anonymous", "files", "RSS/number KiB", "peak", "threads", "descriptors", "settled"],
        &rows.chain(restarted).collect::<Vec<_>>(),
    );
    let linking = &report.linking;
    table(
        "What one more number adds",
        &["", "slope KiB", "between the last two", "without any, MiB"],
        &[
            line("resident", &linking.rss),
            line("anonymous", &linking.anonymous),
            line("files", &linking.file),
            line("disk", &linking.disk),
        ],
    );
    let count = f64::from(report.settings.numbers);
    println!(
        "\nLinking   {:.1} s for {}, {} at a time; CPU of the server {:.1} s ({:.0} ms each), of the sandbox {:.1} s",
        linking.seconds,
        report.settings.numbers,
        report.settings.at_once,
        linking.cpu_seconds,
        linking.cpu_seconds * 1000.0 / count,
        linking.sandbox_cpu_seconds,
    );
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

fn line(name: &str, series: &Series) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{:.0}", series.slope),
        format!("{:.0}", series.last_slope),
        format!("{:.1}", series.intercept / 1024.0),
    ]
}

fn restarts(report: &Report) {
    let rows: Vec<Vec<String>> = report
        .restarts
        .iter()
        .map(|r| {
            let mut row = vec![r.after.to_owned()];
            row.extend(
                [
                    r.ending_seconds,
                    r.first_answer_seconds,
                    r.ready_seconds,
                    r.half_connected_seconds,
                    r.all_connected_seconds,
                    r.all_online_seconds,
                    r.cpu_seconds,
                ]
                .map(|seconds| format!("{seconds:.2}")),
            );
            row
        })
        .collect();
    table(
        "Restart, seconds from the start of the process",
        &["", "to end", "first answer", "ready", "half connected", "all connected", "all online", "CPU s"],
        &rows,
    );
}

fn latencies(report: &Report) {
    let rows: Vec<Vec<String>> = report
        .latencies
        .iter()
        .map(|l| {
            let mut row = vec![l.way.to_owned(), l.samples.to_string()];
            row.extend([l.p50_ms, l.p95_ms, l.p99_ms, l.max_ms].map(|ms| format!("{ms:.1}")));
            row
        })
        .collect();
    table("Latency at idle, ms", &["", "samples", "p50", "p95", "p99", "max"], &rows);
}

fn history(report: &Report) {
    let Some(history) = &report.history else { return };
    println!(
        "\nHistory   {} chats, {} messages in {:.1} s (online after {:.1} s); CPU of the server {:.1} s, peak {:.0} MiB",
        history.chats,
        history.messages,
        history.seconds,
        history.online_seconds,
        history.cpu_seconds,
        mib(history.peak_kib)
    );
    println!("          {} chats compared with the phone, {} differ", history.compared, history.different);
    let rows: Vec<Vec<String>> = history
        .latencies
        .iter()
        .map(|l| {
            let times = [l.p50_ms, l.p95_ms, l.p99_ms, l.max_ms].map(|ms| format!("{ms:.1}"));
            [l.way.to_owned(), l.samples.to_string()].into_iter().chain(times).collect()
        })
        .collect();
    table("Meanwhile, ms", &["request", "samples", "p50", "p95", "p99", "max"], &rows);
}

fn messages(report: &Report) {
    for failure in &report.failures {
        println!("\nNot measured: {failure}");
    }
    let Some(messages) = &report.messages else { return };
    let rows: Vec<Vec<String>> = messages
        .rounds
        .iter()
        .map(|r| {
            let thousands = f64::from(r.messages) / 1000.0;
            vec![
                r.messages.to_string(),
                format!("{:.0}", r.accepted_per_second),
                format!("{:.0}", r.arrived_per_second),
                format!("{:.2}", r.cpu_seconds / thousands),
                format!("{:.2}", r.sandbox_cpu_seconds / thousands),
                r.missing.to_string(),
                r.doubled.to_string(),
                r.refused.to_string(),
            ]
        })
        .collect();
    table(
        &format!(
            "Messages, {} numbers to {} chats over {} connections",
            messages.senders, messages.chats, messages.connections
        ),
        &[
            "messages",
            "accepted/s",
            "on phones/s",
            "CPU s/1,000",
            "sandbox CPU s/1,000",
            "missing",
            "doubled",
            "refused",
        ],
        &rows,
    );
    if let Some(refusal) = messages.rounds.iter().find_map(|round| round.first_refusal.as_ref()) {
        println!("  refused: {refusal}");
    }
    println!(
        "\n          each further 1,000 messages: {:.2} CPU seconds, {:.0} KiB on disk",
        messages.cpu.slope * 1000.0,
        messages.disk.slope * 1000.0
    );
}

fn targets(report: &Report) {
    if report.targets.is_empty() {
        println!("\nThe targets are for 200 numbers; this run was too small for them.");
    }
    let rows: Vec<Vec<String>> = report
        .targets
        .iter()
        .map(|target| {
            let digits = usize::from(target.unit == "s") * 2;
            vec![
                target.what.clone(),
                format!("{:.digits$} {}", target.measured, target.unit),
                format!("≤ {:.0} {}", target.limit, target.unit),
                if target.met { "met" } else { "MISSED" }.to_owned(),
            ]
        })
        .collect();
    table("Targets", &["", "measured", "limit", ""], &rows);
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// Columns as wide as they must be, the first to the left, the others to the right.
fn table(title: &str, head: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    println!("\n{title}");
    let head: Vec<String> = head.iter().map(|&h| h.to_owned()).collect();
    let width = |column: usize| {
        let cells = std::iter::once(&head).chain(rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    for row in std::iter::once(&head).chain(rows) {
        let mut text = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = width(column);
            text += &if column == 0 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") };
        }
        println!("{}", text.trim_end());
    }
}
