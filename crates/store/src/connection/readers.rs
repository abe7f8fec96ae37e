//! The connections that only read.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Error, Executor};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use super::{Connection, Kind, Result};
use crate::database::Dialect;

/// How many read at the same time at most.
const SQLITE: usize = 4;
const POSTGRES: u32 = 8;
/// How long to wait for one.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same of PostgreSQL, which may be gone: whoever asks is to hear of it.
const PATIENCE_WITH_POSTGRES: Duration = Duration::from_secs(5);

/// All of them.
#[derive(Clone)]
pub(crate) enum Readers {
    Sqlite(Arc<Files>),
    Postgres(AnyPool),
}

/// Connections to one file.
pub(crate) struct Files {
    url: String,
    conns: std::sync::Mutex<Vec<Arc<Mutex<Connection>>>>,
    places: Arc<Semaphore>,
}

impl Files {
    /// One that nobody uses; the caller has one of the places.
    async fn free(&self) -> Result<OwnedMutexGuard<Connection>> {
        let free = {
            let conns = self.conns.lock().unwrap_or_else(PoisonError::into_inner);
            conns.iter().find_map(|conn| conn.clone().try_lock_owned().ok())
        };
        if let Some(free) = free {
            return Ok(free);
        }
        let conn = Arc::new(Mutex::new(read_only(&self.url).await?));
        let taken = conn.clone().lock_owned().await;
        self.conns.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        Ok(taken)
    }
}

impl Readers {
    /// Opens the first one.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        if Dialect::of(url) == Dialect::Sqlite {
            let first = Arc::new(Mutex::new(read_only(url).await?));
            let (conns, places) = (std::sync::Mutex::new(vec![first]), Arc::new(Semaphore::new(SQLITE)));
            return Ok(Self::Sqlite(Arc::new(Files { url: url.to_owned(), conns, places })));
        }
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES)
            .min_connections(1)
            .acquire_timeout(PATIENCE_WITH_POSTGRES)
            .after_connect(|conn, _| {
                // Lists are short queries on what is in memory mostly: neither compiled nor shared among
                // workers, and found by indexes rather than by reading tables.
                let settings = "SET default_transaction_read_only = on; SET jit = off; SET random_page_cost = 1.1; \
                                SET max_parallel_workers_per_gather = 0";
                Box::pin(async move { conn.execute(settings).await.map(drop) })
            })
            .connect(url)
            .await?;
        Ok(Self::Postgres(pool))
    }

    /// One of them, as soon as one is free.
    pub(crate) async fn acquire(&self) -> Result<Reader> {
        match self {
            Self::Sqlite(files) => {
                let place = tokio::time::timeout(PATIENCE, files.places.clone().acquire_owned());
                let place = place.await.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
                Ok(Reader(Lent::File { conn: files.free().await?, _place: place }))
            }
            Self::Postgres(pool) => Ok(Reader(Lent::Pool(Connection(Kind::Pooled(pool.acquire().await?))))),
        }
    }
}

/// A reader never writes by mistake, and waits for nobody in WAL mode.
async fn read_only(url: &str) -> Result<Connection> {
    let mut conn = Connection::open(url).await?;
    conn.execute("PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;").await?;
    Ok(conn)
}

/// One of the readers, for as long as this lives.
pub(crate) struct Reader(Lent);

enum Lent {
    /// Given back before its place is.
    File {
        conn: OwnedMutexGuard<Connection>,
        _place: OwnedSemaphorePermit,
    },
    Pool(Connection),
}

impl Reader {
    pub(crate) fn conn(&mut self) -> &mut Connection {
        match &mut self.0 {
            Lent::File { conn, .. } => conn,
            Lent::Pool(conn) => conn,
        }
    }
}
