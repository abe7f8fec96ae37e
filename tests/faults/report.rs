//! What a run has done, as a line of text and, where `FAULT_REPORT` names a
//! file, as a line of JSON there.

use std::io::Write;
use std::time::Instant;

use serde_json::{Map, Value, json};

pub(super) struct Report {
    fault: &'static str,
    seed: u64,
    began: Instant,
    counts: Map<String, Value>,
}

impl Report {
    pub(super) fn new(fault: &'static str, seed: u64) -> Self {
        Self { fault, seed, began: Instant::now(), counts: Map::new() }
    }

    /// Adds to a count.
    pub(super) fn count(&mut self, what: &str, more: u64) {
        let before = self.counts.get(what).and_then(Value::as_u64).unwrap_or(0);
        self.counts.insert(what.to_owned(), json!(before + more));
    }

    /// The invariants held.
    pub(super) fn held(self) {
        let seconds = (self.began.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        let line = json!({ "fault": self.fault, "seed": self.seed, "seconds": seconds, "counts": self.counts });
        println!("{line}");
        if let Ok(file) = std::env::var("FAULT_REPORT") {
            let mut file = std::fs::File::options().create(true).append(true).open(file).expect("the report");
            writeln!(file, "{line}").expect("the report");
        }
    }
}
