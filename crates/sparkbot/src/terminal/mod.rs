//! What people see: lines, tables, codes, progress.

mod letters;
mod progress;
mod qr;
mod table;

use std::io::{IsTerminal, Write};

pub(crate) use letters::big;
pub(crate) use progress::Progress;
pub(crate) use qr::qr;
pub(crate) use table::table;

/// Writes a line to standard output. A reader that went away is no error.
pub(crate) fn line(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// Writes a JSON value as one line to standard output.
pub(crate) fn json(value: &impl serde::Serialize) {
    line(serde_json::to_string(value).unwrap_or_default());
}

/// Writes a remark to standard error.
pub(crate) fn remark(text: impl std::fmt::Display) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Whether a person looks at standard output.
pub(crate) fn is_watched() -> bool {
    std::io::stdout().is_terminal()
}
