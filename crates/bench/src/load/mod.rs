//! The load generator: many keep-alive connections that do as little as they
//! can, so that what is measured is the server and not this program. What it
//! takes of the processor is told beside the figures all the same.

pub(crate) mod connection;
pub(crate) mod cpu;
pub(crate) mod receiver;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::failure::{Failure, Result};
use connection::{Connection, Head};

/// A connection that is refused so often gives up; before, it waits and tries again.
const REFUSALS: usize = 5;
const AGAIN: Duration = Duration::from_millis(200);

/// What is sent, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Requests at most.
    pub(crate) requests: u32,
    pub(crate) connections: u32,
    /// No further request is begun after this time.
    pub(crate) at_most: Duration,
    /// Requests per second; as many as go when there is none.
    pub(crate) rate: Option<f64>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) began: Instant,
    /// When the last answer was there.
    pub(crate) ended: Instant,
    /// When request `n` was begun, for the first so many; fewer than planned when
    /// time was up.
    pub(crate) at: Vec<Instant>,
    /// Why requests were not answered with a 2xx; they were made again.
    pub(crate) refusals: Vec<String>,
}

impl Sent {
    pub(crate) fn requests(&self) -> u32 {
        u32::try_from(self.at.len()).unwrap_or(u32::MAX)
    }
}

/// Sends what `say` answers for 0, 1, 2… to wherever it says, spread over the
/// connections; each connection has one request under way.
///
/// # Errors
/// When no connection can be made, or one is refused again and again.
pub(crate) async fn send<F>(address: &str, plan: Plan, say: F) -> Result<Sent>
where
    F: Fn(u32) -> (Arc<Head>, String) + Send + Sync + 'static,
{
    let (next, say) = (Arc::new(AtomicU32::new(0)), Arc::new(say));
    let mut connections = Vec::new();
    for _ in 0..plan.connections {
        connections.push(Connection::open(address).await?);
    }
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for mut connection in connections {
        let (next, say) = (next.clone(), say.clone());
        senders.spawn(async move {
            let (mut at, mut refusals) = (Vec::new(), Vec::new());
            loop {
                if began.elapsed() >= plan.at_most {
                    return Ok::<_, Failure>((at, refusals));
                }
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= plan.requests {
                    return Ok((at, refusals));
                }
                if let Some(rate) = plan.rate {
                    tokio::time::sleep_until((began + Duration::from_secs_f64(f64::from(n) / rate)).into()).await;
                }
                let (head, body) = say(n);
                at.push((n, Instant::now()));
                while let Err(refusal) = connection.post(&head, &body).await {
                    refusals.push(refusal.to_string());
                    if refusals.len() >= REFUSALS {
                        return Err(refusal);
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        });
    }
    let (mut at, mut refusals) = (Vec::new(), Vec::new());
    while let Some(sent) = senders.join_next().await {
        let (own, refused) = sent.map_err(|error| Failure::new(error.to_string()))??;
        at.extend(own);
        refusals.extend(refused);
    }
    let ended = Instant::now();
    // Every number that was taken was sent, so they are 0, 1, 2… without a gap.
    at.sort_unstable_by_key(|(n, _)| *n);
    Ok(Sent { began, ended, at: at.into_iter().map(|(_, at)| at).collect(), refusals })
}
