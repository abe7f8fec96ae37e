//! What must not happen while an input is tried, and how it is told.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The input that is tried, and since when.
type Current = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

/// Ends the process when an input takes too long: a hang has no other end.
pub(crate) struct Watch {
    current: Current,
}

impl Watch {
    #[expect(clippy::print_stderr, reason = "nobody else can tell of a process that hangs")]
    pub(crate) fn start(name: &'static str, patience: Duration) -> Self {
        let current: Current = Arc::default();
        let watched = Arc::downgrade(&current);
        std::thread::spawn(move || {
            while let Some(current) = watched.upgrade() {
                let late = current
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take_if(|(since, _)| since.elapsed() > patience);
                if let Some((_, input)) = late {
                    let file = kept(name, &input);
                    eprintln!("fuzz {name}: an input takes longer than {patience:?}; it is {}", file.display());
                    std::process::exit(101);
                }
                drop(current);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Self { current }
    }

    pub(crate) fn begin(&self, input: &[u8]) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), input.to_vec()));
    }

    pub(crate) fn end(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Keeps the input when trying it panics.
pub(crate) struct Failing<'a> {
    name: &'static str,
    seed: u64,
    input: &'a [u8],
    fine: bool,
}

impl<'a> Failing<'a> {
    pub(crate) fn new(name: &'static str, seed: u64, input: &'a [u8]) -> Self {
        Self { name, seed, input, fine: false }
    }

    pub(crate) fn fine(mut self) {
        self.fine = true;
    }
}

impl Drop for Failing<'_> {
    #[expect(clippy::print_stderr, reason = "a panic alone does not tell the input")]
    fn drop(&mut self) {
        if !self.fine {
            let file = kept(self.name, self.input);
            eprintln!("fuzz {}: seed {} fails with the input {}", self.name, self.seed, file.display());
        }
    }
}

fn kept(name: &str, input: &[u8]) -> PathBuf {
    let file = std::env::temp_dir().join(format!("fuzz-{name}-{}", std::process::id()));
    // It is told of either way.
    drop(std::fs::write(&file, input));
    file
}

/// Bytes of memory that this process holds; 0 where that is not known.
pub(crate) fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().map_or(0, |kilobytes| kilobytes * 1024)
}
