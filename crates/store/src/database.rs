//! The connections: several readers, one writer.
//!
//! Every write is a job for the one writer, which runs as many waiting jobs as
//! there are in one transaction, each under a savepoint of its own, and answers
//! them after the commit. So a write is durable when it returns, one fsync
//! serves many, and the event log's order is the order of commits, on SQLite
//! and PostgreSQL alike.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::Executor;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::actor::{self, Actor};
use crate::connection::{Connection, Reader, Readers};
use crate::error::{Result, StoreError};
use crate::ids::AccountId;
use crate::known::{Known, Look};
use crate::migrations;
use crate::rows::{Account, Server};
use crate::seal::Sealer;
use crate::session_state::Recent;

/// Waiting writes at most; beyond it callers wait.
const QUEUE: usize = 4096;
/// Writes that share one transaction at most.
const GROUP: usize = 256;

/// Which database this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A file of its own.
    Sqlite,
    /// A server.
    Postgres,
}

impl Dialect {
    /// Which of the two a URL names.
    pub(crate) fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }
}

/// The database of one server.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    dialect: Dialect,
    readers: Readers,
    jobs: mpsc::Sender<Box<dyn Job>>,
    sealer: Arc<Sealer>,
    recent: Arc<Recent>,
    known: Arc<Known>,
    last_event: watch::Receiver<i64>,
}

impl Store {
    /// Opens `url` (`sqlite:///path/file.db` or `postgres://…`) and brings its
    /// schema up to date.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] when the data belong to a newer program.
    pub async fn open(url: &str, sealer: Sealer) -> Result<Self> {
        let dialect = Dialect::of(url);
        let url = match dialect {
            Dialect::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        };
        let mut writer = connect_writer(&url, dialect).await?;
        migrations::run(&mut writer, dialect, migrations::known()).await?;
        let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM events").fetch_one(&mut writer).await?;
        let readers = Readers::open(&url).await?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (seen, last_event) = watch::channel(last);
        let sealer = Arc::new(sealer);
        let recent = Arc::<Recent>::default();
        let known = Arc::<Known>::default();
        let writing = Writing {
            conn: writer,
            dialect,
            sealer: sealer.clone(),
            recent: recent.clone(),
            known: known.clone(),
            appended: None,
            actor: None,
            touched: None,
            undone: false,
        };
        start_writing(write_all(writing, url, queue, seen), dialect)?;
        Ok(Self { inner: Arc::new(Inner { dialect, readers, jobs, sealer, recent, known, last_event }) })
    }

    /// The URL of an SQLite file.
    #[must_use]
    pub fn sqlite_url(file: &Path) -> String {
        format!("sqlite://{}", file.display())
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// Seals what must not be readable at rest.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.inner.sealer
    }

    /// Session state that was used last.
    pub(crate) fn recent(&self) -> &Recent {
        &self.inner.recent
    }

    /// Tells the sequence number of the newest committed event, and changes
    /// when there is a newer one.
    #[must_use]
    pub fn last_event(&self) -> watch::Receiver<i64> {
        self.inner.last_event.clone()
    }

    /// A connection to read from.
    ///
    /// # Errors
    /// When no connection is to be had within 20 s, 5 s with PostgreSQL.
    pub async fn read(&self) -> Result<Reading> {
        let known = (self.inner.dialect == Dialect::Sqlite).then(|| self.inner.known.clone());
        let known = known.map(|known| (known.changes(), known));
        Ok(Reading { reader: self.inner.readers.acquire().await?, actor: actor::current(), known })
    }

