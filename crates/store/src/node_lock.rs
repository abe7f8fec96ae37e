//! One server of a name per database: two with one name would take each other's
//! numbers. A file of SQLite is locked by whoever starts the server; on
//! PostgreSQL it is a lock of a session that stays open.

use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use tokio::time::Instant;

use crate::database::Dialect;
use crate::error::{Result, StoreError};

/// How long the database may take to notice that a server has died.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);
/// How often it is made sure that the session is still there.
const LOOK: Duration = Duration::from_secs(10);

/// The name of a server, taken for as long as this lives.
pub struct NodeLock {
    keeping: Option<tokio::task::JoinHandle<()>>,
}

impl Drop for NodeLock {
    fn drop(&mut self) {
        if let Some(keeping) = &self.keeping {
            keeping.abort();
        }
    }
}

impl NodeLock {
    /// Takes `node` in the database at `url`; `None` when a server of this name
    /// uses it.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn take(url: &str, node: &str) -> Result<Option<Self>> {
        sqlx::any::install_default_drivers();
        if Dialect::of(url) == Dialect::Sqlite {
            return Ok(Some(Self { keeping: None }));
        }
        let began = Instant::now();
        let conn = loop {
            if let Some(conn) = held(url, node).await? {
                break conn;
            }
            if began.elapsed() > PATIENCE {
                return Ok(None);
            }
            tokio::time::sleep(PAUSE).await;
        };
        let keeping = tokio::spawn(keep(conn, url.to_owned(), node.to_owned()));
        Ok(Some(Self { keeping: Some(keeping) }))
    }
}

/// A session that holds the lock.
async fn held(url: &str, node: &str) -> Result<Option<AnyConnection>> {
    let mut conn = AnyConnection::connect(url).await?;
    let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock(7281948, hashtext($1))")
        .bind(node)
        .fetch_one(&mut conn)
        .await?;
    Ok(taken.then_some(conn))
}

/// Takes the lock again after the database was away.
async fn keep(mut conn: AnyConnection, url: String, node: String) {
    loop {
        tokio::time::sleep(LOOK).await;
        if conn.ping().await.is_ok() {
            continue;
        }
        match held(&url, &node).await {
            Ok(Some(again)) => conn = again,
            Ok(None) => tracing::error!(node, "another server has taken this one's name in the database"),
            Err(StoreError::Unavailable(_)) => {}
            Err(error) => tracing::warn!(node, error = %error, "this server's name can't be held in the database"),
        }
    }
}
