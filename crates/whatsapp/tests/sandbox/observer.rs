//! An observer that remembers, and waits for what a test expects.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::{HistoryPart, Observer, ObserverError, Received, Report};
use tokio::sync::watch;

/// Longer than anything takes on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(40);

pub(crate) struct Recorder {
    reports: Mutex<Vec<Report>>,
    received: Mutex<Vec<Received>>,
    changed: watch::Sender<()>,
    started: std::time::Instant,
    /// Whether received messages are refused.
    pub(crate) broken: AtomicBool,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            reports: Mutex::default(),
            received: Mutex::default(),
            changed: watch::Sender::new(()),
            started: std::time::Instant::now(),
            broken: AtomicBool::new(false),
        }
    }

    /// All reports so far.
    pub(crate) fn reports(&self) -> Vec<Report> {
        self.reports.lock().expect("lock").clone()
    }

    /// All messages so far.
    pub(crate) fn messages(&self) -> Vec<Received> {
        self.received.lock().expect("lock").clone()
    }

    /// The first report for which `pick` has an answer, at position `from` or
    /// later.
    pub(crate) async fn report_from<T>(&self, from: usize, what: &str, pick: impl Fn(&Report) -> Option<T>) -> T {
        self.wait(DEADLINE, what, || self.reports.lock().expect("lock").iter().skip(from).find_map(&pick)).await
    }

    /// As [`Recorder::report`], for what takes longer.
    pub(crate) async fn report_within<T>(&self, limit: Duration, what: &str, pick: impl Fn(&Report) -> Option<T>) -> T {
        self.wait(limit, what, || self.reports.lock().expect("lock").iter().find_map(&pick)).await
    }

    pub(crate) async fn report<T>(&self, what: &str, pick: impl Fn(&Report) -> Option<T>) -> T {
        self.report_from(0, what, pick).await
    }

    pub(crate) async fn message(&self, what: &str, wanted: impl Fn(&Received) -> bool) -> Received {
        self.wait(DEADLINE, what, || self.received.lock().expect("lock").iter().find(|m| wanted(m)).cloned()).await
    }

    pub(crate) async fn online(&self) {
        self.report("online", |report| matches!(report, Report::Online { .. }).then_some(())).await;
    }

    async fn wait<T>(&self, limit: Duration, what: &str, look: impl Fn() -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        let waiting = async {
            loop {
                if let Some(found) = look() {
                    return found;
                }
                changed.changed().await.expect("the recorder is alive");
            }
        };
        match tokio::time::timeout(limit, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("no {what} within {limit:?}; reports: {:#?}", self.reports()),
        }
    }
}

#[async_trait]
impl Observer for Recorder {
    async fn received(&self, batch: Vec<Received>) -> Result<(), ObserverError> {
        if self.broken.load(Ordering::Acquire) {
            return Err(ObserverError("the test says so".to_owned()));
        }
        self.received.lock().expect("lock").extend(batch);
        self.changed.send_replace(());
        Ok(())
    }

    async fn history(&self, part: HistoryPart) -> Result<(), ObserverError> {
        println!("{:?} history {:?} {:?}", self.started.elapsed(), part.kind, part.order);
        Ok(())
    }

    async fn report(&self, report: Report) {
        println!("{:?} {report:?}", self.started.elapsed());
        self.reports.lock().expect("lock").push(report);
        self.changed.send_replace(());
    }
}