    /// Runs `op` in a transaction; its changes are durable when this returns
    /// `Ok`, and undone when `op` returns `Err`.
    ///
    /// `op` shares the writer with everybody: it must not wait for anything
    /// but the database. A change that a person makes gets its line of the audit
    /// log in the same transaction.
    ///
    /// # Errors
    /// What `op` answers, or the store's own error as `E`.
    pub async fn write<T, E, F>(&self, op: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'w> FnOnce(&'w mut Writing) -> BoxFuture<'w, Result<T, E>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(Pending { op: Some(op), actor: actor::current(), outcome: None, answer });
        let gone = || E::from(StoreError::Database("the writer has ended".to_owned()));
        self.inner.jobs.send(job).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// A connection that only reads.
pub struct Reading {
    reader: Reader,
    actor: Option<Arc<Actor>>,
    /// Numbers that were read last, and how often they had been forgotten when this began.
    known: Option<(u64, Arc<Known>)>,
}

impl Reading {
    /// What belongs to one account.
    pub fn account<'c>(&'c mut self, id: &'c AccountId) -> Account<'c> {
        let look = self.known.as_ref().map(|(changes, known)| Look { known, changes: *changes });
        Account { conn: self.reader.conn(), id, actor: self.actor.as_deref(), look }
    }

    /// What concerns the whole server.
    pub fn server(&mut self) -> Server<'_> {
        Server { conn: self.reader.conn() }
    }
}

/// The writer, inside a transaction.
pub struct Writing {
    pub(crate) conn: Connection,
    dialect: Dialect,
    sealer: Arc<Sealer>,
    recent: Arc<Recent>,
    known: Arc<Known>,
    appended: Option<i64>,
    actor: Option<Arc<Actor>>,
    touched: Option<Touched>,
    /// Something of this transaction was undone.
    undone: bool,
}

/// What a transaction has changed, for the audit log.
#[derive(Debug, Clone)]
struct Touched {
    object: String,
    id: String,
    device: Option<String>,
}

impl Writing {
    /// What belongs to one account.
    pub fn account<'c>(&'c mut self, id: &'c AccountId) -> Account<'c> {
        let look =
            (self.dialect == Dialect::Sqlite).then(|| Look { known: &self.known, changes: self.known.changes() });
        Account { conn: &mut self.conn, id, actor: self.actor.as_deref(), look }
    }

    /// What concerns the whole server.
    pub fn server(&mut self) -> Server<'_> {
        Server { conn: &mut self.conn }
    }

    /// Seals what must not be readable at rest.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Session state that was used last.
    pub(crate) fn recent(&self) -> Arc<Recent> {
        self.recent.clone()
    }

    /// Remembers that the log has grown to `seq`; told to its readers after
    /// the commit.
    pub(crate) fn appended(&mut self, seq: i64) {
        self.appended = Some(self.appended.map_or(seq, |s| s.max(seq)));
    }

    /// Who makes this change; nobody when the server does it by itself.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.actor.as_deref()
    }

    /// Names what this transaction changes, for the audit log; the first one
    /// counts. Appending an event does so by itself.
    pub fn touches(&mut self, object: &str, id: &str, device: Option<&str>) {
        if self.actor.is_some() && self.touched.is_none() {
            self.touched =
                Some(Touched { object: object.to_owned(), id: id.to_owned(), device: device.map(str::to_owned) });
        }
    }

    /// Writes the line of the audit log, once for each request.
    async fn audit(&mut self) -> Result<()> {
        let Some(actor) = self.actor.clone().filter(|actor| actor.owes_a_line()) else { return Ok(()) };
        let (object, mut device) = match self.touched.take() {
            Some(touched) => (Some((touched.object, touched.id)), touched.device),
            None => (actor.object.clone(), None),
        };
        device = device.or_else(|| actor.device.clone());
        self.account(&actor.account).insert_audit(&actor, object, device).await?;
        actor.set_audited(true);
        Ok(())
    }

    async fn begin(&mut self) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => self.conn.execute("BEGIN IMMEDIATE").await?,
            // Writers of other nodes append to the same log: one at a time, so
            // that sequence numbers become visible in their order.
            Dialect::Postgres => self.conn.execute("BEGIN; SELECT pg_advisory_xact_lock(7281947)").await?,
        };
        Ok(())
    }
}

/// A write on its way to the writer.
trait Job: Send {
    /// Runs the operation; whether it wants its changes kept.
    fn run<'w>(&'w mut self, writing: &'w mut Writing) -> BoxFuture<'w, bool>;
    /// Answers the caller once the transaction's fate is known.
    fn finish(self: Box<Self>, fate: Result<()>);
}

