//! What a process has and has used, as Linux tells it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};

/// Ticks a second of the times in `/proc`; fixed for programs whatever the
/// kernel's own clock is.
const TICKS: f64 = 100.0;
/// Memory is looked at so often while it settles.
const LOOK: Duration = Duration::from_millis(500);
/// It has settled when so many looks in a row agree,
const AGREE: usize = 8;
/// to this part,
const CLOSE: f64 = 0.005;
/// but not before this, and not later than that.
const AT_LEAST: Duration = Duration::from_secs(8);
const AT_MOST: Duration = Duration::from_secs(30);

/// Resident memory in KiB.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Memory {
    /// All of it.
    pub(crate) rss: u64,
    /// Heaps, stacks, maps without a file.
    pub(crate) anonymous: u64,
    /// Pages of files, mostly of the program itself.
    pub(crate) file: u64,
    /// Shared memory, such as the index of SQLite's log.
    pub(crate) shared: u64,
    /// All of it, where pages that others use too count in part.
    pub(crate) pss: u64,
    /// The most there ever was.
    pub(crate) peak: u64,
}

/// Memory, threads, open files and processor time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Footprint {
    pub(crate) memory: Memory,
    pub(crate) threads: u64,
    pub(crate) descriptors: usize,
    pub(crate) cpu_seconds: f64,
    /// Whether memory stood still when this was taken.
    pub(crate) settled: bool,
    /// Resident KiB by kind of map.
    pub(crate) maps: BTreeMap<String, u64>,
}

/// The process, now.
pub(crate) fn of(pid: u32) -> Result<Footprint> {
    let status = read(pid, "status")?;
    let field = |name: &str| field(&status, name).unwrap_or(0);
    let rollup = read(pid, "smaps_rollup")?;
    Ok(Footprint {
        memory: Memory {
            rss: field("VmRSS:"),
            anonymous: field("RssAnon:"),
            file: field("RssFile:"),
            shared: field("RssShmem:"),
            pss: self::field(&rollup, "Pss:").unwrap_or(0),
            peak: field("VmHWM:"),
        },
        threads: field("Threads:"),
        descriptors: std::fs::read_dir(format!("/proc/{pid}/fd")).map_err(|error| gone(pid, &error))?.count(),
        cpu_seconds: cpu_seconds(pid)?,
        settled: false,
        maps: by_kind(&read(pid, "smaps")?),
    })
}

/// The process once its memory has stood still for some seconds.
pub(crate) async fn settled(pid: u32) -> Result<Footprint> {
    settled_after(pid, AT_LEAST).await
}

/// The same, `at_least` later.
pub(crate) async fn settled_after(pid: u32, at_least: Duration) -> Result<Footprint> {
    let began = Instant::now();
    let mut seen: Vec<u64> = Vec::new();
    loop {
        seen.push(field(&read(pid, "status")?, "VmRSS:").unwrap_or(0));
        let last = &seen[seen.len().saturating_sub(AGREE)..];
        let (least, most) = (last.iter().min().copied().unwrap_or(0), last.iter().max().copied().unwrap_or(0));
        let still = last.len() == AGREE && (most - least) as f64 <= CLOSE * most as f64;
        if (still && began.elapsed() >= at_least) || began.elapsed() >= AT_MOST {
            return Ok(Footprint { settled: still, ..of(pid)? });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until a process does next to nothing, at most `limit`; the processor
/// time it has used until then.
pub(crate) async fn quiet(pid: u32, limit: Duration) -> Result<f64> {
    let began = Instant::now();
    let mut before = cpu_seconds(pid)?;
    loop {
        tokio::time::sleep(LOOK).await;
        let now = cpu_seconds(pid)?;
        if now - before <= 0.03 * LOOK.as_secs_f64() || began.elapsed() > limit {
            return Ok(now);
        }
        before = now;
    }
}

/// Processor time of all its threads so far, user and system.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = read(pid, "stat")?;
    ticks(&stat)
        .map(|ticks| ticks as f64 / TICKS)
        .ok_or_else(|| Failure::new(format!("/proc/{pid}/stat is not as expected")))
}

/// Fields 14 and 15; the name before them may hold spaces and brackets.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Adds the resident pages of `smaps` up by what they hold.
fn by_kind(smaps: &str) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    let mut kind = "anonymous";
    for line in smaps.lines() {
        if let Some(rss) = line.strip_prefix("Rss:") {
            let kib: u64 = rss.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
            *kinds.entry(kind.to_owned()).or_insert(0) += kib;
        } else if line.split(' ').next().is_some_and(|range| range.contains('-') && !range.ends_with(':')) {
            kind = match line.split_whitespace().nth(5) {
                None => "anonymous",
                Some("[heap]") => "heap",
                Some("[stack]") => "stack",
                Some(name) if name.starts_with('[') => "kernel",
                Some(name) if name.ends_with("-shm") => "sqliteIndex",
                Some(name) if name.contains(".so") => "libraries",
                Some(_) => "program",
            };
        }
    }
    kinds
}

fn read(pid: u32, file: &str) -> Result<String> {
    std::fs::read_to_string(format!("/proc/{pid}/{file}")).map_err(|error| gone(pid, &error))
}

fn gone(pid: u32, error: &std::io::Error) -> Failure {
    Failure::new(format!("process {pid} can't be measured, it may have ended: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{by_kind, field, of, ticks};

    #[test]
    fn processor_time_is_found_behind_an_odd_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 100 1 1";
        assert_eq!(ticks(stat), Some(300));
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let status = "VmHWM:\t  900 kB\nVmRSS:\t  800 kB\nRssAnon:\t 500 kB\n";
        assert_eq!(field(status, "VmRSS:"), Some(800));
        assert_eq!(field(status, "RssFile:"), None);
    }

    #[test]
    fn maps_are_added_up_by_kind() {
        let smaps = "55d0-55d1 r--p 00000000 fe:01 1 /usr/bin/sparkbot\nRss: 10 kB\nVmFlags: rd\n\
                     55d1-55d2 rw-p 00000000 00:00 0 [heap]\nRss: 20 kB\n\
                     7f00-7f01 rw-p 00000000 00:00 0 \nRss: 30 kB\n7f01-7f02 rw-p 00000000 00:00 0 \nRss: 5 kB\n\
                     7f02-7f03 rw-s 00000000 fe:01 2 /data/sandbox.db-shm\nRss: 4 kB\n";
        let kinds = by_kind(smaps);
        assert_eq!(kinds["program"], 10);
        assert_eq!(kinds["heap"], 20);
        assert_eq!(kinds["anonymous"], 35);
        assert_eq!(kinds["sqliteIndex"], 4);
    }

    #[test]
    fn this_very_process_can_be_measured() {
        let footprint = of(std::process::id()).unwrap();
        assert!(footprint.memory.rss > 0 && footprint.threads > 0 && footprint.descriptors > 2);
        assert!(footprint.maps["program"] > 0);
    }
}
