//! That something is still being waited for: on standard error, and only if a
//! person looks.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

/// A turning mark with a text behind it; gone when dropped.
pub(crate) struct Progress {
    text: Arc<Mutex<String>>,
    task: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts turning, unless a program listens.
    pub(crate) fn start(text: impl Into<String>, as_json: bool) -> Self {
        let text = Arc::new(Mutex::new(text.into()));
        let shown = Arc::clone(&text);
        let task = (!as_json && std::io::stderr().is_terminal()).then(|| {
            tokio::spawn(async move {
                for mark in ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"].iter().cycle() {
                    let text = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    draw(&format!("{mark} {text}"));
                    tokio::time::sleep(Duration::from_millis(120)).await;
                }
            })
        });
        Self { text, task }
    }

    /// Says something else.
    pub(crate) fn say(&self, text: impl Into<String>) {
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            draw("");
        }
    }
}

/// Puts `text` in the place of the line.
fn draw(text: &str) {
    let mut err = std::io::stderr().lock();
    drop(write!(err, "\r\x1b[2K{text}").and_then(|()| err.flush()));
}
