//! What a run is doing, on standard error.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// One thing that takes long.
pub(crate) struct Progress {
    what: String,
    total: u64,
    done: AtomicU64,
    began: Instant,
    terminal: bool,
}

impl Progress {
    pub(crate) fn new(what: impl Into<String>, total: u64) -> Self {
        let this = Self {
            what: what.into(),
            total,
            done: AtomicU64::new(0),
            began: Instant::now(),
            terminal: std::io::stderr().is_terminal(),
        };
        if !this.terminal {
            eprintln!("{}", this.what);
        }
        this
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.terminal {
            eprint!("\r\x1b[K{} {done}/{} ({:.0} s)", self.what, self.total, self.began.elapsed().as_secs_f64());
            if done >= self.total {
                eprintln!();
            }
            // Nothing is lost when a terminal does not take it.
            drop(std::io::stderr().flush());
        }
    }
}

/// One line.
pub(crate) fn say(what: &str) {
    eprintln!("{what}");
}
