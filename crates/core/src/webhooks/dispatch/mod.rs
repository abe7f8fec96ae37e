//! The running deliveries: one task that looks after them, one worker for each
//! webhook in service.

mod batch;
mod journal;
mod results;
mod target;
mod window;
mod worker;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use sparkbot_store::rows::WebhookRow;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::worker::{End, Worker};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::{AccountId, WebhookId};

/// Requests of all webhooks at a time.
const SLOTS: usize = 128;
/// Webhooks are compared with the database this often besides being told.
const LOOK: Duration = Duration::from_secs(15);
/// A worker that broke is started again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// Requests under way get so long when the server goes down.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// The running deliveries.
pub struct Deliveries {
    orders: mpsc::UnboundedSender<Order>,
    /// Taken by the task that follows them.
    followed: Mutex<Option<mpsc::UnboundedReceiver<Order>>>,
}

enum Order {
    /// Webhooks have changed.
    Look,
    /// Stop one, and tell when it has written down what it did.
    Pause { id: WebhookId, grace: Duration, done: oneshot::Sender<()> },
    /// Let it run again.
    Resume(WebhookId),
}

/// While it lives, nothing is sent to a webhook.
pub(super) struct Paused {
    id: WebhookId,
    orders: mpsc::UnboundedSender<Order>,
}

impl Drop for Paused {
    fn drop(&mut self) {
        // Nobody listens when the server is going down.
        drop(self.orders.send(Order::Resume(self.id.clone())));
    }
}

impl Deliveries {
    pub(crate) fn new() -> Self {
        let (orders, followed) = mpsc::unbounded_channel();
        Self { orders, followed: Mutex::new(Some(followed)) }
    }

    /// Tells that webhooks were added, changed or removed.
    pub fn changed(&self) {
        drop(self.orders.send(Order::Look));
    }

    /// Stops a webhook's deliveries until the answer is dropped. Requests
    /// under way get `grace` to end; longer ones are cut and come again.
    pub(super) async fn pause(&self, id: &WebhookId, grace: Duration) -> Option<Paused> {
        if self.followed.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return None;
        }
        let (done, stopped) = oneshot::channel();
        let paused = Paused { id: id.clone(), orders: self.orders.clone() };
        self.orders.send(Order::Pause { id: id.clone(), grace, done }).ok()?;
        stopped.await.ok()?;
        Some(paused)
    }
}

/// Starts the deliveries; a second call changes nothing.
pub(super) fn start(core: &Core) {
    let followed = core.deliveries().followed.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(orders) = followed {
        let overseer = Overseer {
            core: core.clone(),
            slots: Arc::new(Semaphore::new(SLOTS)),
            running: HashMap::new(),
            workers: JoinSet::new(),
            paused: HashMap::new(),
            told: 0,
        };
        core.spawn(overseer.run(orders));
    }
}

struct Running {
    account: AccountId,
    /// `updated_at` of the row it works with.
    version: i64,
    log: watch::Sender<i64>,
    stop: Option<oneshot::Sender<Duration>>,
    /// Who waits for its end.
    waiting: Vec<oneshot::Sender<()>>,
}

struct Overseer {
    core: Core,
    slots: Arc<Semaphore>,
    running: HashMap<WebhookId, Running>,
    workers: JoinSet<(WebhookId, Result<End>)>,
    /// How many changes are under way per webhook.
    paused: HashMap<WebhookId, usize>,
    /// The log was told of up to here.
    told: i64,
}

