//! Plots as SVG, readable on light and dark ground. A viewer that knows which of
//! the two it has picks the colours by itself.

use std::fmt::Write;

use super::Report;
use crate::measure::Rate;
use crate::stats::Series;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 50.0;
/// Lines of the grid in each direction, about.
const TICKS: f64 = 5.0;

const STYLE: &str = "<style>\
    text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:15px;font-weight:600}\
    .grid{stroke:#d0d7de;stroke-width:1}.line{fill:none;stroke-width:2}.fit{stroke-width:1;stroke-dasharray:4 4}\
    .s0{stroke:#1f6feb;fill:#1f6feb}.s1{stroke:#d1590a;fill:#d1590a}.s2{stroke:#1a7f37;fill:#1a7f37}\
    .s3{stroke:#8250df;fill:#8250df}.line.s0,.line.s1,.line.s2,.line.s3{fill:none}\
    @media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#3d444d}\
    .s0{stroke:#58a6ff;fill:#58a6ff}.s1{stroke:#f0883e;fill:#f0883e}.s2{stroke:#3fb950;fill:#3fb950}\
    .s3{stroke:#bc8cff;fill:#bc8cff}}</style>";

/// Some series over the same work.
struct Plot {
    title: &'static str,
    work: String,
    cost: &'static str,
    /// Name, points, and whether the straight line through them is drawn too.
    series: Vec<(&'static str, Series)>,
}

/// File name and drawing of everything that has at least two points.
pub(crate) fn all(report: &Report) -> Vec<(&'static str, String)> {
    let scaled = |series: &Series, by: f64| {
        let points = series.points.iter().map(|(x, y)| (*x, y * by)).collect();
        Series::new(&series.work, &series.cost, points)
    };
    let linked = report.linking.iter().map(|linking| ("linked", scaled(&linking.rss, 1.0 / 1024.0)));
    let started = ("after a start", scaled(&report.started(), 1.0 / 1024.0));
    let starts = |of: fn(&crate::measure::Restart) -> f64| {
        let polite = report.restarts.iter().filter(|start| start.after == "after SIGTERM");
        let mut points: Vec<(f64, f64)> = polite.map(|start| (f64::from(start.numbers), of(start))).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Series::new("numbers", "s", points)
    };
    let rates = [
        ("accepted, nothing going out", &report.accepting),
        ("API to phones", &report.sending),
        ("phones to a webhook", &report.receiving),
    ];
    let over = |of: fn(&Rate) -> &Series, by: f64| {
        rates.iter().filter_map(|(name, rate)| Some((*name, scaled(of(rate.as_ref()?), by)))).collect::<Vec<_>>()
    };
    let groups = report
        .groups
        .iter()
        .flat_map(|groups| [("first message", groups.first.clone()), ("further ones", groups.again.clone())]);
    let plot = |title, work: &str, cost, series| Plot { title, work: work.to_owned(), cost, series };
    let plots = [
        ("memory.svg", plot("Resident memory at rest", "numbers", "MiB", linked.chain([started]).collect())),
        (
            "starts.svg",
            plot(
                "From the start of the process",
                "numbers",
                "seconds",
                vec![
                    ("all online", starts(|start| start.all_online_seconds)),
                    ("CPU of the server until then", starts(|start| start.cpu_seconds)),
                ],
            ),
        ),
        (
            "messages.svg",
            plot("Until the last message was there", "messages", "seconds", over(|rate| &rate.seconds, 1.0)),
        ),
        ("cpu.svg", plot("Processor time of the server", "messages", "CPU seconds", over(|rate| &rate.cpu, 1.0))),
        ("disk.svg", plot("The database", "messages", "MiB", over(|rate| &rate.disk, 1.0 / 1024.0))),
        ("groups.svg", plot("One message to a group", "members", "ms", groups.collect())),
    ];
    plots.into_iter().filter_map(|(file, plot)| Some((file, draw(plot)?))).collect()
}

/// A distance between ticks that people read easily: 1, 2 or 5 times a power of ten.
fn step(most: f64) -> f64 {
    let rough = most / TICKS;
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough).unwrap_or(rough)
}

