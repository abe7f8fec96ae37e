//! The one lane on which a number reports.
//!
//! The client hands out events synchronously and from several tasks; here they
//! queue up and reach the observer one after the other. The queue itself is
//! without a bound, since an event can't be refused: what bounds it is that the
//! socket is not read while too much waits (`wire.rs`), so that a slow observer
//! slows WhatsApp down instead of filling memory.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sparkbot_network::Report;
use tokio::sync::{mpsc, watch};
use whatsapp_rust::types::events::Event;

/// Events that may wait before the socket is no longer read.
const WAITING_LIMIT: usize = 256;

/// How long WhatsApp's receipts may wait for the observer's commit before the
/// connection is given up; they then come again on the next one.
const COMMIT_LIMIT: Duration = Duration::from_secs(30);

/// What waits for the observer.
pub(crate) enum Job {
    /// Something the driver itself says.
    Report(Report),
    /// Something the client said; it is put into core's words when its turn
    /// comes, since that takes look-ups.
    Event(Arc<Event>),
}

impl Job {
    /// Whether WhatsApp must not be answered before the observer has it.
    pub(crate) fn is_owed(&self) -> bool {
        matches!(self, Self::Event(event) if matches!(**event, Event::Receipt(_)))
    }
}

/// The sending end, and how far the observer is.
pub(crate) struct Reports {
    /// `None` once the number is closed.
    queue: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    waiting: AtomicUsize,
    drained: watch::Sender<()>,
    owed: AtomicU64,
    settled: watch::Sender<u64>,
}

/// The receiving end.
pub(crate) struct ReportQueue(mpsc::UnboundedReceiver<Job>);

impl Reports {
    pub(crate) fn new() -> (Self, ReportQueue) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let reports = Self {
            queue: Mutex::new(Some(sender)),
            waiting: AtomicUsize::new(0),
            drained: watch::Sender::new(()),
            owed: AtomicU64::new(0),
            settled: watch::Sender::new(0),
        };
        (reports, ReportQueue(receiver))
    }

    pub(crate) fn push(&self, job: Job) {
        let queue = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(queue) = queue.as_ref() else { return };
        self.waiting.fetch_add(1, Ordering::AcqRel);
        if job.is_owed() {
            // Under the lock, so that the count is in the queue's order.
            self.owed.fetch_add(1, Ordering::AcqRel);
        }
        let _ = queue.send(job);
    }

    pub(crate) fn say(&self, report: Report) {
        self.push(Job::Report(report));
    }

    /// No more reports; those that wait are still delivered.
    pub(crate) fn close(&self) {
        self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    }

    /// The observer has dealt with a job.
    pub(crate) fn done(&self, was_owed: bool) {
        if was_owed {
            self.settled.send_modify(|settled| *settled += 1);
        }
        if self.waiting.fetch_sub(1, Ordering::AcqRel) <= WAITING_LIMIT {
            self.drained.send_replace(());
        }
    }

    /// Returns when few enough events wait for the observer.
    pub(crate) async fn room(&self) {
        if self.waiting.load(Ordering::Acquire) < WAITING_LIMIT {
            return;
        }
        let mut drained = self.drained.subscribe();
        while self.waiting.load(Ordering::Acquire) >= WAITING_LIMIT {
            if drained.changed().await.is_err() {
                return;
            }
        }
    }

    /// Returns when the observer has everything that was told so far.
    pub(crate) async fn idle(&self) {
        let mut drained = self.drained.subscribe();
        while self.waiting.load(Ordering::Acquire) > 0 {
            if drained.changed().await.is_err() {
                return;
            }
        }
    }

    /// Returns `true` when the observer has all receipts that had arrived by
    /// now, `false` when it takes too long.
    pub(crate) async fn settled(&self) -> bool {
        let owed = self.owed.load(Ordering::Acquire);
        let mut settled = self.settled.subscribe();
        if *settled.borrow() >= owed {
            return true;
        }
        tokio::time::timeout(COMMIT_LIMIT, settled.wait_for(|settled| *settled >= owed)).await.is_ok()
    }
}

impl ReportQueue {
    /// The next job, or `None` when the queue is closed and empty. To be
    /// answered with [`Reports::done`].
    pub(crate) async fn next(&mut self) -> Option<Job> {
        self.0.recv().await
    }

    /// The next job when it is there already.
    pub(crate) fn next_now(&mut self) -> Option<Job> {
        self.0.try_recv().ok()
    }
}