impl Overseer {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let stopping = self.core.stopping();
        let mut log = self.core.store().last_event();
        self.told = *log.borrow_and_update();
        let mut look_at = self.look().await;
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                Some(order) = orders.recv() => match order {
                    Order::Look => look_at = self.look().await,
                    Order::Pause { id, grace, done } => self.pause(&id, grace, done),
                    Order::Resume(id) => {
                        self.resume(&id);
                        look_at = self.look().await;
                    }
                },
                Some(ended) = self.workers.join_next() => match ended {
                    Ok((id, end)) => look_at = look_at.min(Instant::now() + self.ended(&id, end)),
                    Err(error) => tracing::error!(error = %error, "a worker of a webhook has vanished"),
                },
                changed = log.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    let newest = *log.borrow_and_update();
                    self.tell(newest).await;
                }
                () = tokio::time::sleep_until(look_at) => look_at = self.look().await,
            }
        }
        for running in self.running.values_mut() {
            running.end(LAST_GRACE);
        }
        while self.workers.join_next().await.is_some() {}
    }

    /// Starts and stops workers as the database says; when to look again.
    async fn look(&mut self) -> Instant {
        let rows = match self.live().await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(error = %error, "webhooks can't be read; it is tried again");
                return Instant::now() + AGAIN;
            }
        };
        for (id, running) in &mut self.running {
            if rows.iter().all(|row| row.id != *id || row.updated_at != running.version) {
                running.end(Duration::ZERO);
            }
        }
        for row in rows {
            if !self.running.contains_key(&row.id) && !self.paused.contains_key(&row.id) {
                self.begin(row);
            }
        }
        Instant::now() + LOOK
    }

    async fn live(&self) -> Result<Vec<WebhookRow>> {
        Ok(self.core.store().read().await?.server().live_webhooks().await?)
    }

    fn begin(&mut self, row: WebhookRow) {
        let (stop, stopped) = oneshot::channel();
        let (log, grown) = watch::channel(self.told.max(*self.core.store().last_event().borrow()));
        let id = row.id.clone();
        let running = Running {
            account: row.account_id.clone(),
            version: row.updated_at,
            log,
            stop: Some(stop),
            waiting: Vec::new(),
        };
        self.running.insert(id.clone(), running);
        let (core, slots) = (self.core.clone(), self.slots.clone());
        self.workers.spawn(async move {
            let work = async { Worker::resume(core, row, slots, grown).await?.run(stopped).await };
            let end = AssertUnwindSafe(work).catch_unwind().await;
            (id, end.unwrap_or_else(|_| Err(Error::internal("it panicked"))))
        });
    }

    fn pause(&mut self, id: &WebhookId, grace: Duration, done: oneshot::Sender<()>) {
        *self.paused.entry(id.clone()).or_default() += 1;
        match self.running.get_mut(id) {
            Some(running) => {
                running.waiting.push(done);
                running.end(grace);
            }
            // Whoever went away while waiting resumes by itself.
            None => {
                let _ = done.send(());
            }
        }
    }

    fn resume(&mut self, id: &WebhookId) {
        if let Some(count) = self.paused.get_mut(id) {
            *count -= 1;
            if *count == 0 {
                self.paused.remove(id);
            }
        }
    }

    /// Takes note of a worker's end; when to look for webhooks without one.
    fn ended(&mut self, id: &WebhookId, end: Result<End>) -> Duration {
        for waiting in self.running.remove(id).into_iter().flat_map(|running| running.waiting) {
            let _ = waiting.send(());
        }
        match end {
            Ok(End::Stopped) => Duration::ZERO,
            Ok(End::OutOfService) => LOOK,
            Err(error) => {
                tracing::error!(webhook = %id, error = %error, "the deliveries of a webhook broke; they start again");
                AGAIN
            }
        }
    }

    /// Wakes the workers whose accounts have something new.
    async fn tell(&mut self, newest: i64) {
        if self.running.is_empty() {
            self.told = newest;
            return;
        }
        let accounts = match self.grown(newest).await {
            Ok(accounts) => Some(accounts),
            Err(error) => {
                tracing::warn!(error = %error, "the event log can't be read; every webhook looks for itself");
                None
            }
        };
        for running in self.running.values() {
            if accounts.as_ref().is_none_or(|accounts| accounts.contains(&running.account)) {
                running.log.send_replace(newest);
            }
        }
        self.told = newest;
    }

    async fn grown(&self, newest: i64) -> Result<Vec<AccountId>> {
        Ok(self.core.store().read().await?.server().accounts_with_events(self.told, newest).await?)
    }
}

impl Running {
    fn end(&mut self, grace: Duration) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(grace);
        }
    }
}
