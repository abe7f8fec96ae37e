//! One webhook: reads the log from where it stands, delivers, writes down how
//! far it has come.
//!
//! What is written down is always behind what has happened, never ahead: a
//! crash repeats deliveries, it loses none.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sparkbot_store::rows::{EventFilter, RetryRow, WebhookRow};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::batch::Batch;
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
/// After so many failures in a row the first success brings everything owed.
const BACK: i64 = 3;
/// Results wait so long for others to share their transaction, while more are
/// on their way.
const GATHER: Duration = Duration::from_millis(100);
/// Results that are written at once.
const GATHERED: usize = 64;
/// A position that moves only over events of no concern is written this late.
const IDLE_POSITION: Duration = Duration::from_secs(30);
/// The clock is looked at this often while something is owed: it can jump.
const TICK: Duration = Duration::from_secs(1);
/// A window that is full and has not moved for so long is full of slow lanes.
const STALLED: Duration = Duration::from_secs(1);
/// After a failed write the next one waits.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// Why a worker has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Told to.
    Stopped,
    /// Failed for good, disabled by its receiver, or deleted.
    OutOfService,
}

/// A write under way: what it writes, and whether the webhook still exists.
type Writing = BoxFuture<'static, Written>;
type Written = (Arc<Batch>, i64, Result<bool>);

pub(super) struct Worker {
    core: Core,
    row: WebhookRow,
    events: Vec<String>,
    target: Arc<Target>,
    slots: Arc<Semaphore>,
    window: Window,
    flights: JoinSet<Attempt>,
    log: watch::Receiver<i64>,
    batch: Batch,
    writing: Option<Writing>,
    /// Log lines written so far.
    lines: usize,
    /// Since when something waits to be written.
    unwritten: Option<Instant>,
    /// Since when the position alone waits.
    idle_since: Option<Instant>,
    write_not_before: Option<Instant>,
    /// No request before this time: the receiver asks for patience.
    hold_until: i64,
    moved_at: Instant,
    prefer_owed: bool,
    out_of_service: bool,
    lag: metrics::Gauge,
}

