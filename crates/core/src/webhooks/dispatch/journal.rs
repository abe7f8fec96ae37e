//! When a worker's results are written down: at once when nothing else is on
//! its way, shared with others when much is.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sparkbot_store::Store;
use sparkbot_store::rows::{RetryRow, WebhookRow};
use tokio::time::Instant;

use super::batch::Batch;
use super::target::Attempt;
use crate::error::Result;

/// Results wait so long for others to share their transaction.
const GATHER: Duration = Duration::from_millis(100);
/// Results that are written at once.
const GATHERED: usize = 64;
/// With more than this unwritten nothing more is sent.
const FULL: usize = 4 * GATHERED;
/// A position that moves only over events of no concern is written this late.
const IDLE_POSITION: Duration = Duration::from_secs(30);
/// After a failed write the next one waits.
const AGAIN: Duration = Duration::from_secs(1);

/// What a write has tried, up to which position, and whether the webhook is
/// still there.
pub(super) type Written = (Arc<Batch>, i64, Result<bool>);

/// Results on their way to the database.
#[derive(Default)]
pub(super) struct Journal {
    batch: Batch,
    writing: Option<BoxFuture<'static, Written>>,
    /// Log lines handed over so far.
    lines: usize,
    /// Since when something waits.
    unwritten: Option<Instant>,
    /// Since when the position alone waits.
    idle_since: Option<Instant>,
    not_before: Option<Instant>,
}

impl Journal {
    /// Whether there is so much unwritten that sending has to wait.
    pub(super) fn is_full(&self) -> bool {
        self.batch.len() >= FULL
    }

    /// These are to be tried later.
    pub(super) fn owe(&mut self, rows: Vec<RetryRow>) {
        if !rows.is_empty() {
            self.batch.owe(rows);
            self.touch();
        }
    }

    /// This is owed no more.
    pub(super) fn settle(&mut self, seq: i64) {
        self.batch.settle(seq);
        self.touch();
    }

    /// One try, for the log; with `instead` as its message when it was the last.
    pub(super) fn log(&mut self, attempt: Attempt, instead: Option<String>, now: i64) {
        self.batch.log(attempt, instead, now);
        self.touch();
    }

    fn touch(&mut self) {
        self.unwritten.get_or_insert_with(Instant::now);
    }

    /// When the next write is to start. `moved` tells that the position has
    /// changed, `quiet` that nothing is on its way.
    pub(super) fn due_at(&mut self, moved: bool, quiet: bool) -> Option<Instant> {
        if self.writing.is_some() {
            return None;
        }
        let at = match self.unwritten {
            Some(since) if quiet || self.batch.len() >= GATHERED => since,
            Some(since) => since + GATHER,
            None if moved => *self.idle_since.get_or_insert_with(Instant::now) + IDLE_POSITION,
            None => return None,
        };
        Some(self.not_before.map_or(at, |not_before| at.max(not_before)))
    }

    /// Starts to write that the webhook has come from `from` to where `row` says.
    pub(super) fn begin(&mut self, store: &Store, row: WebhookRow, from: i64) {
        let (store, batch, lines) = (store.clone(), Arc::new(std::mem::take(&mut self.batch)), self.lines);
        self.lines += batch.len();
        self.unwritten = None;
        self.idle_since = None;
        self.writing = Some(Box::pin(async move {
            let to = row.position;
            let done = batch.clone().write(&store, row, from, lines).await;
            (batch, to, done)
        }));
    }

    /// Waits for the write under way; for ever when there is none.
    pub(super) async fn written(&mut self) -> Written {
        match &mut self.writing {
            Some(writing) => writing.await,
            None => std::future::pending().await,
        }
    }

    /// Takes in how a write has ended.
    pub(super) fn end(&mut self, batch: Arc<Batch>, kept: bool) {
        self.writing = None;
        if !kept {
            self.batch.restore(Arc::unwrap_or_clone(batch));
            self.touch();
            self.not_before = Some(Instant::now() + AGAIN);
        }
    }

    /// Whether a write is under way.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The last write.
    ///
    /// # Errors
    /// As the database answers.
    pub(super) async fn close(self, store: &Store, row: WebhookRow, from: i64) -> Result<bool> {
        Arc::new(self.batch).write(store, row, from, self.lines).await
    }
}
