//! Many light clients at once: what the scale of the sandbox is measured with.
//!
//! A light client speaks the real protocol over a real socket (WebSocket,
//! Noise, binary XML, Signal) and keeps as little as it can. It is no example
//! of a good client: it trusts everybody and stores nothing.

mod client;
mod http;
mod session;
pub(crate) mod socket;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::task::JoinSet;

use client::{Client, Links};

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many accounts there are.
    pub accounts: u32,
    /// How many companions each account has.
    pub companions: u16,
    /// How many one-time keys each companion uploads; clients upload 812.
    pub prekeys: usize,
    /// Messages per second, of all companions together.
    pub rate: u32,
    /// For how long messages are sent.
    pub lasting: Duration,
    /// How many companions link and log in at the same time.
    pub at_once: usize,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Companions that are connected.
    pub connected: u64,
    /// How long it took to link them all.
    pub linking: Duration,
    /// How long messages were sent, until the last was acknowledged.
    pub sending: Duration,
    /// Messages that were sent.
    pub sent: u64,
    /// Messages the server acknowledged.
    pub acknowledged: u64,
    /// Copies that companions have received and decrypted.
    pub received: u64,
    /// Copies that could not be decrypted.
    pub undecryptable: u64,
    /// Connections that ended while they should not.
    pub lost: u64,
    /// Milliseconds from sending to the ack: half of the messages were faster.
    pub median_ack_ms: f64,
    /// The same of 99 of 100 messages.
    pub slow_ack_ms: f64,
}

/// Why a measurement can't go on.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A socket of the sandbox can't be reached or has closed.
    #[error("the sandbox can't be reached: {0}")]
    Io(#[from] std::io::Error),
    /// The WebSocket failed.
    #[error("the WebSocket failed: {0}")]
    WebSocket(#[from] tokio_websockets::Error),
    /// The sandbox has answered something else than expected.
    #[error("the sandbox answered something unexpected: {0}")]
    Unexpected(String),
    /// A task of the measurement has failed.
    #[error("a task has failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What all clients count together.
#[derive(Debug, Default)]
struct Counts {
    acknowledged: AtomicU64,
    received: AtomicU64,
    undecryptable: AtomicU64,
    lost: AtomicU64,
    ack_micros: std::sync::Mutex<Vec<u32>>,
}

/// Companions that are linked and connected to a sandbox.
pub struct Crowd {
    load: Load,
    links: Links,
    counts: Arc<Counts>,
    linking: Duration,
}

impl Crowd {
    /// Makes the accounts, links their companions and connects them all.
    ///
    /// # Errors
    ///
    /// When the sandbox can't be reached or refuses a companion.
    pub async fn link(socket: &str, control: &str, load: Load) -> Result<Self, LoadError> {
        let began = Instant::now();
        let counts = Arc::new(Counts::default());
        let mut links = Vec::new();
        let mut waiting = JoinSet::new();
        for account in 0..load.accounts {
            for companion in 0..load.companions {
                if waiting.len() >= load.at_once
                    && let Some(linked) = waiting.join_next().await
                {
                    links.push(linked??);
                }
                let (socket, control, counts) = (socket.to_owned(), control.to_owned(), Arc::clone(&counts));
                waiting.spawn(async move { Client::link(&socket, &control, account, companion, load, counts).await });
            }
        }
        while let Some(linked) = waiting.join_next().await {
            links.push(linked??);
        }
        Ok(Self { load, links: Links::new(links), counts, linking: began.elapsed() })
    }

    /// Lets the companions write to each other at the wanted rate.
    ///
    /// # Errors
    ///
    /// When nothing is acknowledged any more.
    pub async fn send(&self) -> Result<Measured, LoadError> {
        let began = Instant::now();
        let mut sent = 0_u64;
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while began.elapsed() < self.load.lasting {
            tick.tick().await;
            let due = began.elapsed().as_secs_f64() * f64::from(self.load.rate);
            while (sent as f64) < due {
                self.links.send(sent);
                sent += 1;
            }
        }
        let mut before = (0, Instant::now());
        while self.counts.acknowledged.load(Ordering::Relaxed) < sent {
            tick.tick().await;
            let acknowledged = self.counts.acknowledged.load(Ordering::Relaxed);
            if acknowledged != before.0 {
                before = (acknowledged, Instant::now());
            } else if before.1.elapsed() > Duration::from_secs(20) {
                break;
            }
        }
        let sending = began.elapsed();
        let mut micros =
            std::mem::take(&mut *self.counts.ack_micros.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        micros.sort_unstable();
        let at = |part: f64| micros.get(((micros.len() as f64 * part) as usize).min(micros.len().saturating_sub(1)));
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Ok(Measured {
            connected: self.links.connected() as u64,
            linking: self.linking,
            sending,
            sent,
            acknowledged: read(&self.counts.acknowledged),
            received: read(&self.counts.received),
            undecryptable: read(&self.counts.undecryptable),
            lost: read(&self.counts.lost),
            median_ack_ms: at(0.5).map_or(0.0, |micros| f64::from(*micros) / 1e3),
            slow_ack_ms: at(0.99).map_or(0.0, |micros| f64::from(*micros) / 1e3),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sandbox, SandboxConfig};

    #[tokio::test]
    async fn a_small_crowd_writes_to_each_other_and_everybody_can_read_it() {
        let sandbox = Sandbox::start(SandboxConfig { seed: Some(1), ..SandboxConfig::default() }).await.unwrap();
        let load = Load {
            accounts: 3,
            companions: 2,
            prekeys: 20,
            rate: 100,
            lasting: Duration::from_millis(300),
            at_once: 4,
        };
        let crowd = Crowd::link(&sandbox.socket_url(), &sandbox.control_url(), load).await.unwrap();
        let measured = crowd.send().await.unwrap();
        assert_eq!(measured.connected, 6);
        assert!(measured.sent >= 20, "{measured:?}");
        assert_eq!((measured.acknowledged, measured.undecryptable, measured.lost), (measured.sent, 0, 0));
        sandbox.shutdown().await;
    }
}
