//! The world behind its lock, and the sockets it writes to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use wacore_binary::marshal::marshal;

use crate::clock::Clock;
use crate::ids::ConnId;
use crate::media::cipher::{Failure, Wanted};
use crate::wire::certificate::ServerIdentity;
use crate::world::{Output, World};

/// How many stanzas, and how many bytes of them, may wait for a client that does
/// not read; then it is cut off, and its queue keeps what it missed. A whole
/// queue of texts fits.
const MAX_UNREAD: usize = 65_536;
const MAX_UNREAD_BYTES: usize = 32 << 20;
/// How often the timers are looked at when none is due.
const IDLE: Duration = Duration::from_secs(60);

/// What a connection's writer is to do.
#[derive(Debug)]
pub(crate) enum Write {
    /// An encoded stanza.
    Stanza(Vec<u8>),
    Garbage,
    Close,
    Cut,
}

/// What a connection's writer takes its orders from.
pub(crate) struct Orders {
    pub(crate) writes: mpsc::Receiver<Write>,
    /// The bytes that wait to be written; the writer takes off what it wrote.
    pub(crate) waiting: Arc<AtomicUsize>,
    /// Cancelled when the client has read too slowly.
    pub(crate) cut: CancellationToken,
}

/// The other end of [`Orders`].
struct Writer {
    writes: mpsc::Sender<Write>,
    waiting: Arc<AtomicUsize>,
    cut: CancellationToken,
}

impl Writer {
    fn new() -> (Self, Orders) {
        let (sender, writes) = mpsc::channel(MAX_UNREAD);
        let (waiting, cut) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let orders = Orders { writes, waiting: Arc::clone(&waiting), cut: cut.clone() };
        (Self { writes: sender, waiting, cut }, orders)
    }

    /// Whether there was room for it.
    fn take(&self, write: Write) -> bool {
        if let Write::Stanza(bytes) = &write
            && self.waiting.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > MAX_UNREAD_BYTES
        {
            return false;
        }
        self.writes.try_send(write).is_ok()
    }
}

/// Everything the tasks of one sandbox share.
pub(crate) struct Hub {
    inner: Mutex<Inner>,
    fetches: mpsc::Sender<Box<Wanted>>,
    pub(crate) clock: Clock,
    pub(crate) identity: ServerIdentity,
    pub(crate) stop: CancellationToken,
    changes: watch::Sender<u64>,
    timers: Notify,
}

struct Inner {
    world: World,
    writers: HashMap<ConnId, Writer>,
}

impl Hub {
    /// A hub; what phones want from the media host goes to `fetches`.
    pub(crate) fn new(
        world: World,
        identity: ServerIdentity,
        clock: Clock,
        fetches: mpsc::Sender<Box<Wanted>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            fetches,
            inner: Mutex::new(Inner { world, writers: HashMap::new() }),
            clock,
            identity,
            stop: CancellationToken::new(),
            changes: watch::Sender::new(0),
            timers: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in a rule is a bug, but must not take the other tests' phones
        // with it.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls the world, then writes what it wants written.
    pub(crate) fn with<T>(&self, call: impl FnOnce(&mut World) -> T) -> T {
        let mut inner = self.lock();
        self.run(&mut inner, call)
    }

    fn run<T>(&self, inner: &mut Inner, call: impl FnOnce(&mut World) -> T) -> T {
        inner.world.set_now(self.clock.now_ms());
        let due = inner.world.timers.next_due();
        let result = call(&mut inner.world);
        inner.world.settle();
        for output in inner.world.take_outputs() {
            let (conn, write) = match output {
                Output::Send(conn, node) => match marshal(&node) {
                    Ok(bytes) => (conn, Write::Stanza(bytes)),
                    Err(error) => {
                        tracing::error!(tag = %node.tag, %error, "a stanza of the sandbox can't be encoded");
                        continue;
                    }
                },
                Output::Garbage(conn) => (conn, Write::Garbage),
                Output::Close(conn) => (conn, Write::Close),
                Output::Cut(conn) => (conn, Write::Cut),
                Output::Fetch(wanted) => {
                    if let Err(refused) = self.fetches.try_send(wanted) {
                        crate::phone::files::fetched(&mut inner.world, &refused.into_inner(), Err(Failure::Busy));
                    }
                    continue;
                }
            };
            if let Some(writer) = inner.writers.get(&conn)
                && !writer.take(write)
            {
                tracing::debug!(conn = conn.0, "a client reads too slowly and is cut off");
                writer.cut.cancel();
                inner.writers.remove(&conn);
            }
        }
        let changes = inner.world.changes();
        self.changes.send_if_modified(|seen| std::mem::replace(seen, changes) != changes);
        if inner.world.timers.next_due() != due {
            self.timers.notify_one();
        }
        result
    }

    /// Opens a connection and gives back where its stanzas come from.
    pub(crate) fn open(&self, pattern: &'static str, client_static: [u8; 32], payload: &[u8]) -> (ConnId, Orders) {
        let (writer, orders) = Writer::new();
        let mut inner = self.lock();
        // The first stanzas are written by `open` itself, so the writer must be
        // known before; ids are given in order.
        let conn = inner.world.upcoming_connection();
        inner.writers.insert(conn, writer);
        let opened = self.run(&mut inner, |world| world.open(pattern, client_static, payload));
        debug_assert_eq!(conn, opened);
        (conn, orders)
    }

    pub(crate) fn closed(&self, conn: ConnId) {
        let mut inner = self.lock();
        inner.writers.remove(&conn);
        self.run(&mut inner, |world| world.closed(conn));
    }

    /// Asks the world again at every change, until it has an answer or the time
    /// is over.
    pub(crate) async fn wait_for<T>(
        &self,
        timeout: Duration,
        mut ask: impl FnMut(&mut World) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.changes.subscribe();
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            changes.mark_unchanged();
            let answer = {
                let mut inner = self.lock();
                ask(&mut inner.world)
            };
            if answer.is_some() {
                return answer;
            }
            tokio::select! {
                changed = tokio::time::timeout_at(deadline, changes.changed()) => {
                    if !matches!(changed, Ok(Ok(()))) {
                        return None;
                    }
                }
                () = self.stop.cancelled() => return None,
            }
        }
    }

    /// Does what is due, until the sandbox stops.
    pub(crate) async fn drive_timers(&self) {
        loop {
            let due = self.lock().world.timers.next_due();
            let wait = due.map_or(IDLE, |due| Duration::from_millis(due.saturating_sub(self.clock.now_ms()))).min(IDLE);
            tokio::select! {
                () = tokio::time::sleep(wait) => self.with(World::tick),
                () = self.timers.notified() => {}
                () = self.stop.cancelled() => return,
            }
        }
    }
}