impl Worker {
    /// Takes up where the webhook stands.
    ///
    /// # Errors
    /// As the database answers.
    pub(super) async fn resume(core: Core, row: WebhookRow, slots: Arc<Semaphore>, log: watch::Receiver<i64>) -> Result<Self> {
        let owed = core.store().read().await?.server().webhook_retries(&row.id, RESTORED).await?;
        // A replay has set the position back: these come from the log again.
        if owed.last().is_some_and(|last| last.event_seq > row.position) {
            let (id, position) = (row.id.clone(), row.position);
            core.store()
                .write(move |w| {
                    Box::pin(async move {
                        w.server().drop_webhook_retries_after(&id, position).await.map_err(Error::from)
                    })
                })
                .await?;
        }
        let owed = owed.into_iter().filter(|retry| retry.event_seq <= row.position).collect();
        Ok(Self {
            events: serde_json::from_str(&row.events).map_err(Error::internal)?,
            target: Arc::new(Target::of(&row, core.store().sealer())?),
            window: Window::restore(row.position, owed),
            slots,
            flights: JoinSet::new(),
            log,
            batch: Batch::default(),
            writing: None,
            lines: 0,
            unwritten: None,
            idle_since: None,
            write_not_before: None,
            hold_until: 0,
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
            self.begin_write();
            let wake = self.wake_at();
            tokio::select! {
                biased;
                // A sender that is gone leaves no time at all.
                grace = &mut stop => break grace.unwrap_or_default(),
                written = written(&mut self.writing) => self.end_write(written),
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
                self.owe(spilled);
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
            self.owe(waiting);
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

    /// How many requests may go now.
    fn free_slots(&self, now: i64) -> usize {
        if self.hold_until > now || self.batch.len() >= 4 * GATHERED {
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
        self.batch.settle(row.event_seq);
        self.unwritten.get_or_insert_with(Instant::now);
    }

    fn owe(&mut self, rows: Vec<RetryRow>) {
        if !rows.is_empty() {
            self.batch.owe(rows);
            self.unwritten.get_or_insert_with(Instant::now);
        }
    }

    /// Takes in what became of a try.
    fn settle(&mut self, attempt: Attempt) {
        let now = self.core.now();
        self.moved_at = Instant::now();
        self.unwritten.get_or_insert(self.moved_at);
        self.row.last_run_at = Some(now);
        if attempt.number > 1 {
            self.row.last_retry_at = Some(now);
        }
        if attempt.outcome.delivered {
            self.succeeded(attempt, now);
        } else {
            self.failed(attempt, now);
        }
    }

    /// Results that come in after the end don't bring a webhook back.
    fn fares(&mut self, status: &str) {
        if !self.out_of_service {
            status.clone_into(&mut self.row.status);
        }
    }

    fn succeeded(&mut self, attempt: Attempt, now: i64) {
        metrics::counter!("sparkbot_webhook_deliveries_total", "outcome" => "delivered").increment(1);
        if self.row.failures >= BACK {
            self.window.hurry(now);
        }
        self.row.failures = 0;
        self.row.failing_since = None;
        self.fares("active");
        if self.window.done(&attempt.event.lane, attempt.event.seq) {
            self.batch.settle(attempt.event.seq);
        }
        self.batch.log(attempt, None, now);
    }

    fn failed(&mut self, attempt: Attempt, now: i64) {
        metrics::counter!("sparkbot_webhook_deliveries_total", "outcome" => "failed").increment(1);
        self.row.failures += 1;
        self.row.last_failure_at = Some(now);
        let failing_since = *self.row.failing_since.get_or_insert(now);
        self.fares("pending");
        if let Some(patience) = attempt.outcome.patience {
            self.hold_until = self.hold_until.max(now + i64::try_from(patience.as_millis()).unwrap_or(0));
        }
        let first_failed_at = attempt.first_failed_at.unwrap_or(now);
        let tired = now - first_failed_at >= schedule::GIVE_UP;
        let dead = tired && now - failing_since >= schedule::GIVE_UP;
        let hopeless = attempt.outcome.hopeless;
        if hopeless || (tired && !dead && !attempt.outcome.gone) {
            // Others get through: it is this event's fault, and its lane goes on.
            if self.window.done(&attempt.event.lane, attempt.event.seq) {
                self.batch.settle(attempt.event.seq);
            }
            metrics::counter!("sparkbot_webhook_deliveries_total", "outcome" => "given_up").increment(1);
            let why = format!("Given up after {} tries in 24 hours.", attempt.number);
            self.batch.log(attempt, (!hopeless).then_some(why), now);
            return;
        }
        let gap = schedule::gap(&self.core.settings().webhook_retry_gaps, attempt.number);
        let row = RetryRow {
            event_seq: attempt.event.seq,
            lane: attempt.event.lane.clone(),
            attempts: attempt.number,
            first_failed_at,
            // The last try is not put off beyond the day.
            next_attempt_at: (now + gap).max(self.hold_until).min((first_failed_at + schedule::GIVE_UP).max(now)),
        };
        let written = self.window.failed(row, now);
        self.batch.owe(written);
        if attempt.outcome.gone {
            "disabled".clone_into(&mut self.row.status);
            self.out_of_service = true;
            tracing::warn!(webhook = %self.row.id, "the receiver is gone for good (410); the webhook was disabled");
            self.batch.log(attempt, None, now);
        } else if dead {
            "failed".clone_into(&mut self.row.status);
            self.out_of_service = true;
            tracing::warn!(webhook = %self.row.id, "nothing got through for 24 hours; the webhook is out of service");
            let why = "Nothing got through for 24 hours: the webhook is out of service. Enable it to get what it has missed.";
            self.batch.log(attempt, Some(why.to_owned()), now);
        } else {
            self.batch.log(attempt, None, now);
        }
    }

    /// Starts a write when there is enough to write, or nothing else to do.
    fn begin_write(&mut self) {
        if self.writing.is_some() || self.write_at().is_none_or(|at| at > Instant::now()) {
            return;
        }
        let (batch, from) = (Arc::new(std::mem::take(&mut self.batch)), self.row.position);
        let row = WebhookRow { position: self.window.position(), ..self.row.clone() };
        let (store, lines) = (self.core.store().clone(), self.lines);
        self.unwritten = None;
        self.idle_since = None;
        self.lines += batch.len();
        self.writing = Some(Box::pin(async move {
            let to = row.position;
            let done = batch.clone().write(&store, row, from, lines).await;
            (batch, to, done)
        }));
    }

    fn end_write(&mut self, (batch, position, done): Written) {
        self.writing = None;
        match done {
            Ok(true) => self.row.position = position,
            Ok(false) => self.out_of_service = true,
            Err(error) => {
                tracing::error!(webhook = %self.row.id, error = %error, "deliveries could not be written down; it is tried again");
                self.batch.restore(Arc::unwrap_or_clone(batch));
                self.unwritten = Some(Instant::now());
                self.write_not_before = Some(Instant::now() + WRITE_AGAIN);
            }
        }
    }

    /// When the next write is to start.
    fn write_at(&mut self) -> Option<Instant> {
        let at = if let Some(since) = self.unwritten {
            let now_or_never = self.batch.len() >= GATHERED || (self.flights.is_empty() && !self.window.has_ready());
            Some(if now_or_never { since } else { since + GATHER })
        } else if self.window.position() > self.row.position {
            Some(*self.idle_since.get_or_insert_with(Instant::now) + IDLE_POSITION)
        } else {
            None
        };
        at.map(|at| self.write_not_before.map_or(at, |not_before| at.max(not_before)))
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
        let write = if self.writing.is_some() { None } else { self.write_at() };
        [next, stalled, write].into_iter().flatten().min()
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
        if self.writing.is_some() {
            let done = written(&mut self.writing).await;
            self.end_write(done);
        }
        let from = self.row.position;
        self.row.position = self.window.position();
        if !self.batch.is_empty() || self.row.position > from || self.out_of_service {
            Arc::new(self.batch).write(self.core.store(), self.row, from, self.lines).await?;
        }
        Ok(if self.out_of_service { End::OutOfService } else { End::Stopped })
    }
}

async fn written(writing: &mut Option<Writing>) -> Written {
    match writing {
        Some(writing) => writing.await,
        None => std::future::pending().await,
    }
}
