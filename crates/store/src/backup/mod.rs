//! Every row of a database: read in one snapshot beside a running server, and
//! loaded into an empty database, of the other kind too.
//!
//! A row is a line of JSON, the values in the order of the table's columns;
//! bytes are base64. What is sealed stays sealed.

mod loading;
mod snapshot;

pub use loading::Loading;
pub use snapshot::Snapshot;

use crate::connection::Connection;
use serde::{Deserialize, Serialize};

use crate::database::Dialect;
use crate::error::{Result, StoreError};
use crate::migrations;

/// What belongs to the machine that wrote it, and to nobody after it.
const NOT_KEPT: &[&str] = &["leases", "blob_holds"];

/// A table as it is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The columns, in the order of a row's values.
    pub columns: Vec<Column>,
    /// The highest number that its serial column has given out; a number is never
    /// given out twice, although its row may be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// How its values are written.
    pub kind: Kind,
}

/// How the values of a column are written; each may also be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A JSON number, 64 bits.
    Number,
    /// A JSON string.
    Text,
    /// A JSON string, base64.
    Bytes,
}

impl Kind {
    /// By the database's name of a column's type.
    fn of(name: &str) -> Result<Self> {
        match name.to_ascii_uppercase().as_str() {
            "BIGINT" | "INTEGER" => Ok(Self::Number),
            "TEXT" => Ok(Self::Text),
            "BLOB" | "BYTEA" => Ok(Self::Bytes),
            other => Err(StoreError::Corrupt(format!("a column of type {other}"))),
        }
    }
}

/// The tables that a schema has, as a backup keeps them.
async fn tables(conn: &mut Connection, dialect: Dialect, version: i64) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for made in migrations::tables(version).into_iter().filter(|made| !NOT_KEPT.contains(&made.name)) {
        let columns = match dialect {
            Dialect::Sqlite => "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
            Dialect::Postgres => {
                "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
            }
        };
        let found: Vec<(String, String)> = sqlx::query_as(columns).bind(made.name).fetch_all(&mut *conn).await?;
        let columns = found
            .into_iter()
            .map(|(name, kind)| Ok(Column { name, kind: Kind::of(&kind)? }))
            .collect::<Result<Vec<_>>>()?;
        let last = match made.serial {
            true => Some(last_number(conn, dialect, made.name).await?),
            false => None,
        };
        tables.push(Table { name: made.name.to_owned(), columns, last });
    }
    Ok(tables)
}

/// The highest number that a table's serial column `seq` has given out, 0 for none.
async fn last_number(conn: &mut Connection, dialect: Dialect, table: &str) -> Result<i64> {
    let sql = match dialect {
        Dialect::Sqlite => "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM sqlite_sequence WHERE name = $1",
        Dialect::Postgres => {
            "SELECT CAST(COALESCE(pg_sequence_last_value(CAST(pg_get_serial_sequence($1, 'seq') AS regclass)), 0) AS BIGINT)"
        }
    };
    Ok(sqlx::query_scalar(sql).bind(table).fetch_one(conn).await?)
}

#[cfg(test)]
mod tests;
