//! One webhook: reads the log from where it stands, delivers, writes down how
//! far it has come.
//!
//! What is written down is always behind what has happened, never ahead: a
//! crash repeats deliveries, it loses none.

use std::sync::Arc;
use std::time::Duration;

use sparkbot_store::rows::{EventFilter, RetryRow, WebhookRow};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::journal::{Journal, Written};
use super::target::{Attempt, Target};
use super::window::{Next, RESTORED, Window};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::webhooks::schedule;

/// Requests of one webhook at a time.
const IN_FLIGHT: usize = 32;
/// After so many failures in a row the receiver is taken for down, and only
/// one request at a time asks whether it is back.
const DOWN: i64 = 8;
/// The clock is looked at this often while something is owed: it can jump.
const TICK: Duration = Duration::from_secs(1);
/// A clock that goes back by less, milliseconds, is being set right in small steps.
const PUT_BACK: i64 = 1000;
/// A window that is full and has not moved for so long is full of slow lanes.
const STALLED: Duration = Duration::from_secs(1);

/// Why a worker has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Told to.
    Stopped,
    /// Failed for good, disabled by its receiver, or deleted.
    OutOfService,
}

pub(super) struct Worker {
    pub(super) core: Core,
    pub(super) row: WebhookRow,
    events: Vec<String>,
    target: Arc<Target>,
    slots: Arc<Semaphore>,
    pub(super) window: Window,
    flights: JoinSet<Attempt>,
    log: watch::Receiver<i64>,
    pub(super) journal: Journal,
    /// No request before this time: the receiver asks for patience.
    pub(super) hold_until: i64,
    /// The clock when it was last looked at.
    seen_at: i64,
    pub(super) moved_at: Instant,
    prefer_owed: bool,
    pub(super) out_of_service: bool,
    lag: metrics::Gauge,
}

impl Worker {
    /// Takes up where the webhook stands.
    ///
    /// # Errors
    /// As the database answers.
    pub(super) async fn resume(
        core: Core,
        row: WebhookRow,
        slots: Arc<Semaphore>,
        log: watch::Receiver<i64>,
    ) -> Result<Self> {
        let owed = core.store().read().await?.server().webhook_retries(&row.id, RESTORED).await?;
        // A replay has set the position back: these come from the log again.
        if owed.last().is_some_and(|last| last.event_seq > row.position) {
            let (id, position) = (row.id.clone(), row.position);
            core.store()
                .write(move |w| {
                    Box::pin(
                        async move { w.server().drop_webhook_retries_after(&id, position).await.map_err(Error::from) },
                    )
                })
                .await?;
        }
        let (now, gaps) = (core.now(), &core.settings().webhook_retry_gaps);
        let owed = owed.into_iter().filter(|retry| retry.event_seq <= row.position);
        let owed = owed.map(|retry| RetryRow {
            next_attempt_at: schedule::due_after_start(gaps, retry.attempts, retry.next_attempt_at, now),
            ..retry
        });
        let owed = owed.collect();
        Ok(Self {
            events: serde_json::from_str(&row.events).map_err(Error::internal)?,
            target: Arc::new(Target::of(&row, core.store().sealer())?),
            window: Window::restore(row.position, owed),
            slots,
            flights: JoinSet::new(),
            log,
            journal: Journal::default(),
            hold_until: 0,
            seen_at: core.now(),
            moved_at: Instant::now(),
            prefer_owed: true,
            out_of_service: false,
            lag: metrics::gauge!("sparkbot_webhook_lag_events", "webhook" => row.id.to_string()),
            core,
            row,
        })
    }

