//! Writing: everything of a backup into an empty database, in one transaction.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor};

use super::{Column, Kind, Table, tables};
use crate::connection::Connection;
use crate::database::{Dialect, connect_writer};
use crate::error::{Result, StoreError};
use crate::migrations;
use crate::session_state::Namespace;

/// Values that one statement binds at most; SQLite takes 32,766.
const VALUES: usize = 16_000;

/// A database that is being filled. Nothing of it is there before
/// [`Loading::commit`].
pub struct Loading {
    conn: Connection,
    dialect: Dialect,
    schema: Vec<Table>,
}

impl Loading {
    /// Makes the schema `version` at `url`, where nothing may be yet.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`]; [`StoreError::NewerSchema`] when the backup is
    /// a newer program's.
    pub async fn begin(url: &str, version: i64) -> Result<Self> {
        let dialect = Dialect::of(url);
        let known = migrations::known();
        if version > known {
            return Err(StoreError::NewerSchema { found: version, known });
        }
        let connect = match dialect {
            Dialect::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        };
        let mut conn = connect_writer(&connect, dialect).await?;
        migrations::run(&mut conn, dialect, version).await?;
        conn.execute(match dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN; SELECT pg_advisory_xact_lock(7281947)",
        })
        .await?;
        let accounts: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM accounts").fetch_one(&mut conn).await?;
        if accounts > 0 || migrations::version(&mut conn).await? != version {
            return Err(StoreError::NotEmpty);
        }
        let schema = tables(&mut conn, dialect, version).await?;
        Ok(Self { conn, dialect, schema })
    }

    /// Writes rows of a table, as [`super::Snapshot::rows`] has handed them over;
    /// how many.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when table, columns or rows are not ours.
    pub async fn rows(&mut self, table: &Table, lines: &[u8]) -> Result<u64> {
        let ours = self.ours(table)?;
        let columns = ours.columns.clone();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let into = format!("INSERT INTO {} ({}) VALUES ", ours.name, names.join(", "));
        let mut rows = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).peekable();
        let mut written = 0;
        while rows.peek().is_some() {
            let mut values: Vec<Vec<Value>> = Vec::new();
            while (values.len() + 1) * columns.len() <= VALUES
                && let Some(line) = rows.next()
            {
                let row: Vec<Value> = serde_json::from_slice(line)?;
                if row.len() != columns.len() {
                    return Err(StoreError::Corrupt(format!("a row of {} with {} values", table.name, row.len())));
                }
                values.push(row);
            }
            written += values.len() as u64;
            self.insert(&into, &columns, values).await?;
        }
        Ok(written)
    }

    async fn insert(&mut self, into: &str, columns: &[Column], rows: Vec<Vec<Value>>) -> Result<()> {
        let mut text = into.to_owned();
        let mut place = 0;
        for row in 0..rows.len() {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..columns.len() {
                place += 1;
                text.push_str(if column == 0 { "$" } else { ", $" });
                text.push_str(&place.to_string());
            }
            text.push(')');
        }
        let mut query = sqlx::query(AssertSqlSafe(text)).persistent(false);
        for row in rows {
            for (column, value) in columns.iter().zip(row) {
                let wrong = || StoreError::Corrupt(format!("a value of {} is no {:?}", column.name, column.kind));
                query = match (column.kind, value) {
                    (Kind::Number, Value::Null) => query.bind(None::<i64>),
                    (Kind::Number, value) => query.bind(Some(value.as_i64().ok_or_else(wrong)?)),
                    (Kind::Text, Value::Null) => query.bind(None::<String>),
                    (Kind::Text, Value::String(text)) => query.bind(Some(text)),
                    (Kind::Bytes, Value::Null) => query.bind(None::<Vec<u8>>),
                    (Kind::Bytes, Value::String(text)) => query.bind(Some(STANDARD.decode(text).map_err(|_| wrong())?)),
                    _ => return Err(wrong()),
                };
            }
        }
        query.execute(&mut self.conn).await?;
        Ok(())
    }

    /// The table of that name, which must have the same columns.
    fn ours(&self, table: &Table) -> Result<&Table> {
        let ours = self.schema.iter().find(|ours| ours.name == table.name);
        let Some(ours) = ours else {
            return Err(StoreError::Corrupt(format!("a table {} that this schema does not have", table.name)));
        };
        if ours.columns != table.columns {
            return Err(StoreError::Corrupt(format!("the columns of {} are others", table.name)));
        }
        Ok(ours)
    }

    /// Forgets what must not come back from the past: these kinds of session
    /// state, of all numbers.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_session_state(&mut self, kinds: &[Namespace]) -> Result<()> {
        for kind in kinds {
            sqlx::query("DELETE FROM session_state WHERE ns = $1")
                .bind(i64::from(kind.0))
                .execute(&mut self.conn)
                .await?;
        }
        Ok(())
    }

    /// Whether a blob of this key belongs to what was loaded.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn knows_blob(&mut self, key: &str) -> Result<bool> {
        let found: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM blobs WHERE key = $1").bind(key).fetch_one(&mut self.conn).await?;
        Ok(found > 0)
    }

    /// Sets where serial columns go on, makes everything durable, and brings the
    /// schema up to date.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn commit(mut self, tables: &[Table]) -> Result<()> {
        for table in tables {
            let name = self.ours(table)?.name.clone();
            let Some(last) = table.last.filter(|last| *last > 0) else { continue };
            match self.dialect {
                Dialect::Sqlite => {
                    sqlx::query("DELETE FROM sqlite_sequence WHERE name = $1")
                        .bind(&name)
                        .execute(&mut self.conn)
                        .await?;
                    sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)")
                        .bind(&name)
                        .bind(last)
                        .execute(&mut self.conn)
                        .await?;
                }
                Dialect::Postgres => {
                    sqlx::query("SELECT setval(CAST(pg_get_serial_sequence($1, 'seq') AS regclass), $2)")
                        .bind(&name)
                        .bind(last)
                        .execute(&mut self.conn)
                        .await?;
                }
            }
        }
        self.conn.execute("COMMIT").await?;
        migrations::run(&mut self.conn, self.dialect, migrations::known()).await?;
        self.conn.close().await?;
        Ok(())
    }
}
