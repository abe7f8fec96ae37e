//! What a run is doing, on standard error.

use std::io::{IsTerminal, Write};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// When the run began.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// One thing that takes long.
pub(crate) struct Progress {
    what: String,
    total: u64,
    done: AtomicU64,
    terminal: bool,
}

impl Progress {
    pub(crate) fn new(what: impl Into<String>, total: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let this = Self { what: what.into(), total, done: AtomicU64::new(0), terminal };
        if !this.terminal {
            say(&this.what);
        }
        this
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.terminal {
            eprint!("\r\x1b[K{} {} {done}/{}", clock(), self.what, self.total);
            if done >= self.total {
                eprintln!();
            }
            // Nothing is lost when a terminal does not take it.
            drop(std::io::stderr().flush());
        }
    }
}

/// One line, with how long the run has taken so far.
pub(crate) fn say(what: &str) {
    eprintln!("{} {what}", clock());
}

fn clock() -> String {
    let seconds = BEGAN.elapsed().as_secs();
    format!("{:2}:{:02}", seconds / 60, seconds % 60)
}
