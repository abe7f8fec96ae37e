//! Everything a run has found: JSON for programs, tables and plots for people.

mod contest;
mod page;
pub(crate) mod plot;
pub(crate) mod table;
pub(crate) mod views;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};
use crate::machine::Machine;
use crate::measure::{Contest, Groups, History, Linking, Lists, Rate, Restart};
use crate::options::{Options, Render};
use crate::sizes::Sizes;
use crate::stats::{Latency, Series};
use crate::targets::Target;

/// One run. What was not measured is absent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) settings: Settings,
    pub(crate) sizes: Sizes,
    pub(crate) linking: Option<Linking>,
    pub(crate) restarts: Vec<Restart>,
    pub(crate) latencies: Vec<Latency>,
    /// With nothing going out.
    pub(crate) accepting: Option<Rate>,
    pub(crate) sending: Option<Rate>,
    pub(crate) receiving: Option<Rate>,
    pub(crate) groups: Option<Groups>,
    pub(crate) history: Option<History>,
    /// Of a large inbox.
    pub(crate) lists: Option<Lists>,
    pub(crate) rivals: Option<Contest>,
    /// Why something of it is not there.
    pub(crate) failures: Vec<String>,
    pub(crate) targets: Vec<Target>,
    /// How long the run took.
    pub(crate) seconds: f64,
}

/// What was asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    pub(crate) quick: bool,
    pub(crate) numbers: Vec<u32>,
    pub(crate) at_once: u32,
    pub(crate) messages: u32,
    pub(crate) connections: u32,
    pub(crate) serve_args: Vec<String>,
    /// Settings of the C library's allocator, which move memory most.
    pub(crate) malloc: Vec<String>,
}

impl Settings {
    pub(crate) fn of(options: &Options) -> Self {
        let malloc = std::env::vars()
            .filter(|(name, _)| name.starts_with("MALLOC_") || name == "GLIBC_TUNABLES" || name == "LD_PRELOAD");
        Self {
            quick: options.quick,
            numbers: options.numbers(),
            at_once: options.at_once,
            messages: options.messages(),
            connections: options.connections,
            serve_args: options.serve_args.clone(),
            malloc: malloc.map(|(name, value)| format!("{name}={value}")).collect(),
        }
    }
}

impl Report {
    /// Memory at rest after a polite start, against the numbers that came online.
    pub(crate) fn started(&self) -> Series {
        let polite = self.restarts.iter().filter(|start| start.after == "after SIGTERM");
        let mut points: Vec<(f64, f64)> =
            polite.map(|start| (f64::from(start.numbers), start.footprint.memory.rss as f64)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Series::new("numbers", "KiB resident after a start", points)
    }
}

/// All tables on the terminal.
pub(crate) fn print(report: &Report) {
    for (_, table) in views::all(report) {
        print!("{}", table.terminal());
    }
}

/// Shows what an earlier run has written: on the terminal, in a page, as plots.
pub(crate) fn render(render: &Render) -> Result<()> {
    let report = read(&render.report)?;
    let before = render.before.as_deref().map(read).transpose()?;
    match &render.page {
        Some(file) => {
            let page = std::fs::read_to_string(file).map_err(|error| failed(file, &error))?;
            let page = page::written(&page, &report, before.as_ref())?;
            std::fs::write(file, page).map_err(|error| failed(file, &error))?;
        }
        None => print(&report),
    }
    render.plots.as_deref().map_or(Ok(()), |folder| draw(&report, folder))
}

/// All plots, as files of a folder.
pub(crate) fn draw(report: &Report, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (name, svg) in plot::all(report) {
        let file = folder.join(name);
        std::fs::write(&file, svg).map_err(|error| failed(&file, &error))?;
    }
    Ok(())
}

fn failed(file: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {error}", file.display()))
}

fn read(file: &Path) -> Result<Report> {
    let text = std::fs::read_to_string(file).map_err(|error| failed(file, &error))?;
    serde_json::from_str(&text).map_err(|error| failed(file, &error))
}