    /// Runs until told to stop, giving requests under way the time it is told.
    ///
    /// # Errors
    /// As the database answers; what was done is then done again.
    pub(super) async fn run(mut self, mut stop: oneshot::Receiver<Duration>) -> Result<End> {
        let grace = loop {
            self.read().await?;
            self.send().await?;
            self.write();
            let wake = self.wake_at();
            tokio::select! {
                biased;
                // A sender that is gone leaves no time at all.
                grace = &mut stop => break grace.unwrap_or_default(),
                written = self.journal.written() => self.written(written),
                Some(done) = self.flights.join_next() => {
                    self.settle(done.map_err(Error::internal)?);
                    while let Some(done) = self.flights.try_join_next() {
                        self.settle(done.map_err(Error::internal)?);
                    }
                }
                changed = self.log.changed() => if changed.is_err() { break Duration::ZERO },
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
            if self.out_of_service {
                break Duration::ZERO;
            }
        };
        self.finish(grace).await
    }

    /// Reads the log as far as there is room.
    async fn read(&mut self) -> Result<()> {
        loop {
            let seen = self.newest();
            let more = seen > self.window.read_to();
            let now = self.core.now();
            if more && self.window.room() == 0 && self.moved_at.elapsed() >= STALLED {
                let spilled = self.window.spill(now);
                self.journal.owe(spilled);
            }
            let room = self.window.room();
            if !more || room == 0 {
                break;
            }
            let limit = i64::try_from(room).map_err(Error::internal)?;
            let filter = EventFilter {
                after: self.window.read_to(),
                events: self.events.clone(),
                devices: self.row.device_id.iter().cloned().collect(),
                limit,
            };
            let rows = self.core.store().read().await?.account(&self.row.account_id).events(&filter).await?;
            let last = rows.last().map_or(filter.after, |row| row.seq);
            // What was committed before the query was seen by it.
            let whole = i64::try_from(rows.len()).is_ok_and(|n| n < limit);
            let waiting = self.window.accept(rows, if whole { last.max(seen) } else { last }, now);
            self.journal.owe(waiting);
        }
        let lag = self.newest().saturating_sub(self.window.position());
        self.lag.set(f64::from(u32::try_from(lag.max(0)).unwrap_or(u32::MAX)));
        Ok(())
    }

    /// The newest event, though it may be another account's.
    fn newest(&mut self) -> i64 {
        let told = *self.log.borrow_and_update();
        told.max(*self.core.store().last_event().borrow())
    }

    /// Sends what can go.
    async fn send(&mut self) -> Result<()> {
        let now = self.core.now();
        self.put_back(now);
        let slots = self.free_slots(now);
        let mut owed: Vec<RetryRow> = Vec::new();
        let already = self.flights.len();
        while self.flights.len() - already + owed.len() < slots {
            match self.window.next(now, self.prefer_owed) {
                Some(Next::Fresh(event)) => self.fly(event, None),
                Some(Next::Owed(row)) => owed.push(row),
                None => break,
            }
            self.prefer_owed = !self.prefer_owed;
        }
        if owed.is_empty() {
            return Ok(());
        }
        let positions: Vec<_> = owed.iter().map(|row| row.event_seq).collect();
        let events = self.core.store().read().await?.account(&self.row.account_id).events_at(&positions).await?;
        for event in events {
            let Some(at) = owed.iter().position(|row| row.event_seq == event.seq) else { continue };
            let row = owed.swap_remove(at);
            if self.wants(&event.event, event.device_id.as_deref()) {
                self.fly(Box::new(event), Some((row.attempts, row.first_failed_at)));
            } else {
                self.drop_owed(&row);
            }
        }
        // Beyond retention there is nothing left to deliver.
        for row in owed {
            tracing::warn!(webhook = %self.row.id, event = row.event_seq, "an event that was owed is no longer kept");
            self.drop_owed(&row);
        }
        Ok(())
    }

    /// A clock that was put back makes nothing wait for the time that was.
    fn put_back(&mut self, now: i64) {
        if now + PUT_BACK < self.seen_at {
            self.window.hurry(now);
            self.hold_until = 0;
        }
        self.seen_at = now;
    }

    /// How many requests may go now.
    fn free_slots(&self, now: i64) -> usize {
        if self.hold_until > now || self.journal.is_full() {
            return 0;
        }
        let limit = if self.row.failures >= DOWN { 1 } else { IN_FLIGHT };
        limit - limit.min(self.flights.len())
    }

    fn wants(&self, event: &str, device: Option<&str>) -> bool {
        self.events.iter().any(|wanted| wanted == event)
            && (self.row.device_id.is_none() || self.row.device_id.as_deref() == device)
    }

    fn fly(&mut self, event: Box<sparkbot_store::rows::EventRow>, failed: Option<(i64, i64)>) {
        let target = self.target.clone();
        self.flights.spawn(target.deliver(self.core.clone(), self.slots.clone(), event, failed));
    }

    fn drop_owed(&mut self, row: &RetryRow) {
        self.window.done(&row.lane, row.event_seq);
        self.journal.settle(row.event_seq);
    }

    /// Starts a write when it is time.
    fn write(&mut self) {
        if self.write_at().is_some_and(|at| at <= Instant::now()) {
            let row = WebhookRow { position: self.window.position(), ..self.row.clone() };
            self.journal.begin(self.core.store(), row, self.row.position);
        }
    }

    fn written(&mut self, (batch, position, done): Written) {
        self.journal.end(batch, done.is_ok());
        match done {
            Ok(true) => self.row.position = position,
            Ok(false) => self.out_of_service = true,
            Err(error) => {
                tracing::error!(webhook = %self.row.id, error = %error, "deliveries could not be written down; it is tried again");
            }
        }
    }

    fn write_at(&mut self) -> Option<Instant> {
        let quiet = self.flights.is_empty() && !self.window.has_ready();
        self.journal.due_at(self.window.position() > self.row.position, quiet)
    }

    /// When to look again if nothing happens.
    fn wake_at(&mut self) -> Option<Instant> {
        let now = self.core.now();
        let soon = |at: i64| Instant::now() + Duration::from_millis(u64::try_from(at - now).unwrap_or(0)).min(TICK);
        // What is due but finds no slot is woken by the next result.
        let next = if self.hold_until > now {
            Some(soon(self.hold_until))
        } else if self.free_slots(now) == 0 {
            None
        } else if self.window.has_ready() {
            Some(Instant::now())
        } else {
            self.window.next_due_at().map(soon)
        };
        let full = self.window.room() == 0 && self.newest() > self.window.read_to();
        let stalled = full.then(|| (self.moved_at + STALLED).max(Instant::now() + STALLED / 4));
        [next, stalled, self.write_at()].into_iter().flatten().min()
    }

    /// Waits for requests under way, as long as there is time, and writes
    /// everything down.
    async fn finish(mut self, grace: Duration) -> Result<End> {
        let deadline = Instant::now() + grace;
        while let Ok(Some(done)) = tokio::time::timeout_at(deadline, self.flights.join_next()).await {
            self.settle(done.map_err(Error::internal)?);
        }
        self.flights.abort_all();
        // A change of filters holds from here on: what doesn't match is passed now.
        if let Err(error) = self.read().await {
            tracing::warn!(webhook = %self.row.id, error = %error, "the log can't be read to its end");
        }
        let left = self.window.leave(self.core.now());
        self.journal.owe(left);
        if self.journal.is_writing() {
            let done = self.journal.written().await;
            self.written(done);
        }
        let from = self.row.position;
        self.row.position = self.window.position();
        if !self.journal.is_empty() || self.row.position > from || self.out_of_service {
            self.journal.close(self.core.store(), self.row, from).await?;
        }
        Ok(if self.out_of_service { End::OutOfService } else { End::Stopped })
    }
}