struct Pending<T, E, F> {
    op: Option<F>,
    actor: Option<Arc<Actor>>,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Pending<T, E, F>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'w> FnOnce(&'w mut Writing) -> BoxFuture<'w, Result<T, E>> + Send + 'static,
{
    fn run<'w>(&'w mut self, writing: &'w mut Writing) -> BoxFuture<'w, bool> {
        Box::pin(async move {
            let Some(op) = self.op.take() else { return false };
            writing.actor = self.actor.take();
            writing.touched = None;
            let mut outcome = AssertUnwindSafe(op(writing)).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!("a write panicked; it was undone");
                Err(E::from(StoreError::Database("the write panicked".to_owned())))
            });
            if outcome.is_ok()
                && let Err(error) = writing.audit().await
            {
                outcome = Err(E::from(error));
            }
            writing.actor = None;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn finish(self: Box<Self>, fate: Result<()>) {
        let outcome = match (fate, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            // An operation's own refusal stands whatever became of the others.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(error), _) => Err(E::from(error)),
            (Ok(()), None) => Err(E::from(StoreError::Database("the write did not run".to_owned()))),
        };
        // A caller that went away has its write all the same.
        drop(self.answer.send(outcome));
    }
}

/// The one connection that writes.
pub(crate) async fn connect_writer(url: &str, dialect: Dialect) -> Result<Connection> {
    let mut conn = Connection::open(url).await?.alone();
    if dialect == Dialect::Sqlite {
        conn.execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192; \
             PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;",
        )
        .await?;
        conn.watch_numbers()?;
    }
    Ok(conn)
}

/// On SQLite writing has a thread of its own, as it waits for the disk there.
fn start_writing(writing: impl Future<Output = ()> + Send + 'static, dialect: Dialect) -> Result<()> {
    let runtime = Handle::current();
    if dialect == Dialect::Postgres {
        runtime.spawn(writing);
        return Ok(());
    }
    std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || runtime.block_on(writing))
        .map_err(|error| StoreError::Database(format!("no thread to write on: {error}")))?;
    Ok(())
}

async fn write_all(
    mut writing: Writing,
    url: String,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    seen: watch::Sender<i64>,
) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut group, GROUP).await > 0 {
        writing.appended = None;
        writing.undone = false;
        let fate = write_group(&mut writing, &mut group).await;
        writing.recent.ended(fate.is_ok() && !writing.undone);
        if writing.conn.numbers_settled() {
            writing.known.forget();
        }
        if let Err(error) = &fate {
            tracing::error!(error = %error, writes = group.len(), "transaction failed; nothing of it was kept");
            // The connection may be gone, or in the middle of a transaction:
            // a fresh one is right in either case.
            match connect_writer(&url, writing.dialect).await {
                Ok(conn) => writing.conn = conn,
                Err(error) => tracing::error!(error = %error, "database can't be reached"),
            }
        }
        if let (Ok(()), Some(seq)) = (&fate, writing.appended) {
            seen.send_replace(seq);
        }
        for job in group.drain(..) {
            job.finish(fate.clone());
        }
    }
}

async fn write_group(writing: &mut Writing, group: &mut [Box<dyn Job>]) -> Result<()> {
    writing.begin().await?;
    if let [job] = group {
        let keep = job.run(writing).await;
        writing.conn.execute(if keep { "COMMIT" } else { "ROLLBACK" }).await?;
        if !keep {
            writing.appended = None;
            writing.undone = true;
        }
        return Ok(());
    }
    for job in group {
        let appended = writing.appended;
        writing.conn.execute("SAVEPOINT job").await?;
        if job.run(writing).await {
            writing.conn.execute("RELEASE SAVEPOINT job").await?;
        } else {
            writing.conn.execute("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job").await?;
            writing.appended = appended;
            writing.undone = true;
        }
    }
    writing.conn.execute("COMMIT").await?;
    Ok(())
}