fn draw(mut plot: Plot) -> Option<String> {
    plot.series.retain(|(_, series)| series.points.len() > 1);
    let points = || plot.series.iter().flat_map(|(_, series)| &series.points);
    let most = |of: fn(&(f64, f64)) -> f64| points().map(of).reduce(f64::max).filter(|most| *most > 0.0);
    let (most_x, most_y) = (most(|point| point.0)?, most(|point| point.1)?);
    let (step_x, step_y) = (step(most_x), step(most_y));
    let (end_x, end_y) = ((most_x / step_x).ceil() * step_x, (most_y / step_y).ceil() * step_y);
    let x = |value: f64| LEFT + value / end_x * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - value / end_y * (HEIGHT - TOP - BOTTOM);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">{STYLE}\n",
        plot.title
    );
    let text = |class: &str, anchor: &str, at: (f64, f64), words: &str| {
        format!("<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>\n", at.0, at.1)
    };
    svg += &text("title", "start", (LEFT, 22.0), plot.title);
    for n in 0..=(end_x / step_x).round() as u32 {
        let at = x(f64::from(n) * step_x);
        let (from, to) = (TOP, HEIGHT - BOTTOM);
        let _ = writeln!(svg, "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{from}\" x2=\"{at:.1}\" y2=\"{to}\"/>");
        svg += &text("", "middle", (at, to + 18.0), &label(f64::from(n) * step_x));
    }
    for n in 0..=(end_y / step_y).round() as u32 {
        let at = y(f64::from(n) * step_y);
        let to = WIDTH - RIGHT;
        let _ = writeln!(svg, "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{to}\" y2=\"{at:.1}\"/>");
        svg += &text("", "end", (LEFT - 8.0, at + 4.0), &label(f64::from(n) * step_y));
    }
    svg += &text("", "middle", (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 12.0), &plot.work);
    svg += &text("", "end", (LEFT - 8.0, TOP - 14.0), plot.cost);
    let mut legend = LEFT;
    for (n, (name, series)) in plot.series.iter().enumerate() {
        let class = format!("s{}", n % 4);
        let line: Vec<String> = series.points.iter().map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b))).collect();
        let _ = writeln!(svg, "<polyline class=\"line {class}\" points=\"{}\"/>", line.join(" "));
        if series.points.len() > 2
            && let (Some(first), Some(last)) = (series.points.first(), series.points.last())
        {
            let fit = |at: f64| y((series.intercept + series.slope * at).clamp(0.0, end_y));
            let (a, b) = (first.0, last.0);
            let (x1, y1, x2, y2) = (x(a), fit(a), x(b), fit(b));
            let _ = writeln!(
                svg,
                "<line class=\"fit {class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
            );
        }
        for (a, b) in &series.points {
            let _ = writeln!(svg, "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>", x(*a), y(*b));
        }
        let _ = writeln!(svg, "<circle class=\"{class}\" cx=\"{legend:.1}\" cy=\"38\" r=\"4\"/>");
        svg += &text("", "start", (legend + 10.0, 42.0), name);
        legend += 30.0 + 6.5 * name.chars().count() as f64;
    }
    Some(svg + "</svg>\n")
}

fn label(value: f64) -> String {
    if value >= 1000.0 {
        return super::views::count(value.round() as u32);
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Plot, draw, label, step};
    use crate::stats::Series;

    #[test]
    fn ticks_are_easy_to_read() {
        assert_eq!([step(10.0), step(2000.0), step(0.7), step(37.0)], [2.0, 500.0, 0.2, 10.0]);
        assert_eq!([label(0.0), label(0.25), label(12.0), label(1500.0)], ["0", "0.25", "12", "1,500"]);
    }

    #[test]
    fn every_point_is_within_the_drawing() {
        let series = Series::new("numbers", "MiB", vec![(1.0, 10.0), (100.0, 30.0), (2000.0, 370.0)]);
        let alone = Series::new("numbers", "MiB", vec![(1.0, 10.0)]);
        let series = vec![("linked", series), ("alone", alone)];
        let svg = draw(Plot { title: "Memory", work: "numbers".to_owned(), cost: "MiB", series }).unwrap();
        let places: Vec<(f64, f64)> = svg
            .lines()
            .filter(|line| line.starts_with("<circle class=\"s0\"") && line.ends_with("r=\"3\"/>"))
            .map(|line| {
                let value = |name: &str| line.split_once(name).unwrap().1.split('"').next().unwrap().parse().unwrap();
                (value("cx=\""), value("cy=\""))
            })
            .collect();
        assert_eq!(places.len(), 3);
        assert!(places.iter().all(|(x, y)| (70.0..=620.0).contains(x) && (64.0..=310.0).contains(y)), "{places:?}");
        assert!(places[0].0 < places[2].0 && places[0].1 > places[2].1, "more work to the right, more cost above");
        assert!(!svg.contains("alone"), "one point is no line");
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
    }

    #[test]
    fn nothing_is_not_drawn() {
        assert!(draw(Plot { title: "", work: String::new(), cost: "", series: Vec::new() }).is_none());
    }
}
