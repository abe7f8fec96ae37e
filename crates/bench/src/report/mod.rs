//! Everything a run has found, for programs as JSON and for people as a table.

pub(crate) mod table;

use serde::Serialize;

use crate::machine::Machine;
use crate::measure::{History, Linking, Messages, Restart};
use crate::options::Options;
use crate::stats::Latency;
use crate::targets::Target;

/// One run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) settings: Settings,
    pub(crate) program_kib: u64,
    pub(crate) linking: Linking,
    pub(crate) restarts: Vec<Restart>,
    pub(crate) latencies: Vec<Latency>,
    pub(crate) messages: Option<Messages>,
    pub(crate) history: Option<History>,
    /// Why something of it is not there.
    pub(crate) failures: Vec<String>,
    pub(crate) targets: Vec<Target>,
}

/// What was asked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    pub(crate) numbers: u32,
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
            numbers: options.numbers,
            at_once: options.at_once,
            messages: options.messages,
            connections: options.connections,
            serve_args: options.serve_args.clone(),
            malloc: malloc.map(|(name, value)| format!("{name}={value}")).collect(),
        }
    }
}
