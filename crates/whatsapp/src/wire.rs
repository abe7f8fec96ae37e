//! The socket, and what has to be true before a frame leaves on it.
//!
//! The client writes its own identity behind its back: after a phone has
//! answered a code it confirms the link first and saves the credentials when
//! its saver gets to it. A process killed in between would leave a device on
//! the phone's list that nobody can be. So each frame waits here until what the
//! client knows of itself is on disk, and until the receipts it may acknowledge
//! have been committed.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Mutex;
use whatsapp_rust::anyhow::{self, anyhow, bail};
use whatsapp_rust::async_channel::{Receiver, Sender, bounded};
use whatsapp_rust::store::Device;
use whatsapp_rust::store::persistence_manager::PersistenceManager;
use whatsapp_rust::traits::Backend;
use whatsapp_rust::transport::{Transport, TransportEvent, TransportFactory};

use crate::number::Number;
use crate::socket;

/// Frames that are read ahead of the client.
const READ_AHEAD: usize = 8;

/// Saves what the client knows of itself.
pub(crate) struct Keeper {
    manager: Arc<PersistenceManager>,
    backend: Arc<dyn Backend>,
    /// What is on disk. The client makes a new snapshot with each change, so
    /// identity tells whether there is one.
    saved: Mutex<Option<Arc<Device>>>,
}

impl Keeper {
    pub(crate) fn new(manager: Arc<PersistenceManager>) -> Self {
        let backend = manager.backend();
        Self { manager, backend, saved: Mutex::new(None) }
    }

    /// Returns when the client's identity, as it is now, is durable.
    ///
    /// The client's own `flush` would not do: it answers at once while another
    /// task is still writing.
    pub(crate) async fn save(&self) -> anyhow::Result<()> {
        let mut saved = self.saved.lock().await;
        let current = self.manager.get_device_snapshot();
        if saved.as_ref().is_some_and(|saved| Arc::ptr_eq(saved, &current)) {
            return Ok(());
        }
        self.backend.save(&current.to_serializable()).await?;
        *saved = Some(current);
        Ok(())
    }
}

/// Opens sockets for one client.
pub(crate) struct Wire {
    number: Arc<Number>,
    keeper: Arc<Keeper>,
}

impl Wire {
    pub(crate) fn new(number: Arc<Number>, keeper: Arc<Keeper>) -> Self {
        Self { number, keeper }
    }
}

#[async_trait]
impl TransportFactory for Wire {
    async fn create_transport(&self) -> Result<(Arc<dyn Transport>, Receiver<TransportEvent>), anyhow::Error> {
        let id = self.number.connecting();
        // The client gives up by dropping this future, which must be heard too.
        let mut attempt = Attempt { number: &self.number, outcome: Some("no connection within 20 s".to_owned()) };
        match socket::open(self.number.settings.socket.as_ref()).await {
            Ok((socket, arriving)) => {
                attempt.outcome = None;
                let (forward, events) = bounded(READ_AHEAD);
                tokio::spawn(read(id, arriving, forward, self.number.clone()));
                let gated = Gated { socket, number: self.number.clone(), keeper: self.keeper.clone() };
                Ok((Arc::new(gated), events))
            }
            Err(error) => {
                attempt.outcome = Some(format!("{error:#}"));
                Err(error)
            }
        }
    }
}

struct Attempt<'a> {
    number: &'a Number,
    outcome: Option<String>,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if let Some(reason) = self.outcome.take() {
            self.number.unreachable(&reason);
        }
    }
}

/// Hands frames on, as fast as the observer takes what they say.
async fn read(id: u64, arriving: Receiver<TransportEvent>, forward: Sender<TransportEvent>, number: Arc<Number>) {
    while let Ok(event) = arriving.recv().await {
        let closed = match &event {
            TransportEvent::DataReceived(_) => {
                number.measures.frame_received(number.now());
                number.reports.room().await;
                None
            }
            TransportEvent::Disconnected(reason) => Some(reason.to_string()),
            TransportEvent::Connected => None,
        };
        let gone = forward.send(event).await.is_err();
        if let Some(reason) = closed {
            number.socket_closed(id, &reason);
            return;
        }
        if gone {
            break;
        }
    }
    number.socket_closed(id, "the connection was given up");
}

/// A socket whose frames wait for the disk.
struct Gated {
    socket: Arc<dyn Transport>,
    number: Arc<Number>,
    keeper: Arc<Keeper>,
}

#[async_trait]
impl Transport for Gated {
    async fn send(&self, data: Bytes) -> Result<(), anyhow::Error> {
        if let Err(error) = self.keeper.save().await {
            tracing::error!(device = %self.number.device, %error, "the number's keys can't be saved, so nothing is sent");
            return Err(anyhow!("the number's keys can't be saved: {error}"));
        }
        if !self.number.reports.settled().await {
            tracing::error!(device = %self.number.device, "receipts are not committed, so WhatsApp is not answered");
            self.socket.disconnect().await;
            bail!("receipts are not committed in time");
        }
        self.socket.send(data).await
    }

    async fn disconnect(&self) {
        self.socket.disconnect().await;
    }
}
