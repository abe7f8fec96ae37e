//! Where it was measured.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Facts without which figures say nothing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    /// Load over the last minute, before the run: others slow it down.
    pub(crate) load_before: f64,
    /// Milliseconds until 4 KiB are on disk, in the middle of 50 tries: durable
    /// writes wait for it.
    pub(crate) sync_ms: Option<f64>,
    pub(crate) commit: Option<String>,
    pub(crate) rustc: Option<String>,
    pub(crate) date: Option<String>,
}

impl Machine {
    /// `folder` is where the database will be.
    pub(crate) fn here(folder: &Path) -> Self {
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = memory
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok());
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            processor: processor(),
            memory_mib: total.unwrap_or(0) / 1024,
            kernel: said("uname", &["-r"]).unwrap_or_default(),
            load_before: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
            sync_ms: sync_ms(folder).ok(),
            commit: commit(),
            rustc: said("rustc", &["--version"]),
            date: said("date", &["-u", "+%Y-%m-%d"]),
        }
    }
}

fn processor() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

fn commit() -> Option<String> {
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"])?;
    let clean = said("git", &["status", "--porcelain", "--untracked-files=no"]).is_none();
    Some(if clean { commit } else { format!("{commit} with changes") })
}

/// What a command says, if anything.
fn said(command: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command).args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn sync_ms(folder: &Path) -> std::io::Result<f64> {
    let path = folder.join("sync");
    let mut file = std::fs::File::create(&path)?;
    let mut took = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    std::fs::remove_file(path)?;
    took.sort_by(f64::total_cmp);
    Ok(took[took.len() / 2])
}
