//! The schema, brought up to date step by step; each step in a transaction of
//! its own and only forward.

use sqlx::{AnyConnection, AssertSqlSafe, Executor};

use crate::database::Dialect;
use crate::error::{Result, StoreError};

/// In order; a released step never changes.
const STEPS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_files.sql"),
    include_str!("../migrations/0003_team.sql"),
    include_str!("../migrations/0004_history.sql"),
    include_str!("../migrations/0005_chats.sql"),
    include_str!("../migrations/0006_groups.sql"),
    include_str!("../migrations/0007_meeting_links.sql"),
];

/// Brings the schema up to date; servers that start at once on one database do
/// so one after the other.
pub(crate) async fn run(conn: &mut AnyConnection, dialect: Dialect) -> Result<()> {
    if dialect == Dialect::Sqlite {
        return steps(conn, dialect).await;
    }
    conn.execute("SELECT pg_advisory_lock(7281946)").await?;
    let done = steps(conn, dialect).await;
    conn.execute("SELECT pg_advisory_unlock(7281946)").await?;
    done
}

async fn steps(conn: &mut AnyConnection, dialect: Dialect) -> Result<()> {
    conn.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").await?;
    let found: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM schema_version").fetch_one(&mut *conn).await?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    for (version, step) in (1i64..).zip(STEPS).filter(|(version, _)| *version > found) {
        let (blob, serial, without_rowid) = match dialect {
            Dialect::Sqlite => ("BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT", " WITHOUT ROWID"),
            Dialect::Postgres => ("BYTEA", "BIGSERIAL PRIMARY KEY", ""),
        };
        let text = step.replace("{blob}", blob).replace("{serial}", serial).replace("{without_rowid}", without_rowid);
        conn.execute(match dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        })
        .await?;
        let done = match conn.execute(AssertSqlSafe(text)).await {
            Ok(_) => {
                sqlx::query("INSERT INTO schema_version (version) VALUES ($1)").bind(version).execute(&mut *conn).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            conn.execute("ROLLBACK").await?;
            return Err(error.into());
        }
        conn.execute("COMMIT").await?;
    }
    Ok(())
}
