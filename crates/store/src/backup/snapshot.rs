//! Reading: one state of all tables, whatever a server writes meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngExt;
use sqlx::any::AnyRow;
use sqlx::{Executor, Row};

use super::{Column, Kind, Table, tables};
use crate::connection::Connection;
use crate::database::Dialect;
use crate::error::{Result, StoreError};
use crate::migrations;

/// Bytes of rows that are handed over at once, about.
const CHUNK: usize = 2 * 1024 * 1024;

/// One state of a database.
///
/// The bytes of blobs that it refers to stay as long as [`Snapshot::hold`] says
/// so; [`Snapshot::end`] lets go of them.
pub struct Snapshot {
    reader: Connection,
    /// Apart from the reader, whose transaction goes on.
    writer: Connection,
    hold: Option<String>,
    version: i64,
    tables: Vec<Table>,
}

impl Snapshot {
    /// Takes the state of the database at `url` now, and holds the bytes of its
    /// blobs until `held_until` (milliseconds). The schema is left as it is.
    ///
    /// # Errors
    /// When there is no database of ours, or [`StoreError::NewerSchema`].
    pub async fn begin(url: &str, held_until: i64) -> Result<Self> {
        let dialect = Dialect::of(url);
        let connect = match dialect {
            Dialect::Sqlite if !url.contains('?') => format!("{url}?mode=rw"),
            _ => url.to_owned(),
        };
        let mut reader = Connection::open(&connect).await?;
        let mut writer = Connection::open(&connect).await?;
        if dialect == Dialect::Sqlite {
            reader.execute("PRAGMA busy_timeout = 10000; PRAGMA query_only = ON;").await?;
            writer.execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL;").await?;
        }
        let version = migrations::version(&mut writer).await?;
        let known = migrations::known();
        if version > known {
            return Err(StoreError::NewerSchema { found: version, known });
        }
        // Before the state is taken, so that nothing of it goes in between.
        let hold = match migrations::tables(version).iter().any(|table| table.name == "blob_holds") {
            true => Some(hex::encode(rand::rng().random::<[u8; 8]>())),
            false => None,
        };
        if let Some(id) = &hold {
            sqlx::query("INSERT INTO blob_holds (id, ends_at) VALUES ($1, $2)")
                .bind(id)
                .bind(held_until)
                .execute(&mut writer)
                .await?;
        }
        reader
            .execute(match dialect {
                Dialect::Sqlite => "BEGIN",
                Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            })
            .await?;
        // The first read is the moment whose state it is.
        let version = migrations::version(&mut reader).await?;
        let tables = tables(&mut reader, dialect, version).await?;
        Ok(Self { reader, writer, hold, version, tables })
    }

    /// The schema's version.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The tables, those first that others refer to.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Holds the bytes of blobs until `ends_at`, in milliseconds.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn hold(&mut self, ends_at: i64) -> Result<()> {
        if let Some(id) = &self.hold {
            sqlx::query("UPDATE blob_holds SET ends_at = $2 WHERE id = $1")
                .bind(id)
                .bind(ends_at)
                .execute(&mut self.writer)
                .await?;
        }
        Ok(())
    }

    /// Hands over all rows of a table as lines, some megabytes at a time; how many
    /// rows there were.
    ///
    /// # Errors
    /// As the database answers, or `each`.
    pub async fn rows<E: From<StoreError>>(
        &mut self,
        table: &Table,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let text = format!("SELECT {} FROM {}", names.join(", "), table.name);
        let (mut lines, mut rows) = (Vec::with_capacity(CHUNK + CHUNK / 4), 0);
        let made = self.reader.each_row(text, |row| {
            write_line(&mut lines, row, &table.columns)?;
            rows += 1;
            if lines.len() >= CHUNK {
                each(&lines).map_err(Stopped::Asked)?;
                lines.clear();
            }
            Ok::<_, Stopped<E>>(())
        });
        made.await.map_err(|stopped| match stopped {
            Stopped::Store(error) => E::from(error),
            Stopped::Asked(error) => error,
        })?;
        if !lines.is_empty() {
            each(&lines)?;
        }
        Ok(rows)
    }

    /// Keys of the blobs that rows refer to.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn blobs(&mut self) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar("SELECT key FROM blobs WHERE doomed_at IS NULL ORDER BY key")
            .fetch_all(&mut self.reader)
            .await?)
    }

    /// Ends it: bytes may go again.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn end(mut self) -> Result<()> {
        self.reader.execute("ROLLBACK").await?;
        if let Some(id) = &self.hold {
            sqlx::query("DELETE FROM blob_holds WHERE id = $1").bind(id).execute(&mut self.writer).await?;
        }
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

/// Why reading a table ended early.
enum Stopped<E> {
    Store(StoreError),
    Asked(E),
}

impl<E> From<StoreError> for Stopped<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<E> From<sqlx::Error> for Stopped<E> {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

fn write_line(lines: &mut Vec<u8>, row: &AnyRow, columns: &[Column]) -> Result<()> {
    lines.push(b'[');
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            lines.push(b',');
        }
        match column.kind {
            Kind::Number => serde_json::to_writer(&mut *lines, &row.try_get::<Option<i64>, _>(place)?)?,
            Kind::Text => serde_json::to_writer(&mut *lines, &row.try_get::<Option<String>, _>(place)?)?,
            Kind::Bytes => {
                let bytes: Option<Vec<u8>> = row.try_get(place)?;
                serde_json::to_writer(&mut *lines, &bytes.map(|bytes| STANDARD.encode(bytes)))?;
            }
        }
    }
    lines.extend_from_slice(b"]\n");
    Ok(())
}
